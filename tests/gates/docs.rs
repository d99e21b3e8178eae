//! Everyone's guide rots: every path that a page names exists.

use std::path::{Component, Path, PathBuf};

use bk_tests::tree::{TextFile, files, root};

/// What is at the top of the tree: a name that begins with one of these is a path of ours.
const TOP: &[&str] = &[
    "apps",
    "domains",
    "shared",
    "migrations",
    "tests",
    "benches",
    "openapi",
    "docs",
    "deploy",
    ".ci",
    ".config",
    "Cargo.toml",
    "clippy.toml",
    "deny.toml",
    "rustfmt.toml",
    "justfile",
    "Dockerfile",
    "docker-compose.yml",
    ".env.example",
];

/// Named by a page, made by whoever follows it.
const MADE_LATER: &[(&str, &str)] = &[
    ("deploy/secrets", "the operator's secrets, one file each"),
    ("benches/target", "build results"),
];

fn pages() -> Vec<TextFile> {
    let mut pages = files("docs", &[".md"]).unwrap();
    pages.extend(files("", &[".md"]).unwrap().into_iter().filter(|page| !page.path.contains('/')));
    assert!(pages.iter().any(|page| page.path == "README.md"), "the pages were found");
    pages
}

#[test]
fn every_path_in_the_guides_exists() {
    let mut missing = Vec::new();
    for page in pages() {
        let here = root().join(&page.path);
        let here = here.parent().unwrap_or(root());
        for path in quoted(&page.text).into_iter().filter(|path| is_ours(path)) {
            if !root().join(path).exists() {
                missing.push(format!("{} names `{path}`", page.path));
            }
        }
        for link in links(&page.text) {
            let target = link.split('#').next().unwrap_or_default();
            if !target.is_empty() && !exists(here, target) {
                missing.push(format!("{} links to {link}", page.path));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// What stands between single backticks, on one line, outside fenced blocks.
fn quoted(page: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut all = Vec::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            all.extend(line.split('`').skip(1).step_by(2));
        }
    }
    all
}

fn is_ours(quoted: &str) -> bool {
    let plain = quoted.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c));
    let first = quoted.split('/').next().unwrap_or_default();
    let made_later = MADE_LATER.iter().any(|(path, _)| quoted.starts_with(path));
    plain && TOP.contains(&first) && !made_later
}

/// The targets of Markdown links that stay in the tree.
fn links(page: &str) -> Vec<&str> {
    page.match_indices("](")
        .filter_map(|(at, _)| page[at + 2..].split(')').next())
        .filter(|link| !link.contains("://") && !link.starts_with("mailto:"))
        .collect()
}

/// Whether a link from a folder leads to something inside the tree.
fn exists(from: &Path, target: &str) -> bool {
    let mut path = PathBuf::new();
    for part in from.join(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
    }
    path.starts_with(root()) && path.exists()
}
