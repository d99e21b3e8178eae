//! Rows of this slice.

pub(super) mod account;
pub(super) mod account_user;
pub(super) mod address;
