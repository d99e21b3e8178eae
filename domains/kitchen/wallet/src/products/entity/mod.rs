//! Rows of this slice.

pub(super) mod pack_product;
pub(super) mod plan;
