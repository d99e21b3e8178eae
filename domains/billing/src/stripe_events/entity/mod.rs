//! Rows of this slice.

pub(super) mod stripe_event;
