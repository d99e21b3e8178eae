//! The tables of users.

pub(crate) mod held_role;
pub(crate) mod user;
