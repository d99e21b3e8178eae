//! Rows of this slice.

pub(super) mod profile;
pub(super) mod rule;
