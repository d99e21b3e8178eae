//! What becomes of databases that are migrated, against a real server.

#![expect(clippy::unwrap_used, reason = "tests, helpers included")]

mod renamed;
