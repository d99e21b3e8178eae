//! What the host itself answers: health checks, the document and its viewer, and in development the
//! mailbox and the clock.

pub mod development;
pub mod docs;
pub mod health;
