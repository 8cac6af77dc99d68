//! `cargo xtask docs`

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::step::{Failed, Step, target};
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
    for path in entries(from)? {
        let copied = to.join(path.file_name().unwrap_or_default());
        fs::copy(&path, &copied).map_err(|error| Failed::file(&copied, error))?;
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let entries = fs::read_dir(folder).map_err(|error| Failed::file(folder, error))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect::<Result<_, _>>().map_err(|error| Failed::file(folder, error))
}

/// Fails if a page names a file or an anchor that is not there.
fn follow_links(book: &Path) -> Result<(), Failed> {
    let mut pages = BTreeMap::new();
    for path in entries(book)?.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "html")) {
        let text = fs::read_to_string(&path).map_err(|error| Failed::file(&path, error))?;
        pages.insert(path, text);
    }
    let mut followed = 0;
    let mut broken = Vec::new();
    for (page, text) in &pages {
        // This one is for web servers that don't find a page, and for printing all of them.
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
    if !broken.is_empty() {
        return Err(Failed::Wrong { what: "the book", why: format!("broken links: {}", broken.join(", ")) });
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
        // Pages of the simulator read their anchor themselves.
        (None, _) => path.exists(),
    }
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
