//! The catalogue over HTTP: ingredients, sub-recipes, dishes, components, presets. One file per
//! thing, with its wire forms and handlers.

mod choice;
mod components;
mod decimal;
mod dishes;
mod errors;
mod import;
mod ingredient_dto;
mod ingredients;
mod listing;
mod presets;
mod recipe_dto;
mod sub_recipes;

use bk_guard::Routes;

/// Mounts this slice.
pub fn routes(routes: &mut Routes<'_>) {
    // Fixed paths before those with an id in the same place.
    import::routes(routes);
    ingredients::routes(routes);
    sub_recipes::routes(routes);
    dishes::routes(routes);
    components::routes(routes);
    presets::routes(routes);
}
