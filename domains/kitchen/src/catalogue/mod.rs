//! What the kitchen cooks with and offers: ingredients, recipes, dishes, components.
//!
//! Invariants: an ingredient is one normalised key; allergens are typed and come from recipes, never
//! from a name typed by hand; unknown composition and unknown nutrition stay unknown through every
//! sum; quantities are decimals with a unit and convert only along a declared path.

pub mod allergen;
pub mod allergen_table;
pub mod component;
pub mod dish;
pub mod import;
pub mod ingredient_key;
pub mod meal_size;
pub mod nutrition;
pub mod recipe;
pub mod unit;

pub use allergen::{Allergen, AllergenInfo};
pub use component::{Component, ComponentKind, Tier};
pub use dish::{Dish, DishCategory, DishStatus, ShelfLife};
pub use ingredient_key::IngredientKey;
pub use meal_size::{MealCount, MealSize};
pub use nutrition::Nutrition;
pub use unit::{Conversion, Conversions, Quantity, Unit, UnitError};
