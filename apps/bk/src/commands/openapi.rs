//! `bk openapi`: the committed document and policy table against the code. Needs no database.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use crate::Outcome;

/// The policy table beside the document.
const POLICIES: &str = "docs/policies.md";

/// Compare the OpenAPI document and the policy table with the code, or write them.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct OpenApi {
    /// Exit with 1 when a committed file is not what the code says.
    #[arg(long, group = "what")]
    check: bool,
    /// Write the files.
    #[arg(long, group = "what")]
    write: bool,
    /// Where the document is.
    #[arg(long, default_value = "openapi/openapi.json")]
    path: PathBuf,
    /// Where the policy table is.
    #[arg(long, default_value = POLICIES)]
    policies: PathBuf,
}

impl OpenApi {
    pub(crate) fn run(self) -> Outcome {
        let files = [(self.path, bk_api::openapi_json()?), (self.policies, bk_api::policy_page())];
        if self.write {
            for (path, text) in &files {
                write(path, text)?;
                println!("{} written", path.display());
            }
            return Ok(ExitCode::SUCCESS);
        }
        let mut same = true;
        for (path, text) in &files {
            let committed = fs::read_to_string(path).unwrap_or_default();
            match difference(&committed, text) {
                None => println!("{} is what the code says", path.display()),
                Some(line) => {
                    same = false;
                    println!(
                        "{} is not what the code says, from line {line} on; `bk openapi --write` writes it",
                        path.display()
                    );
                }
            }
        }
        Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// The first line that differs, from 1.
fn difference(committed: &str, generated: &str) -> Option<usize> {
    if committed == generated {
        return None;
    }
    let common =
        committed.lines().zip(generated.lines()).take_while(|(one, other)| one == other).count();
    Some(common + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(difference("", "a\n"), Some(1));
        assert_eq!(difference("a\n", "a\nb\n"), Some(2));
    }
}
