//! Identity behind the guard, on a real database, with fakes in place of its neighbours: what
//! browsers, the other domains and the queue see of it.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod invitations;
mod members;
mod sessions;
mod support;
mod users;
