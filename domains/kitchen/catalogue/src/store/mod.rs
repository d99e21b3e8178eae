//! Rows of the catalogue, to and from the model. One file per kind of row.

mod dishes;
mod ingredients;
mod lines;
mod presets;
mod sides;
mod snapshot;
mod sub_recipes;
mod versions;

pub(super) use dishes::{insert_dish, update_dish};
pub(super) use ingredients::{
    all_ingredients, ingredient_by_id, insert_ingredient, insert_ingredients, list_ingredients,
    update_ingredient,
};
pub(super) use sides::{insert_side, update_side};
pub(super) use snapshot::load_stored;
pub(super) use sub_recipes::{insert_sub_recipe, set_output, update_sub_recipe};
pub(super) use versions::{raise_version, version};

use rust_decimal::Decimal;

/// A number without the zeros that `numeric` may carry at its end.
fn exact(number: Option<Decimal>) -> Option<Decimal> {
    number.map(|number| number.normalize())
}
