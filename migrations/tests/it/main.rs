//! What becomes of databases that are migrated, against a real server.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests, helpers included, look behind the scenes"
)]

mod renamed;
