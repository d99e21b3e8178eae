//! `kitchen_dishes`.

use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    super::{
        dish::{Dish, ShelfLife},
        entity::dish::{ActiveModel, Entity, Model},
        recipe::ServingRecipe,
        snapshot::{CatalogueDish, Computed, Entry},
    },
    lines::{AllLines, Owner, replace_lines},
};

/// Every dish with its lines, nothing computed yet.
pub(super) async fn all_dishes(
    tx: &TenantTx,
    lines: &mut AllLines,
) -> Result<Vec<CatalogueDish>, DbError> {
    let rows = in_tenant::<Entity>(tx).all(tx).await?;
    rows.into_iter()
        .map(|row| {
            let recipe = lines.servings.remove(&Owner::Dish(row.id.into())).unwrap_or_default();
            from_row(row, recipe)
        })
        .collect()
}

fn from_row(row: Model, recipe: ServingRecipe) -> Result<CatalogueDish, DbError> {
    let invalid = || corrupt_row("dish");
    let shelf_life = ShelfLife::try_from(row.shelf_life_days).map_err(|_| invalid())?;
    Ok(CatalogueDish {
        entry: Entry { key: row.key, version: row.version, created_at: row.created_at },
        dish: Dish {
            id: row.id.into(),
            name: row.name,
            category: row.category.parse().map_err(|_| invalid())?,
            status: row.status.parse().map_err(|_| invalid())?,
            shelf_life,
            configurable: row.configurable,
        },
        description: row.description,
        recipe,
        computed: Computed::default(),
    })
}

fn content_columns(dish: &CatalogueDish, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        name: Set(dish.dish.name.clone()),
        description: Set(dish.description.clone()),
        category: Set(dish.dish.category.as_str().to_owned()),
        shelf_life_days: Set(dish.dish.shelf_life.into()),
        configurable: Set(dish.dish.configurable),
        status: Set(dish.dish.status.as_str().to_owned()),
        updated_at: Set(now),
        ..ActiveModel::default()
    }
}

/// Inserts a dish with its lines.
pub(crate) async fn insert_dish(
    tx: &TenantTx,
    dish: &CatalogueDish,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(dish.dish.id.uuid()),
        key: Set(dish.entry.key.clone()),
        version: Set(dish.entry.version),
        created_at: Set(dish.entry.created_at),
        ..content_columns(dish, now)
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    write_lines(tx, dish).await
}

/// Writes a dish and its lines and raises its version. The catalogue must be locked.
pub(crate) async fn update_dish(
    tx: &TenantTx,
    dish: &CatalogueDish,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    touch::<Entity>(tx, dish.dish.id, content_columns(dish, now)).await?;
    write_lines(tx, dish).await
}

async fn write_lines(tx: &TenantTx, dish: &CatalogueDish) -> Result<(), DbError> {
    let lists: Vec<_> =
        dish.recipe.sizes.iter().map(|(size, lines)| (Some(*size), lines.as_slice())).collect();
    replace_lines(tx, Owner::Dish(dish.dish.id), &lists).await
}
