//! The catalogue and its menus at the edge of their use cases.

mod imports;
mod menus;
mod recipes;
mod support;
