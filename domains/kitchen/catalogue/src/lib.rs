//! What the kitchen cooks with and offers: ingredients, recipes, dishes, components.
//!
//! Invariants: an ingredient is one normalised key; allergens are typed and come from recipes, never
//! from a name typed by hand; unknown composition and unknown nutrition stay unknown through every
//! sum; quantities are decimals with a unit and convert only along a declared path.

pub mod allergen;
mod allergen_entries;
pub mod allergen_table;
pub mod book;
mod cache;
pub mod component;
pub mod dish;
mod entity;
mod http;
pub mod import;
mod import_ingredients;
pub mod ingredient;
pub mod ingredient_key;
mod ingredient_profile;
pub mod key_form;
pub mod lines;
mod load_book;
pub mod nutrition;
pub mod preset;
mod published_menus;
mod read_ingredients;
pub mod recipe;
pub mod save_ingredient;
pub mod save_recipe;
mod state;
mod store;
pub mod unit;

pub use allergen::{Allergen, AllergenInfo};
pub use book::{BookComponent, BookDish, BookPreset, CatalogueBook};
pub use component::{Component, ComponentKind};
pub use dish::{Dish, DishCategory, DishStatus, ShelfLife};
pub use http::routes;
pub use import_ingredients::{ImportError, ImportMode, ImportReport, import_ingredients};
pub use ingredient_key::IngredientKey;
pub use ingredient_profile::{Subject, SubjectIngredient};
pub use load_book::{TOPIC, begin_change, catalogue_version, hold, load_book};
pub use nutrition::Nutrition;
pub use preset::Preset;
pub use published_menus::PublishedMenus;
pub use read_ingredients::{all_ingredients, get_ingredient, list_ingredients};
pub use state::CatalogueState;
pub use unit::{Conversion, Conversions, Quantity, Unit, UnitError};
