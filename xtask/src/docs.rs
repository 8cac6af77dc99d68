//! `cargo xtask docs`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::files::listed;
use crate::step::{Failed, Step, root, target};
use crate::{tools, wasm};

/// Builds the book into `target/book`, with the simulator in it, and follows every link that stays inside.
pub(crate) fn run() -> Result<(), Failed> {
    let program = tools::bring_book_builder()?;
    wasm::run()?;
    let book = target().join("book");
    Step::new("book", &program, &["build", "docs", "--dest-dir", &book.display().to_string()]).run()?;
    let simulator = book.join("simulator");
    if simulator.exists() {
        // The book has copied the page's sources.
        fs::remove_dir_all(&simulator).map_err(|error| Failed::file(&simulator, error))?;
    }
    copy(&target().join("simulator"), &simulator)?;
    follow_links(&book)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    fs::create_dir_all(to).map_err(|error| Failed::file(to, error))?;
    for path in listed(from)? {
        let copied = to.join(path.file_name().unwrap_or_default());
        fs::copy(&path, &copied).map_err(|error| Failed::file(&copied, error))?;
    }
    Ok(())
}

/// Fails if a page names a file or an anchor that is not there.
fn follow_links(book: &Path) -> Result<(), Failed> {
    let mut pages = BTreeMap::new();
    for path in listed(book)?.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "html")) {
        let text = fs::read_to_string(&path).map_err(|error| Failed::file(&path, error))?;
        pages.insert(path, text);
    }
    let mut followed = 0;
    let mut broken = Vec::new();
    for (page, text) in &pages {
        // One is for web servers that don't find a page, the other holds all pages once more.
        if page.file_name().is_some_and(|name| name == "404.html" || name == "print.html") {
            continue;
        }
        for link in links(text).filter(|link| is_inside(link)) {
            followed += 1;
            if !leads_somewhere(book, page, link, &pages) {
                broken.push(format!("{} in {}", link, page.display()));
            }
        }
    }
    if followed == 0 || !broken.is_empty() {
        let why = format!("of {followed} links are broken: {}", broken.join(", "));
        return Err(Failed::Wrong { what: "the book", why });
    }
    println!("{followed} links lead somewhere; open {}", book.join("index.html").display());
    Ok(())
}

fn links(text: &str) -> impl Iterator<Item = &str> {
    let attributes = ["href=\"", "src=\""].into_iter().flat_map(|name| text.split(name).skip(1));
    attributes.filter_map(|rest| rest.split('"').next())
}

fn is_inside(link: &str) -> bool {
    !link.is_empty() && !link.contains("://") && !link.starts_with("data:") && !link.starts_with("mailto:")
}

fn leads_somewhere(book: &Path, page: &Path, link: &str, pages: &BTreeMap<PathBuf, String>) -> bool {
    let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let folder = page.parent().unwrap_or(book);
    let path = if file.is_empty() { page.to_owned() } else { plain(&folder.join(file)) };
    let path = if path.is_dir() { path.join("index.html") } else { path };
    match (pages.get(&path), anchor) {
        (Some(text), Some(anchor)) => anchor.is_empty() || text.contains(&format!("id=\"{anchor}\"")),
        (Some(_), None) => true,
        // The simulator reads its anchor itself.
        (None, Some(anchor)) => path.exists() && anchor.strip_prefix("example=").is_none_or(is_example),
        (None, None) => path.exists(),
    }
}

fn is_example(name: &str) -> bool {
    root().join("examples/scenarios").join(format!("{name}.json")).exists()
}

/// A path without `..` in it.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, component| {
        match component {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            component => plain.push(component),
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nowhere_is_noticed() {
        let book = root().join("docs");
        let page = book.join("a.html");
        let pages = BTreeMap::from([(page.clone(), r#"<h2 id="here">"#.to_owned())]);
        let leads = |link| leads_somewhere(&book, &page, link, &pages);
        for link in ["#here", "a.html#here", "./a.html", "../README.md", "simulator/index.html#example=limit-is-met"] {
            assert!(leads(link), "{link}");
        }
        for link in ["#there", "a.html#there", "b.html", "../b", "simulator/index.html#example=no-such"] {
            assert!(!leads(link), "{link}");
        }
    }

    #[test]
    fn links_are_those_of_anchors_and_images_that_stay_inside() {
        let text = r#"<a href="b.html"><img src="c.svg"><a href="https://example.com/"><a href="mailto:a@b">"#;
        assert_eq!(links(text).filter(|link| is_inside(link)).collect::<Vec<_>>(), ["b.html", "c.svg"]);
    }
}
