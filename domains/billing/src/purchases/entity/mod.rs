//! Rows of this slice.

pub(super) mod purchase;
