//! What must not be in any file: paths of a machine, addresses of registries, work that was put off;
//! and the clock of the machine in code of the product.

use regex::Regex;

use super::Violation;
use crate::{TextFile, rust::Workspace};

/// What is looked for; each pattern is written so that this file does not find itself.
const UNWANTED: &[(&str, &str)] = &[
    (
        r"(?:^|[^\w.$}/~:*-])/(?:wor[k]|roo[t]|hom[e]|User[s]|far[m]|mn[t])/[\w.]|/tm[p]/[\w.]+/",
        "the path of a machine",
    ),
    (
        r#"registr[y]\.npmjs|registr[y]\.yarnpkg|static\.crate[s]\.io|files\.pythonhoste[d]|index-ur[l]|"resolve[d]""#,
        "the address of a registry",
    ),
    (
        r"\b(?:TOD[O]|FIXM[E]|HAC[K])\b|\btod[o]!|\bunimplemente[d]!|#\[ignor[e]\b|\bdb[g]!\(",
        "work that was put off",
    ),
];

/// No file names a machine or a registry, or puts work off.
///
/// # Errors
/// Fails when a pattern is not a regular expression.
pub fn nothing_unwanted(files: &[TextFile]) -> Result<Vec<Violation>, regex::Error> {
    let mut wrong = Vec::new();
    for (pattern, what) in UNWANTED {
        let pattern = Regex::new(pattern)?;
        for file in files {
            for (number, line) in file.text.lines().enumerate() {
                if let Some(found) = pattern.find(line) {
                    let what = format!("{what}: {}", found.as_str().trim());
                    wrong.push(Violation::new(&file.path, number + 1, what));
                }
            }
        }
    }
    Ok(wrong)
}

/// Where the machine's time may be read.
const CLOCK_READERS: &[(&str, &str)] = &[
    ("shared/kernel/src/clock.rs", "the product's clock itself"),
    ("shared/telemetry/", "log lines carry the machine's time"),
    ("shared/persistence/src/jobs/runner.rs", "compares the product's clock with the queue's"),
    ("shared/testing/", "tests"),
    ("apps/stripe-sim/", "another program, with a time of its own"),
    ("apps/bk/src/demo/", "plays people against a running server, in the machine's time"),
    ("tests/", "tests"),
    ("benches/", "measures"),
];

/// Time comes from the clock of the product, which tests move.
#[must_use]
pub fn time_comes_from_the_clock(workspace: &Workspace) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for module in workspace.modules.values() {
        if CLOCK_READERS.iter().any(|(path, _)| module.file.starts_with(path)) {
            continue;
        }
        for named in workspace.named_by(module) {
            let path: Vec<&str> = named.target.iter().map(String::as_str).collect();
            let reads = matches!(
                path.as_slice(),
                ["chrono", .., "Utc" | "Local", "now"] | ["std", "time", "SystemTime", "now"]
            );
            if reads {
                let what = format!("reads the machine's time: {}", named.path());
                wrong.push(Violation::new(&module.file, named.line, what));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{assert_found, assert_sound, with_line};

    #[test]
    fn each_unwanted_text_is_found_and_its_neighbours_are_not() {
        let machine = |folder: &str| format!("see /{folder}/them/file");
        for text in [
            machine("home"),
            machine("Users"),
            format!("in /{}/x1/y", "tmp"),
            format!("https://{}.npmjs.org/x", "registry"),
            format!("// {}{}: later", "TO", "DO"),
            format!("{}!()", "todo"),
            format!("#[{}]", "ignore"),
        ] {
            let found =
                nothing_unwanted(&[TextFile::new("a.rs", format!("fn f() {{}}\n{text}\n"))])
                    .unwrap();
            let [one] = found.as_slice() else { panic!("{text}: {found:#?}") };
            assert_eq!(one.line, 2);
        }
        for text in ["a/home/b", "https://x.test/home/x", "todos", "mastodon", "\"/api/home\""] {
            let found = nothing_unwanted(&[TextFile::new("a.rs", text)]).unwrap();
            assert_eq!(found, Vec::new(), "{text}");
        }
    }

    #[test]
    fn the_machines_time_is_found_under_any_name() {
        assert_sound(time_comes_from_the_clock);
        let file = "domains/food/src/orders/confirm_order.rs";
        for line in [
            "use chrono::Utc; fn f() { Utc::now(); }",
            "use chrono::offset::Utc as Zone; fn f() { Zone::now(); }",
            "fn f() { std::time::SystemTime::now(); }",
            "use std::time::SystemTime; fn f() { let x = SystemTime::now; }",
        ] {
            assert_found(
                &time_comes_from_the_clock(&with_line(file, line)),
                file,
                "machine's time",
            );
        }
    }
}
