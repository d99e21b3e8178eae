//! Everyone's guide rots: every path that a page names exists, and so does every rule, case, control,
//! decision and test that pages and comments cite.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use regex::Regex;

use super::Violation;
use crate::TextFile;

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

/// Named by a page, made by those who follow it.
const MADE_LATER: &[(&str, &str)] = &[
    ("deploy/secrets", "the operator's secrets, one file each"),
    ("benches/target", "build results"),
    ("docs/adr/0003-….md", "an example of the form"),
];

/// The pages that are cited by a part.
const CITED: &[&str] =
    &["docs/product.md", "docs/cases.md", "docs/controls.md", "docs/http.md", "ARCHITECTURE.md"];

/// Where a rule is cited in an old form that nothing can resolve.
const OLD_FORMS: &str =
    r"\b(?:product|cases|api|architecture|controls) page\b|\(cases, |\bissue \d+, section";

/// Documents of others that are cited by number, and how many sections each has: a citation of
/// another one is a slip, or a line to be added here.
const RFCS: &[(u32, u32, &str)] = &[
    (1123, 6, "requirements for Internet hosts"),
    (2104, 7, "HMAC"),
    (3339, 8, "date and time on the Internet"),
    (4180, 7, "CSV"),
    (5321, 10, "SMTP"),
    (6177, 8, "IPv6 address assignment to end sites"),
    (6265, 10, "cookies"),
    (6454, 12, "the web origin concept"),
    (6901, 10, "JSON pointer"),
    (7239, 10, "the header Forwarded"),
    (9110, 19, "HTTP semantics"),
    (9457, 8, "problem details"),
    (9562, 9, "UUIDs"),
];
/// Chapters of OWASP ASVS 5.0.
const ASVS_CHAPTERS: u32 = 17;

static CITATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"((?:docs/[a-z_-]+|ARCHITECTURE)\.md), (?:section (\d+)|"([^"]+)"|([A-Z]{2}-\d+(?:(?:, | and )[A-Z]{2}-\d+)*))"#).ok()
});
static OLD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(OLD_FORMS).ok());
static CONTROL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b([A-Z]{2})-\d+\b").ok());
static RFC: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bRFC (\d+)(?:, (?:sections? )?(\d+)(?:\.\d+)*)?").ok());
static ASVS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\bASVS 5\.0(?:\.\d)?, (?:sections? )?V?(\d+)\.\d+").ok());
static PATH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[\s(`\[])((?:docs|tests|shared|domains|apps|migrations|deploy|\.ci)/[\w./…-]+\.(?:md|rs|sql|py|toml|yml|mjs|json|csv))\b").ok()
});
static TEST_NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"`([a-z][a-z0-9]*(?:_[a-z0-9]+){4,})`").ok());

/// Every path in the pages exists. `exists` says whether the tree has a file or a folder.
#[must_use]
pub fn every_path_exists(files: &[TextFile], exists: &dyn Fn(&str) -> bool) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for page in pages(files) {
        let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (path, line) in quoted(&page.text).into_iter().filter(|(path, _)| is_ours(path)) {
            if !exists(path) {
                let what = format!("names `{path}`, which is not there");
                wrong.push(Violation::new(&page.path, line, what));
            }
        }
        for (link, line) in links(&page.text) {
            let target = link.split('#').next().unwrap_or_default();
            let there = joined(folder, target).is_some_and(|path| exists(&path));
            if !target.is_empty() && !there {
                let what = format!("links to {link}, which is not there");
                wrong.push(Violation::new(&page.path, line, what));
            }
        }
    }
    wrong
}

/// Every citation, in pages, code and SQL, leads to something.
#[must_use]
pub fn every_citation_resolves(
    files: &[TextFile],
    exists: &dyn Fn(&str) -> bool,
) -> Vec<Violation> {
    let parts = Parts::read(files);
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| may_cite(file)) {
        for (line, text) in paragraphs(file) {
            let mut say = |what: String| wrong.push(Violation::new(&file.path, line, what));
            parts.check(&text, &mut say);
            for old in OLD.iter().flat_map(|old| old.find_iter(&text)) {
                say(format!("cites in a form nothing resolves: {}", old.as_str().trim()));
            }
            outside(&text, &mut say);
            for path in captures(&PATH, &text).filter(|path| !made_later(path)) {
                // A crate names its own files from its folder.
                let own = package_folder(&file.path).map(|folder| format!("{folder}/{path}"));
                if !exists(&path) && !own.is_some_and(|path| exists(&path)) {
                    say(format!("cites {path}, which is not there"));
                }
            }
        }
    }
    wrong
}

/// The folder of the crate that a file is in.
fn package_folder(path: &str) -> Option<&str> {
    ["/src/", "/tests/"].iter().find_map(|part| Some(path.split_once(part)?.0))
}

/// Every test that a page names, by a name of five words or more, is somewhere in the code.
#[must_use]
pub fn every_test_named_exists(files: &[TextFile]) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for page in pages(files) {
        for (number, line) in page.text.lines().enumerate() {
            for name in captures(&TEST_NAME, line) {
                let code = files.iter().filter(|file| file.is("rs") || file.is("sql"));
                if !code.into_iter().any(|file| file.text.contains(&name)) {
                    let what = format!("names `{name}`, which no code has");
                    wrong.push(Violation::new(&page.path, number + 1, what));
                }
            }
        }
    }
    wrong
}

fn captures(pattern: &LazyLock<Option<Regex>>, text: &str) -> impl Iterator<Item = String> {
    let found: Vec<String> = pattern
        .iter()
        .flat_map(|pattern| pattern.captures_iter(text))
        .filter_map(|found| Some(found.get(1)?.as_str().to_owned()))
        .collect();
    found.into_iter()
}

/// The parts of the pages that can be cited.
struct Parts {
    sections: BTreeMap<String, BTreeSet<String>>,
    headings: BTreeMap<String, BTreeSet<String>>,
    controls: BTreeSet<String>,
}

impl Parts {
    fn read(files: &[TextFile]) -> Self {
        let mut parts = Self {
            sections: BTreeMap::new(),
            headings: BTreeMap::new(),
            controls: BTreeSet::new(),
        };
        for page in files.iter().filter(|file| CITED.contains(&file.path.as_str())) {
            for line in page.text.lines() {
                if let Some(heading) = line.strip_prefix('#') {
                    let heading = heading.trim_start_matches('#').trim();
                    let headings = parts.headings.entry(page.path.clone()).or_default();
                    headings.insert(heading.to_owned());
                    if let Some((number, name)) = heading.split_once(". ") {
                        headings.insert(name.to_owned());
                        let sections = parts.sections.entry(page.path.clone()).or_default();
                        sections.insert(number.to_owned());
                    }
                }
                let id = line.strip_prefix("| ").and_then(|row| row.split(' ').next());
                if page.path == "docs/controls.md" && id.is_some_and(is_control) {
                    parts.controls.extend(id.map(str::to_owned));
                }
            }
        }
        parts
    }

    fn check(&self, text: &str, say: &mut dyn FnMut(String)) {
        let citations = CITATION.iter().flat_map(|pattern| pattern.captures_iter(text));
        for citation in citations {
            let part = |at: usize| citation.get(at).map(|part| part.as_str());
            let page = part(1).unwrap_or_default();
            let has = |of: &BTreeMap<String, BTreeSet<String>>, name: &str| {
                of.get(page).is_some_and(|names| names.contains(name))
            };
            if part(2).is_some_and(|section| !has(&self.sections, section))
                || part(3).is_some_and(|heading| !has(&self.headings, heading))
            {
                say(format!("cites {}, which {page} does not have", &citation[0]));
            }
        }
        // A control is named by its id wherever it is named.
        let groups: BTreeSet<&str> = self.controls.iter().filter_map(|id| id.get(..2)).collect();
        for found in CONTROL.iter().flat_map(|pattern| pattern.captures_iter(text)) {
            let id = &found[0];
            if groups.contains(&found[1]) && !self.controls.contains(id) {
                say(format!("names the control {id}, which docs/controls.md does not have"));
            }
        }
    }
}

fn is_control(id: &str) -> bool {
    CONTROL
        .as_ref()
        .is_some_and(|pattern| pattern.find(id).is_some_and(|found| found.as_str() == id))
}

/// Checks what is cited of the documents of others.
fn outside(text: &str, say: &mut dyn FnMut(String)) {
    let number = |found: Option<regex::Match<'_>>| found?.as_str().parse::<u32>().ok();
    for found in RFC.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let known = RFCS.iter().find(|(rfc, ..)| Some(*rfc) == number(found.get(1)));
        match (known, number(found.get(2))) {
            (None, _) => say(format!("cites {}, which the gate's list does not have", &found[0])),
            (Some((_, sections, name)), Some(section)) if section > *sections => {
                say(format!("cites {}, which {name} does not have", &found[0]));
            }
            _ => {}
        }
    }
    for found in ASVS.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        if number(found.get(1)).is_none_or(|chapter| !(1..=ASVS_CHAPTERS).contains(&chapter)) {
            say(format!("cites {}, which ASVS does not have", &found[0]));
        }
    }
}

/// Pages for people: those at the top and below `docs`.
fn pages(files: &[TextFile]) -> impl Iterator<Item = &TextFile> {
    files.iter().filter(|file| {
        file.is("md") && (!file.path.contains('/') || file.path.starts_with("docs/"))
    })
}

fn may_cite(file: &TextFile) -> bool {
    let ending = file.path.rsplit('.').next().unwrap_or_default();
    // The gate itself names what it refuses.
    let itself = file.path.starts_with("tests/tree/src/");
    !itself && ["rs", "sql", "toml", "py", "md", "yml", "mjs", "sh", "html"].contains(&ending)
}

/// The text of a file with the lines of each comment or paragraph joined, so that a citation may
/// wrap; with the line each begins on.
fn paragraphs(file: &TextFile) -> Vec<(usize, String)> {
    let code = !file.is("md");
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in file.text.lines().enumerate() {
        let line = line.trim();
        let comment =
            ["///", "//!", "//", "--", "#"].iter().find_map(|mark| line.strip_prefix(mark));
        let text = if code { comment.unwrap_or(line) } else { line }.trim();
        let goes_on = open && (!code || comment.is_some()) && !text.is_empty();
        match found.last_mut().filter(|_| goes_on) {
            Some((_, joined)) => {
                joined.push(' ');
                joined.push_str(text);
            }
            None => found.push((number + 1, text.to_owned())),
        }
        open = (comment.is_some() || !code) && !text.is_empty();
    }
    found
}

/// What stands between single backticks, on one line, outside fenced blocks.
fn quoted(page: &str) -> Vec<(&str, usize)> {
    let mut fenced = false;
    let mut all = Vec::new();
    for (number, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            all.extend(line.split('`').skip(1).step_by(2).map(|quoted| (quoted, number + 1)));
        }
    }
    all
}

fn is_ours(quoted: &str) -> bool {
    let plain = quoted.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c));
    let first = quoted.split('/').next().unwrap_or_default();
    plain && TOP.contains(&first) && !made_later(quoted)
}

fn made_later(path: &str) -> bool {
    // A form of names: `mYYYYMMDD_what.sql`.
    path.contains("YYYY") || MADE_LATER.iter().any(|(later, _)| path.starts_with(later))
}

/// The targets of Markdown links that stay in the tree.
fn links(page: &str) -> Vec<(&str, usize)> {
    let mut all = Vec::new();
    for (number, line) in page.lines().enumerate() {
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let inside = targets.filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
        all.extend(inside.map(|link| (link, number + 1)));
    }
    all
}

/// Where a link from a folder leads, below the root; none when it leaves the tree.
fn joined(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(more: &[(&str, &str)]) -> Vec<TextFile> {
        let pages = [
            ("docs/product.md", "# Rules\n## 1. People\n## 6. Weekly ordering\n### Weeks\n"),
            ("docs/cases.md", "# Cases\n## Confirm\n"),
            (
                "docs/controls.md",
                "| control | what |\n|---|---|\n| BR-1 | cookies |\n| LO-2 | logs |\n",
            ),
            ("docs/http.md", "# HTTP\n## Cookies\n"),
            ("ARCHITECTURE.md", "# Architecture\n## Tenancy\n"),
            (
                "domains/food/src/a.rs",
                "#[test]\nfn a_retry_after_a_lost_reply_consumes_nothing() {}\n",
            ),
        ];
        pages.iter().chain(more).map(|(path, text)| TextFile::new(*path, *text)).collect()
    }

    fn exists(files: &[TextFile]) -> impl Fn(&str) -> bool {
        let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        move |path| paths.iter().any(|file| file == path || file.starts_with(&format!("{path}/")))
    }

    #[test]
    fn a_path_or_a_link_that_leads_nowhere_is_found() {
        for (text, wrong) in [
            ("see `docs/product.md` and [cases](cases.md#confirm) and `domains/food`", 0),
            ("see `docs/gone.md`", 1),
            ("see [it](gone.md)", 1),
            ("see [it](../../outside.md)", 1),
            ("see `apps/api/src/gone.rs`", 1),
        ] {
            let files = tree(&[("docs/guide.md", text)]);
            let found = every_path_exists(&files, &exists(&files));
            assert_eq!(found.len(), wrong, "{text}: {found:#?}");
        }
    }

    #[test]
    fn citations_that_resolve_are_no_breach() {
        let text = "//! Confirms (docs/product.md, section 6; docs/cases.md,\n//! \"Confirm\"). See docs/controls.md, BR-1 and LO-2, ARCHITECTURE.md, \"Tenancy\",\n//! docs/product.md, \"Weeks\", RFC 9457 and RFC 9110, sections 8.8.3 and 13.1.1, and\n//! OWASP ASVS 5.0, section 6.2. EU-14 and UTF-8 are no controls. tests/it/b.rs\n//! checks it, and domains/food/src/a.rs.\n";
        let files = tree(&[("domains/food/src/b.rs", text), ("domains/food/tests/it/b.rs", "")]);
        assert_eq!(every_citation_resolves(&files, &exists(&files)), Vec::new());
    }

    #[test]
    fn a_citation_that_leads_nowhere_is_found() {
        for text in [
            "//! See docs/product.md, section 7.",
            "//! See docs/product.md,\n//! section 7.",
            "//! See docs/cases.md, \"Confirmed\".",
            "//! See docs/http.md, \"Biscuits\".",
            "//! See ARCHITECTURE.md, \"Nowhere\".",
            "//! See docs/controls.md, BR-9.",
            "//! See docs/controls.md, BR-1 and LO-9.",
            "// It is BR-7.",
            "//! As the product page, section 6, says.",
            "//! As the cases page says.",
            "//! (cases, \"Confirm\")",
            "//! (issue 2, section 1)",
            "//! See RFC 9999.",
            "//! See RFC 9457, section 12.",
            "//! See OWASP ASVS 5.0, section 99.1.",
            "//! See docs/adr/0009-gone.md for more.",
            "//! tests/gates/gone.rs checks it.",
            "//! tests/it/gone.rs checks it.",
        ] {
            let files = tree(&[("domains/food/src/b.rs", text)]);
            let found = every_citation_resolves(&files, &exists(&files));
            assert_eq!(found.len(), 1, "{text}: {found:#?}");
        }
    }

    #[test]
    fn a_citation_in_sql_and_in_a_page_is_read_too() {
        for (path, text) in [
            ("migrations/src/sql/a.sql", "-- docs/product.md,\n-- section 77\n"),
            ("docs/guide.md", "As docs/product.md,\nsection 77 says.\n"),
        ] {
            let files = tree(&[(path, text)]);
            let found = every_citation_resolves(&files, &exists(&files));
            let [one] = found.as_slice() else { panic!("{path}: {found:#?}") };
            assert_eq!((one.file.as_str(), one.line), (path, 1));
        }
    }

    #[test]
    fn a_test_that_a_page_names_and_nobody_wrote_is_found() {
        let known = tree(&[("docs/guide.md", "see `a_retry_after_a_lost_reply_consumes_nothing`")]);
        assert_eq!(every_test_named_exists(&known), Vec::new());
        let gone = tree(&[("docs/guide.md", "see `a_test_that_nobody_ever_wrote`")]);
        assert_eq!(every_test_named_exists(&gone).len(), 1);
    }
}
