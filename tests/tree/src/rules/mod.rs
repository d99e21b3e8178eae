//! The rules.

use std::fmt;

pub mod arrows;
pub mod docs;
pub mod exports;
pub mod layout;
pub mod room;
pub mod rooms;
pub mod slices;
pub mod sql;
pub mod stores;
pub mod text;
pub mod words;

/// A rule that a file breaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, below the root.
    pub file: String,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl Violation {
    /// A violation of a line of a file.
    #[must_use]
    pub fn new(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}:{}: {}", self.file, self.line, self.what)
    }
}
