//! Rows of this slice.

pub(super) mod production_plan;
