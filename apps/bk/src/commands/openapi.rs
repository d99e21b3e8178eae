//! `bk openapi`: compares the committed OpenAPI document and policy table with the code. Needs no database.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

use crate::Outcome;

/// Default path of the policy table.
const POLICIES_PATH: &str = "docs/policies.md";

/// Compare the OpenAPI document and the policy table with the code, or write them.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct OpenApi {
    /// Exit with 1 when a committed file differs from what the code generates.
    #[arg(long, group = "what")]
    check: bool,
    /// Write the files.
    #[arg(long, group = "what")]
    write: bool,
    /// Path of the document.
    #[arg(long, default_value = "openapi/openapi.json")]
    path: PathBuf,
    /// Path of the policy table.
    #[arg(long, default_value = POLICIES_PATH)]
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
        let mut all_current = true;
        for (path, text) in &files {
            let committed = fs::read_to_string(path).unwrap_or_default();
            match first_difference(&committed, text) {
                None => println!("{} is what the code says", path.display()),
                Some(line) => {
                    all_current = false;
                    println!(
                        "{} is not what the code says, from line {line} on; `bk openapi --write` writes it",
                        path.display()
                    );
                }
            }
        }
        Ok(if all_current { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(path, text)
}

/// Returns the number of the first line that differs, counted from 1.
fn first_difference(committed: &str, generated: &str) -> Option<usize> {
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
    fn the_first_different_line_is_found() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    }
}
