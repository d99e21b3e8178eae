//! One word for one thing (docs/glossary.md): the names that code declares, and prose, do without
//! the words that were retired.
//!
//! Names of Rust are read with `syn`. JSON fields, columns, paths, error codes, permission and role
//! keys keep the words they were published with, and are not read. In prose only those words are
//! refused that plain English does not need.

use regex::Regex;

use super::Violation;
use crate::{
    TextFile,
    rust::{
        ReadError,
        names::{Kind, Name, declared_names},
    },
};

/// How a retired word is looked for in a name.
enum Form {
    /// As one of the name's words.
    Word(&'static str),
    /// As some of the name's words, one after the other.
    Phrase(&'static [&'static str]),
    /// The same, in the name of a thing of one of these kinds.
    WordOf(&'static [Kind], &'static str),
    /// As the whole name, in any case.
    Whole(&'static str),
    /// As the whole name of a thing of this kind, written exactly so.
    Named(Kind, &'static str),
    /// As the beginning of a constant's name.
    Prefix(&'static str),
}

use Form::{Named, Phrase, Prefix, Whole, Word, WordOf};

/// The whole tree.
const ALL: &[&str] = &[""];
const DOMAINS: &[&str] = &["domains/"];
const KITCHEN: &[&str] = &["domains/kitchen/", "apps/", "tests/", "benches/"];
const BILLING: &[&str] = &["domains/billing/"];
const IDENTITY: &[&str] = &["domains/identity/"];
const PERSISTENCE: &[&str] = &["shared/persistence/"];
const GUARD: &[&str] = &["shared/guard/"];
const SIMULATOR: &[&str] = &["apps/stripe-sim/"];
const FIXTURES: &[&str] = &["domains/", "apps/bk/", "benches/", "tests/"];
/// Where rows are read.
const ROWS: &[&str] = &["domains/", "shared/audit/", "shared/persistence/"];
/// What is not a role: the role `kitchen` keeps its name.
const NO_ROLE: &[Kind] = &[Kind::Field, Kind::Fn, Kind::Local, Kind::Type];
const TENANTS: &[&str] = &["domains/admin/", "domains/billing/", "domains/identity/", "shared/"];

/// The retired words: where they are, how they look, and what is said instead.
const RETIRED: &[(&[&str], Form, &str)] = &[
    (&["apps/", "domains/", "shared/"], Word("visit"), "request state"),
    (GUARD, Whole("way"), "admission, handler outcome"),
    (GUARD, Whole("ran"), "handler outcome"),
    (GUARD, Whole("once"), "idempotent request"),
    (GUARD, Whole("counted"), "rate-limit result"),
    (ALL, Word("meters"), "route metrics"),
    (ALL, Word("dress"), "apply_response_headers"),
    (ALL, Phrase(&["hand", "on"]), "restore_payload"),
    (
        &["apps/api/", "domains/admin/", "domains/identity/", "domains/kitchen/", "shared/"],
        Word("settle"),
        "normalize_error, record",
    ),
    (ALL, Word("tell"), "publish, record_audit, notify"),
    (ALL, Word("tells"), "publish, record_audit, notify"),
    (ALL, Word("told"), "published, audited, notified"),
    (ALL, Word("telling"), "publishing, notifying"),
    (ALL, Word("aftermath"), "commit outcome"),
    (ALL, Word("hearing"), "listener"),
    (ALL, Word("hear"), "listen"),
    (ALL, Word("hears"), "listens"),
    (ALL, Word("ear"), "listener"),
    (ALL, Word("nudge"), "wake"),
    (ALL, Word("nudging"), "waking"),
    (ALL, Word("upkeep"), "maintenance"),
    (PERSISTENCE, Word("session"), "transaction"),
    (ALL, Word("pile"), "log buffer"),
    (ALL, Word("carrier"), "log writer"),
    (&["shared/telemetry/"], Word("room"), "capacity"),
    (ALL, Word("ground"), "startup resources"),
    (ALL, Whole("back"), "worker side"),
    (&["apps/", "shared/"], Whole("reach"), "open"),
    (&["apps/", "shared/"], Whole("leave"), "close"),
    (ALL, Phrase(&["take", "turn"]), "lock"),
    (&["apps/", "shared/persistence/"], Whole("place"), "server directories"),
    (ALL, Word("door"), "surface"),
    (ALL, Word("nobody"), "unknown tenant, dummy hash, anonymous"),
    (ALL, Word("nobodys"), "unknown, dummy"),
    (ALL, Word("whoever"), "caller, user, operator"),
    (ALL, Word("somebody"), "caller, user, client"),
    (IDENTITY, Word("live"), "cached session"),
    (ALL, Phrase(&["make", "room"]), "evict_oldest"),
    (IDENTITY, Word("waiting"), "throttle state"),
    (ALL, Phrase(&["forgotten", "at"]), "expires_at"),
    (ALL, Named(Kind::Type, "By"), "operation context"),
    (ALL, Named(Kind::Type, "Acting"), "operation context"),
    (ALL, Named(Kind::Type, "Author"), "operation context"),
    (DOMAINS, Named(Kind::Type, "Cause"), "operation context"),
    (ALL, Named(Kind::Type, "OrderCause"), "operation context"),
    (ALL, Named(Kind::Type, "LockedBy"), "operation context"),
    (ALL, Word("verdict"), "settlement decision, outcome"),
    (ALL, Word("park"), "hold"),
    (ALL, Word("attention"), "review reason"),
    (BILLING, Whole("labels"), "metadata"),
    (BILLING, Word("seen"), "snapshot"),
    (BILLING, Named(Kind::Mod, "webhooks"), "stripe_events"),
    (
        &["domains/", "apps/", "tests/", "benches/"],
        Word("book"),
        "catalogue snapshot; in the simulator: account",
    ),
    (ALL, Word("cookbook"), "catalogue snapshot"),
    (
        &["domains/kitchen/src/catalogue/", "domains/kitchen/catalogue/"],
        Whole("hold"),
        "lock_catalogue",
    ),
    (ALL, Phrase(&["begin", "change"]), "bump_version_and_notify"),
    (ALL, Word("deal"), "assign_sides, distribute"),
    (ALL, Word("dealt"), "assigned, distributed"),
    (KITCHEN, Word("deck"), "assign_sides"),
    (&["domains/kitchen/"], Word("take"), "reserve_meals"),
    (&["domains/kitchen/"], Word("assess"), "evaluate_order"),
    (&["domains/kitchen/"], Word("offer"), "product, on_menu, for_sale"),
    (&["domains/kitchen/"], Word("offers"), "products"),
    (&["domains/kitchen/"], Word("offered"), "on_menu, for_sale"),
    (&["domains/kitchen/"], Word("wished"), "requested"),
    (&["domains/kitchen/"], Word("component"), "side"),
    (&["domains/kitchen/"], Word("components"), "sides"),
    (&["domains/kitchen/"], Word("card"), "label"),
    (
        &["domains/kitchen/src/production/", "domains/kitchen/production/"],
        Named(Kind::Type, "Kitchen"),
        "plan builder",
    ),
    (TENANTS, WordOf(NO_ROLE, "kitchen"), "tenant"),
    (TENANTS, WordOf(NO_ROLE, "kitchens"), "tenants"),
    (DOMAINS, Named(Kind::Fn, "read"), "into_command, from_row, into_response"),
    (ALL, Named(Kind::Macro, "named"), "string_enum!"),
    (ALL, Named(Kind::Macro, "words"), "string_enum!"),
    (ALL, Named(Kind::Macro, "choices"), "string_enum!"),
    (ALL, Named(Kind::Macro, "units"), "string_enum!"),
    (ROWS, Named(Kind::Local, "strange"), "corrupt_row"),
    (ROWS, Named(Kind::Local, "bad"), "corrupt_row"),
    (ROWS, Named(Kind::Local, "broken"), "corrupt_row"),
    (ROWS, Named(Kind::Local, "corrupt"), "corrupt_row"),
    (ALL, Prefix("MOST_"), "MAX_"),
    (ALL, Prefix("LONGEST_"), "MAX_, …_MAX_LEN"),
    (ALL, Prefix("KEPT_"), "…_RETENTION"),
    (SIMULATOR, Word("shelf"), "collection"),
    (SIMULATOR, Whole("origin"), "request context"),
    (ALL, Word("furnish"), "seed"),
    (ALL, Word("lay"), "seed"),
    (FIXTURES, Word("stage"), "fixture"),
    // Published names are the resource's.
    (ALL, Word("dto"), "the resource's own name"),
];

/// Words that prose does without.
const PROSE: &[(&str, &str)] = &[
    (r"(?i)\baftermath\b", "commit outcome"),
    (r"(?i)\bnudg(?:e|es|ed|ing)\b", "wake"),
    (r"(?i)\bupkeep\b", "maintenance"),
    (r"(?i)\bwhoever\b", "the caller, the user, the operator"),
    (r"(?i)\bnobody's\b", "unknown, dummy"),
    (r"(?i)\bcookbooks?\b", "catalogue snapshot"),
    (r"(?i)\bfurnish(?:es|ed)?\b", "seed"),
    (r"\bDTOs?\b|\bDtos?\b", "the resource's own name"),
];

/// No name that code declares has a retired word.
///
/// # Errors
/// Fails when a file is not Rust.
pub fn no_name_has_a_retired_word(files: &[TextFile]) -> Result<Vec<Violation>, ReadError> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is("rs")) {
        let parsed = syn::parse_file(&file.text)
            .map_err(|source| ReadError::Rust { file: file.path.clone(), source })?;
        let names = declared_names(&parsed);
        // Rows have columns, and what HTTP reads and writes has JSON fields.
        let published = ["/http", "/entity/"].iter().any(|room| file.path.contains(room));
        let keeps = |name: &Name| name.published || (published && name.kind == Kind::Field);
        for name in names.iter().filter(|name| !keeps(name)) {
            for (places, form, instead) in RETIRED {
                if places.iter().any(|place| file.path.starts_with(place)) && has(name, form) {
                    let what = format!("`{}` has a retired word; say {instead}", name.text);
                    wrong.push(Violation::new(&file.path, name.line, what));
                }
            }
        }
    }
    Ok(wrong)
}

fn has(name: &Name, form: &Form) -> bool {
    match form {
        Word(word) => name.words().iter().any(|of| of == word),
        WordOf(kinds, word) => {
            kinds.contains(&name.kind) && name.words().iter().any(|of| of == word)
        }
        Phrase(phrase) => {
            let words = name.words();
            words.windows(phrase.len()).any(|some| some == *phrase)
        }
        Whole(whole) => name.words().join("_") == *whole,
        Named(kind, exact) => name.kind == *kind && name.text == *exact,
        Prefix(prefix) => name.kind == Kind::Const && name.text.starts_with(prefix),
    }
}

/// No comment and no page has a word that plain English does not need. The glossary, which lists the
/// retired words, is left out.
///
/// # Errors
/// Fails when a pattern is not a regular expression.
pub fn no_prose_has_a_retired_word(files: &[TextFile]) -> Result<Vec<Violation>, regex::Error> {
    let mut wrong = Vec::new();
    for (pattern, instead) in PROSE {
        let pattern = Regex::new(pattern)?;
        for file in files.iter().filter(|file| file.path != "docs/glossary.md") {
            for (line, text) in prose(file) {
                if let Some(found) = pattern.find(text) {
                    let what = format!("says \"{}\"; say {instead}", found.as_str());
                    wrong.push(Violation::new(&file.path, line, what));
                }
            }
        }
    }
    Ok(wrong)
}

/// Doc comments that only repeat a name or a type.
const EMPTY_DOCS: &[&str] = &["The database refused.", "The database failed."];

/// No doc comment is one word, or two of which the first is an article: it repeats a name.
#[must_use]
pub fn no_doc_says_nothing(files: &[TextFile]) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| file.is("rs")) {
        let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let beside = |at: Option<usize>| {
                at.and_then(|at| lines.get(at)).is_some_and(|line| line.starts_with("///"))
            };
            let Some(doc) = line.strip_prefix("/// ") else { continue };
            if beside(at.checked_sub(1)) || beside(Some(at + 1)) {
                continue;
            }
            let words: Vec<&str> = doc.trim_end_matches('.').split(' ').collect();
            let article = |word: &str| {
                ["a", "an", "the", "its", "their", "whose"].contains(&word.to_lowercase().as_str())
            };
            let repeats = match words.as_slice() {
                // An example of a form says something: `evt_…`.
                [only] => !only.starts_with('`'),
                [first, _] => article(first),
                _ => EMPTY_DOCS.contains(&doc),
            };
            if repeats {
                let what = format!("the doc \"{doc}\" says nothing that the name does not");
                wrong.push(Violation::new(&file.path, at + 1, what));
            }
        }
    }
    wrong
}

/// The prose of a file, line by line: the comments of code, all of a page.
fn prose(file: &TextFile) -> Vec<(usize, &str)> {
    let page = file.is("md");
    let mark = match file.path.rsplit('.').next() {
        Some("rs" | "mjs") => "//",
        Some("sql") => "--",
        Some("toml" | "yml" | "py" | "sh") => "#",
        _ => "",
    };
    if !page && mark.is_empty() {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(number, line)| {
            let text = if page { Some(line) } else { comment(line, mark) };
            Some((number + 1, text?))
        })
        .collect()
}

/// What follows a line's comment mark, unless the mark stands in a text or an address.
fn comment<'l>(line: &'l str, mark: &str) -> Option<&'l str> {
    let (before, after) = line.split_once(mark)?;
    let text = before.matches('"').count() % 2 == 1 || before.ends_with(':');
    (!text).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, text: &str) -> Vec<Violation> {
        no_name_has_a_retired_word(&[TextFile::new(path, text)]).unwrap()
    }

    #[test]
    fn a_retired_word_is_found_in_every_kind_of_name() {
        for code in [
            "fn tell_them() {}",
            "struct Aftermath;",
            "enum E { Nudge }",
            "struct S { hearing: u8 }",
            "const MOST_WAITS: u8 = 1;",
            "mod upkeep {}",
            "fn f(whoever: u8) {}",
            "fn f() { let door = 1; }",
            "fn f() { g(|nobody| 1); }",
            "macro_rules! words { () => {} }",
            "struct By;",
            "struct OrderDto;",
            "impl S { fn take_turn(&self) {} }",
            "trait T { fn hand_on(&self); }",
        ] {
            let found = names("shared/guard/src/a.rs", code);
            assert_eq!(found.len(), 1, "{code}: {found:#?}");
        }
        let found =
            names("domains/kitchen/src/catalogue/book.rs", "struct CatalogueBook; fn deal() {}");
        assert_eq!(found.len(), 2, "{found:#?}");
    }

    #[test]
    fn every_retired_word_is_found_where_it_is_retired() {
        for (places, form, _) in RETIRED {
            let code = match form {
                Word(word) | WordOf(_, word) | Named(Kind::Fn, word) => {
                    format!("fn {word}() {{}}")
                }
                Phrase(words) => format!("fn {}() {{}}", words.join("_")),
                Whole(word) | Named(Kind::Local, word) => {
                    format!("fn f() {{ let {word} = 1; }}")
                }
                Named(Kind::Mod, word) => format!("mod {word} {{}}"),
                Named(Kind::Macro, word) => format!("macro_rules! {word} {{ () => {{}} }}"),
                Named(_, word) => format!("struct {word};"),
                Prefix(prefix) => format!("const {prefix}X: u8 = 1;"),
            };
            for place in *places {
                let found = names(&format!("{place}src/a.rs"), &code);
                assert!(!found.is_empty(), "{place}: {code}");
            }
        }
    }

    #[test]
    fn published_names_and_words_that_only_look_alike_are_no_breach() {
        for code in [
            "#[derive(Serialize)] struct S { attention: u8 }",
            "fn background() { let rollback = 1; let report = feedback; }",
            "fn f() { x.take(); y.tell; \"upkeep\"; }",
            "impl Visit for S { fn visit_str(&self) {} }",
            "fn intellect() { let bookkeeper = 1; }",
        ] {
            assert_eq!(names("domains/admin/src/a.rs", code), Vec::new(), "{code}");
        }
        let row = names("domains/billing/src/entity/purchase.rs", "struct Model { attention: u8 }");
        assert_eq!(row, Vec::new());
    }

    #[test]
    fn a_retired_word_in_prose_is_found_and_code_is_not_prose() {
        let found = |path: &str, text: &str| {
            no_prose_has_a_retired_word(&[TextFile::new(path, text)]).unwrap().len()
        };
        assert_eq!(found("a.rs", "//! Nudges the worker."), 1);
        assert_eq!(found("a.rs", "let x = 1; // nobody's password"), 1);
        assert_eq!(found("docs/a.md", "Whoever calls, the cookbook is furnished."), 3);
        assert_eq!(found("a.sql", "-- the upkeep of rows"), 1);
        assert_eq!(found("a.rs", "let url = \"http://nudge\"; let nudge = 1;"), 0);
        assert_eq!(found("docs/glossary.md", "not nudge"), 0);
    }

    #[test]
    fn a_doc_that_says_nothing_is_found() {
        let found = |text: &str| no_doc_says_nothing(&[TextFile::new("a.rs", text)]).len();
        for doc in ["/// Who.", "/// Its name.", "/// The week.", "/// The database refused."] {
            assert_eq!(found(&format!("{doc}\nwho: u8,\n")), 1, "{doc}");
        }
        assert_eq!(found("/// Grams per meal.\nx: u8"), 0);
        assert_eq!(found("/// Meals\n/// in the pack.\nx: u8"), 0);
    }
}
