//! Rows of this slice.

pub(super) mod pack;
pub(super) mod pack_event;
