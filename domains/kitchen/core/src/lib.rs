//! What the crates of the kitchen share: its permissions, its dependencies, and the terms that
//! more than one of them speaks in.

pub mod csv_table;
pub mod permissions;
pub mod text;

mod meal_size;
mod state;
mod tier;

pub use meal_size::{MealCount, MealSize, UnknownMealSize};
pub use state::{KitchenDeps, KitchenState};
pub use tier::Tier;
