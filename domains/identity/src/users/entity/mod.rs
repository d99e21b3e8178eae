//! The tables of users.

pub(crate) mod role_held;
pub(crate) mod user;
