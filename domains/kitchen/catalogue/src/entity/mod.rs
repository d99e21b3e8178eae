//! Rows of this slice.

pub(super) mod dish;
pub(super) mod ingredient;
pub(super) mod preset;
pub(super) mod preset_layout;
pub(super) mod preset_side;
pub(super) mod recipe_line;
pub(super) mod side;
pub(super) mod sub_recipe;
