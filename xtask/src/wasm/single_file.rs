//! The page as one file, for people who open it from a disk: there a browser loads no modules.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use super::page::{File, compressed, found, text, wrong};
use crate::step::Failed;

/// Puts style, script and data into the page, which then allows these alone.
pub(super) fn of(files: &[File]) -> Result<File, Failed> {
    let [style, script] = [text(files, "style.css")?, text(files, "simulator.js")?];
    let policy = format!(
        "default-src 'none'; script-src '{}' 'wasm-unsafe-eval'; style-src '{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        hash(&script),
        hash(&style)
    );
    let packed = BASE64_STANDARD.encode(compressed(&found(files, "glue_bg.wasm")?.bytes));
    let end = format!(r#"<script type="text/plain" id="file-glue_bg.wasm">{packed}</script>"#);
    let mut page = text(files, "index.html")?;
    let before = page.split_once("default-src").ok_or_else(|| wrong("default-src"))?.1;
    let served = format!("default-src{}", before.split('"').next().unwrap_or_default());
    for (place, replacement) in [
        (served.as_str(), policy),
        (r#"<link rel="preload" href="glue_bg.wasm" as="fetch" crossorigin>"#, String::new()),
        (r#"<link rel="stylesheet" href="style.css">"#, format!("<style>{style}</style>")),
        (r#"<script type="module" src="simulator.js"></script>"#, String::new()),
        // The book is not beside it.
        (r#" data-docs="../""#, String::new()),
        ("</body>", format!("{end}\n<script type=\"module\">{script}</script>\n</body>")),
    ] {
        let from = page.find(place).ok_or_else(|| wrong(place))?;
        page.replace_range(from..from + place.len(), &replacement);
    }
    Ok(File { name: "simulator.html".to_owned(), bytes: page.into_bytes() })
}

/// As a Content-Security-Policy names what is inline.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}
