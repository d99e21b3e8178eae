//! The catalogue and its menus at the edge of their use cases.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

mod imports;
mod menus;
mod recipes;
mod support;
