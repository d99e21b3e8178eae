//! Identity behind the guard, on a real database, with fakes in place of its neighbours: what
//! browsers, the other domains and the queue see of it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests act for the product"
)]

mod fixture;
mod invitations;
mod members;
mod sessions;
mod users;
