//! Ingredients, recipes, sides, presets and what is sold.

use std::collections::BTreeSet;

use bk_kitchen_catalogue::{
    DishStatus, SideKind, Unit, ingredient::AllergenState, snapshot::SideStatus,
};
use bk_kitchen_core::{MealSize, Tier};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{
    data::{DemoTenant, Dish, Line, Side, demo},
    ids::Ids,
    store::{Rows, insert, row},
};

/// Seeds what a kitchen cooks and sells.
pub(super) async fn seed_catalogue(
    tx: &TenantTx,
    tenant: &DemoTenant,
    ids: &Ids<'_>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let dishes = dishes_of(tenant);
    insert(tx, "kitchen_ingredients", ingredients(ids, now)).await?;
    insert(tx, "kitchen_sub_recipes", sub_recipes(ids, now)).await?;
    insert(tx, "kitchen_dishes", dish_rows(ids, &dishes, now)).await?;
    insert(tx, "kitchen_components", sides(ids, now)).await?;
    insert(tx, "kitchen_recipe_lines", recipe_lines(ids, &dishes)).await?;
    seed_presets(tx, ids, now).await?;
    insert(tx, "kitchen_pack_products", pack_products(tenant, ids, now)).await?;
    insert(tx, "kitchen_plans", plans(tenant, ids, now)).await
}

/// The dishes that this tenant offers, in the order of the file.
fn dishes_of(tenant: &DemoTenant) -> Vec<&'static Dish> {
    demo().dishes.iter().filter(|dish| dish.tenants.contains(&tenant.slug)).collect()
}

/// The id of a dish. Places count in the whole file, whichever tenants have the dish.
pub(super) fn dish_id(ids: &Ids<'_>, key: &str) -> Uuid {
    ids.of(&demo().dishes, |dish| &dish.key, "dish", key)
}

/// The id of a preset.
pub(super) fn preset_id(ids: &Ids<'_>, key: &str) -> Uuid {
    ids.of(&demo().presets, |preset| &preset.key, "preset", key)
}

/// The id of a pack product.
pub(super) fn product_id(tenant: &DemoTenant, ids: &Ids<'_>, sku: &str) -> Uuid {
    ids.of(&tenant.pack_products, |product| &product.sku, "pack product", sku)
}

fn ingredient_id(ids: &Ids<'_>, key: &str) -> Uuid {
    ids.of(&demo().ingredients, |one| &one.key, "ingredient", key)
}

fn sub_recipe_id(ids: &Ids<'_>, key: &str) -> Uuid {
    ids.of(&demo().sub_recipes, |one| &one.key, "sub-recipe", key)
}

fn side_id(ids: &Ids<'_>, key: &str) -> Uuid {
    ids.of(&demo().sides, |one| &one.key, "component", key)
}

fn ingredients(ids: &Ids<'_>, now: DateTime<Utc>) -> Rows {
    let quantity = |amount: &str, unit: Unit| json!({ "amount": amount, "unit": unit });
    let rows = demo().ingredients.iter().map(|one| {
        let conversions: Vec<_> = one
            .conversions
            .iter()
            .map(|weight| {
                json!({ "from": quantity("1", weight.from), "to": quantity(&weight.grams, Unit::G) })
            })
            .collect();
        let allergens: BTreeSet<_> = one.allergens.iter().map(|name| name.as_str()).collect();
        row(json!({
            "id": ingredient_id(ids, &one.key),
            "key": one.key,
            "name": one.name,
            "category": one.category,
            "allergen_state": AllergenState::Confirmed.as_str(),
            "allergens": allergens,
            "energy_kj": one.energy_kj,
            "protein_g": one.protein_g,
            "fat_g": one.fat_g,
            "saturated_fat_g": one.saturated_fat_g,
            "carbohydrate_g": one.carbohydrate_g,
            "sugars_g": one.sugars_g,
            "sodium_mg": one.sodium_mg,
            "purchase_unit": one.purchase_unit,
            "conversions": conversions,
            "density_g_per_ml": one.density_g_per_ml,
            "active": true,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }))
    });
    rows.collect()
}

fn sub_recipes(ids: &Ids<'_>, now: DateTime<Utc>) -> Rows {
    let rows = demo().sub_recipes.iter().map(|one| {
        row(json!({
            "id": sub_recipe_id(ids, &one.key),
            "key": one.key,
            "name": one.name,
            "yield_percent": one.yield_percent,
            "output_g": one.output_g,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }))
    });
    rows.collect()
}

fn dish_rows(ids: &Ids<'_>, dishes: &[&Dish], now: DateTime<Utc>) -> Rows {
    let rows = dishes.iter().map(|dish| {
        row(json!({
            "id": dish_id(ids, &dish.key),
            "key": dish.key,
            "name": dish.name,
            "description": dish.description,
            "category": dish.category,
            "shelf_life_days": dish.shelf_life_days,
            "configurable": dish.configurable,
            "status": DishStatus::Active.as_str(),
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }))
    });
    rows.collect()
}

/// The first `BASE` side of each kind stands in for the others.
fn sides(ids: &Ids<'_>, now: DateTime<Utc>) -> Rows {
    let base_of = |kind: SideKind| {
        let mut sides = demo().sides.iter();
        sides.find(|side| side.kind == kind && side.tier == Tier::Base).map(|side| &side.key)
    };
    let rows = demo().sides.iter().map(|side: &Side| {
        row(json!({
            "id": side_id(ids, &side.key),
            "key": side.key,
            "name": side.name,
            "kind": side.kind,
            "tier": side.tier,
            "slot_base": base_of(side.kind) == Some(&side.key),
            "status": SideStatus::Active.as_str(),
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }))
    });
    rows.collect()
}

/// What the recipe lines belong to: one of the three.
#[derive(Clone, Copy, Default)]
struct Owner {
    dish: Option<Uuid>,
    side: Option<Uuid>,
    sub_recipe: Option<Uuid>,
}

fn recipe_lines(ids: &Ids<'_>, dishes: &[&Dish]) -> Rows {
    let (small, large) = (Some(MealSize::G300), Some(MealSize::G400));
    let mut rows = Rows::new();
    for one in &demo().sub_recipes {
        let owner = Owner { sub_recipe: Some(sub_recipe_id(ids, &one.key)), ..Owner::default() };
        push_lines(ids, owner, None, &one.lines, &mut rows);
    }
    for dish in dishes {
        let owner = Owner { dish: Some(dish_id(ids, &dish.key)), ..Owner::default() };
        push_lines(ids, owner, small, &dish.lines_300, &mut rows);
        push_lines(ids, owner, large, &dish.lines_400, &mut rows);
    }
    for side in &demo().sides {
        let owner = Owner { side: Some(side_id(ids, &side.key)), ..Owner::default() };
        push_lines(ids, owner, small, &side.lines_300, &mut rows);
        push_lines(ids, owner, large, &side.lines_400, &mut rows);
    }
    rows
}

fn push_lines(
    ids: &Ids<'_>,
    owner: Owner,
    size: Option<MealSize>,
    lines: &[Line],
    rows: &mut Rows,
) {
    for (position, line) in lines.iter().enumerate() {
        let place = rows.len();
        rows.push(row(json!({
            "id": ids.at(place, "recipe line", &place.to_string()),
            "dish_id": owner.dish,
            "component_id": owner.side,
            "sub_recipe_id": owner.sub_recipe,
            "meal_size_g": size.map(MealSize::grams),
            "position": position,
            "ingredient_id": line.ingredient.as_ref().map(|key| ingredient_id(ids, key)),
            "used_sub_recipe_id": line.sub_recipe.as_ref().map(|key| sub_recipe_id(ids, key)),
            "quantity": line.quantity,
            "unit": line.unit,
        })));
    }
}

async fn seed_presets(tx: &TenantTx, ids: &Ids<'_>, now: DateTime<Utc>) -> Result<(), DbError> {
    let (mut presets, mut layouts, mut sides) = (Rows::new(), Rows::new(), Rows::new());
    for preset in &demo().presets {
        let id = preset_id(ids, &preset.key);
        presets.push(row(json!({
            "id": id,
            "key": preset.key,
            "name": preset.name,
            "active": true,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        })));
        for (position, layout) in preset.layouts.iter().enumerate() {
            let place = json!({ "preset_id": id, "position": position });
            let mut named = row(place.clone());
            named.insert("name".to_owned(), json!(layout.name));
            named.insert("percent".to_owned(), json!(layout.percent));
            layouts.push(named);
            for key in [&layout.vegetable, &layout.carbohydrate] {
                let mut side = row(place.clone());
                side.insert("component_id".to_owned(), json!(side_id(ids, key)));
                sides.push(side);
            }
        }
    }
    insert(tx, "kitchen_presets", presets).await?;
    insert(tx, "kitchen_preset_layouts", layouts).await?;
    insert(tx, "kitchen_preset_layout_sides", sides).await
}

fn pack_products(tenant: &DemoTenant, ids: &Ids<'_>, now: DateTime<Utc>) -> Rows {
    let rows = tenant.pack_products.iter().map(|product| {
        row(json!({
            "id": product_id(tenant, ids, &product.sku),
            "sku": product.sku,
            "title": product.title,
            "meals": product.meals,
            "meal_size_g": product.meal_size_g,
            "price_minor": product.price_minor,
            "currency": tenant.currency,
            "active": true,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }))
    });
    rows.collect()
}

fn plans(tenant: &DemoTenant, ids: &Ids<'_>, now: DateTime<Utc>) -> Rows {
    let rows = tenant.plans.iter().enumerate().map(|(place, plan)| {
        let entitled = &plan.entitlements;
        row(json!({
            "id": ids.at(place, "plan", &plan.key),
            "key": plan.key,
            "title": plan.title,
            "tier": plan.tier,
            "billing_interval": plan.interval,
            "price_minor": plan.price_minor,
            "currency": tenant.currency,
            "preset_access": entitled.preset_access,
            "override_access": entitled.override_access,
            "override_allowance": entitled.override_allowance,
            "ingredient_tier": entitled.ingredient_tier,
            "promo_unlocked_credits": entitled.promo_unlocked_credits,
            "account_manager_level": entitled.account_manager_level,
            "late_order": entitled.late_order,
            "urgent_delivery": entitled.urgent_delivery,
            "active": true,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }))
    });
    rows.collect()
}
