//! The catalogue at the edge of its use cases.

mod imports;
mod recipes;
