//! Rows of this slice.

pub(super) mod allocation;
pub(super) mod line;
pub(super) mod order;
pub(super) mod order_event;
