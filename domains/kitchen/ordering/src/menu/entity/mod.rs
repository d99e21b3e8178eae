//! Rows of this slice.

pub(super) mod menu_dish;
pub(super) mod menu_week;
