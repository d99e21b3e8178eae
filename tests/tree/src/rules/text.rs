//! What must not be in any file: paths of a machine, addresses of registries, work that was put off,
//! lints that are switched off for good.

use regex::Regex;

use super::Violation;
use crate::TextFile;

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
    // What is expected says so when it no longer happens; that it has a reason, clippy sees.
    (r"#!?\[allo[w]\(", "a lint switched off; write #[expect(…, reason = …)]"),
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

#[cfg(test)]
mod tests {
    use super::*;

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
            format!("#[{}(dead_code)]", "allow"),
            format!("#![{}(dead_code)]", "allow"),
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
}
