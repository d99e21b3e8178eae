//! Rows as Postgres stores them. Only the slices' `store.rs` read these.

pub(crate) mod purchase;
