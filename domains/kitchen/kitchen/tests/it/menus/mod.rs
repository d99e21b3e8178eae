//! Menus, as the kitchen writes them and as customers see them.

mod reading;
mod writing;
