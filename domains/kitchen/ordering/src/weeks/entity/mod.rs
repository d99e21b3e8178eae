//! Rows of this slice.

pub(super) mod order_week;
