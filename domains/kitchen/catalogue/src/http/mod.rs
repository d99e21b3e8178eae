//! The catalogue over HTTP: ingredients, sub-recipes, dishes, sides, presets. One file per
//! thing, with its wire forms and handlers.

mod decimal;
mod dishes;
mod errors;
mod import;
mod ingredient_forms;
mod ingredients;
pub mod keys;
mod listing;
mod presets;
mod recipe_forms;
mod sides;
mod sub_recipes;
mod words;

use bk_guard::Routes;

/// Mounts this slice.
pub fn routes(routes: &mut Routes<'_>) {
    // Fixed paths before those with an id in the same place.
    import::routes(routes);
    ingredients::routes(routes);
    sub_recipes::routes(routes);
    dishes::routes(routes);
    sides::routes(routes);
    presets::routes(routes);
}
