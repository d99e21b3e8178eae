//! What the kitchen cooks with and offers: ingredients, recipes, dishes, components.
//!
//! Invariants: an ingredient is one normalised key; allergens are typed and come from recipes, never
//! from a name typed by hand; unknown composition and unknown nutrition stay unknown through every
//! sum; quantities are decimals with a unit and convert only along a declared path.

pub mod allergen;
mod allergen_entries;
pub mod allergen_table;
mod cache;
pub mod commands;
pub mod confirm_allergens;
pub mod create_dish;
pub mod create_ingredient;
pub mod create_side;
pub mod create_sub_recipe;
pub mod deactivate_ingredient;
pub mod dish;
mod entity;
mod http;
pub mod import;
mod import_ingredients;
pub mod ingredient;
pub mod ingredient_key;
mod ingredient_profile;
pub mod lines;
mod load_snapshot;
pub mod nutrition;
pub mod preset;
mod published_menus;
mod read_ingredients;
pub mod recipe;
pub mod retire_dish;
pub mod retire_side;
pub mod save_ingredient;
pub mod save_recipe;
pub mod side;
pub mod snapshot;
mod state;
mod store;
pub mod unit;
pub mod update_dish;
pub mod update_ingredient;
pub mod update_side;
pub mod update_sub_recipe;

pub use allergen::{Allergen, AllergenInfo};
pub use confirm_allergens::confirm_allergens;
pub use create_dish::create_dish;
pub use create_ingredient::create_ingredient;
pub use create_side::create_side;
pub use create_sub_recipe::create_sub_recipe;
pub use deactivate_ingredient::deactivate_ingredient;
pub use dish::{Dish, DishCategory, DishStatus, ShelfLife};
pub use http::{keys, routes};
pub use import_ingredients::{ImportError, ImportMode, ImportReport, import_ingredients};
pub use ingredient_key::IngredientKey;
pub use ingredient_profile::{Subject, SubjectIngredient};
pub use load_snapshot::{
    TOPIC, bump_version_and_notify, catalogue_version, load_snapshot, lock_catalogue,
};
pub use nutrition::Nutrition;
pub use preset::Preset;
pub use published_menus::PublishedMenus;
pub use read_ingredients::{all_ingredients, get_ingredient, list_ingredients};
pub use retire_dish::retire_dish;
pub use retire_side::retire_side;
pub use side::{Side, SideKind};
pub use snapshot::{CatalogueDish, CataloguePreset, CatalogueSide, CatalogueSnapshot};
pub use state::CatalogueState;
pub use unit::{Conversion, Conversions, Quantity, Unit, UnitError};
pub use update_dish::update_dish;
pub use update_ingredient::update_ingredient;
pub use update_side::update_side;
pub use update_sub_recipe::update_sub_recipe;
