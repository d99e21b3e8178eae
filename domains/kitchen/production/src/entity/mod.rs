//! Rows of production.

pub(super) mod production_plan;
