//! What the crates of the kitchen share: its permissions, its dependencies, and the terms that
//! more than one of them speaks in.

pub mod csv_table;
pub mod http;
pub mod permissions;
pub mod text;

mod author;
mod meal_size;
mod named;
mod state;
mod tier;

pub use author::Author;
pub use meal_size::{MealCount, MealSize, UnknownMealSize};
pub use named::UnknownName;
pub use state::{KitchenDeps, KitchenState};
pub use tier::Tier;
