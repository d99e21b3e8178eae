//! What the gates and the journeys share: the product in a test and its document.
//! The tests themselves are in `gates/` and `journeys/`.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on has failed"
)]

pub mod document;
pub mod people;
pub mod server;

pub use bk_testing::{Answer, Browser, Call};
pub use server::TestServer;
