//! The audit log against a real database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod chain;
