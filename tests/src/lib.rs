//! What the gates and the journeys share: the product in a test, browsers, the document.
//! The tests themselves are in `gates/` and `journeys/`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on has failed"
)]

pub mod browser;
pub mod document;
pub mod server;

pub use browser::{Answer, Browser, Call};
pub use server::TestServer;
