//! What the tree must be, read from the tree alone: rooms, arrows, SQL, words, pages.
//!
//! Each rule is a function from files to [`Violation`]s; beside each stand tests that plant every
//! kind of breach in memory and see it reported. `tests/tree.rs` holds the rules against the tree
//! itself. Nothing here needs the product to compile or a database to run.

#[cfg(test)]
mod planted;

mod files;
pub mod manifest;
pub mod rules;
pub mod rust;

pub use files::{TextFile, files, root};
pub use rules::Violation;
