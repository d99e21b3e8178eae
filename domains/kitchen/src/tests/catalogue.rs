//! The rows of the small catalogue that [`Fixture`] describes.

use uuid::Uuid;

use super::fixture::Fixture;

/// Lays it, as one change.
pub(super) async fn lay_catalogue(kitchen: &Fixture) {
    let sql = [
        ingredients(kitchen),
        dishes(kitchen),
        sides(kitchen),
        presets(kitchen),
        product(kitchen),
        format!(
            "INSERT INTO kitchen_catalogue_versions (tenant_id, version) VALUES ('{}', 1);",
            kitchen.tenant.uuid()
        ),
    ];
    kitchen.sql(&sql.concat()).await;
}

fn ingredients(kitchen: &Fixture) -> String {
    let rows = [
        ("chicken", "Chicken", "{}"),
        ("beef", "Beef", "{}"),
        ("cream", "Cream", "{milk}"),
        ("carrot", "Carrot", "{}"),
        ("rice", "Rice", "{}"),
        ("truffle", "Truffle", "{}"),
    ];
    let row = |(key, name, allergens): (&str, &str, &str)| {
        format!(
            "INSERT INTO kitchen_ingredients (tenant_id, id, key, name, allergen_state, allergens, created_at, updated_at)
             VALUES ('{}', gen_random_uuid(), '{key}', '{name}', 'CONFIRMED', '{allergens}', now(), now());",
            kitchen.tenant.uuid()
        )
    };
    rows.map(row).concat()
}

/// A recipe of one ingredient, in both sizes.
fn recipe(kitchen: &Fixture, owner: &str, id: Uuid, ingredient: &str) -> String {
    let line = |(size, grams): (i32, i32)| {
        format!(
            "INSERT INTO kitchen_recipe_lines (tenant_id, id, {owner}, meal_size_g, position, ingredient_id, quantity, unit)
             SELECT tenant_id, gen_random_uuid(), '{id}', {size}, 0, id, {grams}, 'g'
               FROM kitchen_ingredients WHERE tenant_id = '{}' AND key = '{ingredient}';",
            kitchen.tenant.uuid()
        )
    };
    [(300, 150), (400, 200)].map(line).concat()
}

fn dishes(kitchen: &Fixture) -> String {
    let rows = [
        ("chicken", "Chicken plate", "chicken", false),
        ("beef", "Beef plate", "beef", false),
        ("creamy", "Creamy stew", "cream", false),
        ("bowl", "Chicken bowl", "chicken", true),
        ("grill", "Beef grill", "beef", true),
    ];
    let row = |(key, name, ingredient, configurable): (&str, &str, &str, bool)| {
        let id = kitchen.dishes[key].uuid();
        let dish = format!(
            "INSERT INTO kitchen_dishes (tenant_id, id, key, name, category, shelf_life_days, configurable, status, created_at, updated_at)
             VALUES ('{}', '{id}', '{key}', '{name}', 'BALANCED', 4, {configurable}, 'ACTIVE', now(), now());",
            kitchen.tenant.uuid()
        );
        dish + &recipe(kitchen, "dish_id", id, ingredient)
    };
    rows.map(row).concat()
}

fn sides(kitchen: &Fixture) -> String {
    let rows = [
        ("greens", "Greens", "'VEGETABLE', 'BASE', true", "carrot"),
        ("rice", "Steamed rice", "'CARBOHYDRATE', 'BASE', true", "rice"),
        ("truffle", "Truffled greens", "'VEGETABLE', 'HIGH', false", "truffle"),
    ];
    let row = |(key, name, slot, ingredient): (&str, &str, &str, &str)| {
        let id = kitchen.sides[key].uuid();
        let side = format!(
            "INSERT INTO kitchen_components (tenant_id, id, key, name, kind, tier, slot_base, status, created_at, updated_at)
             VALUES ('{}', '{id}', '{key}', '{name}', {slot}, 'ACTIVE', now(), now());",
            kitchen.tenant.uuid()
        );
        side + &recipe(kitchen, "component_id", id, ingredient)
    };
    rows.map(row).concat()
}

fn presets(kitchen: &Fixture) -> String {
    let tenant = kitchen.tenant.uuid();
    let row = |(key, vegetable): (&str, &str)| {
        let id = kitchen.presets[key].uuid();
        let side = |side: &str| {
            format!(
                "INSERT INTO kitchen_preset_layout_sides (tenant_id, preset_id, position, component_id)
                 VALUES ('{tenant}', '{id}', 0, '{}');",
                kitchen.sides[side].uuid()
            )
        };
        let preset = format!(
            "INSERT INTO kitchen_presets (tenant_id, id, key, name, created_at, updated_at)
             VALUES ('{tenant}', '{id}', '{key}', '{key}', now(), now());
             INSERT INTO kitchen_preset_layouts (tenant_id, preset_id, position, name, percent)
             VALUES ('{tenant}', '{id}', 0, 'All', 100);"
        );
        preset + &side(vegetable) + &side("rice")
    };
    [("a_plain", "greens"), ("b_finest", "truffle")].map(row).concat()
}

fn product(kitchen: &Fixture) -> String {
    format!(
        "INSERT INTO kitchen_pack_products (tenant_id, id, sku, title, meals, meal_size_g, price_minor, currency, created_at, updated_at)
         VALUES ('{}', '{}', 'ten', 'Ten meals', 10, 300, 13000, 'AUD', now(), now());",
        kitchen.tenant.uuid(),
        kitchen.product.uuid()
    )
}
