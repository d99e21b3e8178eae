//! The tables of sessions.

pub(crate) mod login_attempt;
pub(crate) mod session;
