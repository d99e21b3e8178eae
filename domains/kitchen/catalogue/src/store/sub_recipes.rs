//! `kitchen_sub_recipes`.

use std::collections::BTreeMap;

use bk_kernel::RecipeId;
use bk_persistence::store::*;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{
    super::{
        entity::sub_recipe::{ActiveModel, Entity},
        recipe::SubRecipe,
        snapshot::{CatalogueSubRecipe, Entry},
        unit::{Conversions, Quantity, Unit},
    },
    lines::{AllLines, Owner, replace_lines},
};

/// Every sub-recipe with its lines.
pub(super) async fn all_sub_recipes(
    tx: &TenantTx,
    lines: &mut AllLines,
) -> Result<BTreeMap<RecipeId, (CatalogueSubRecipe, SubRecipe)>, DbError> {
    let rows = in_tenant::<Entity>(tx).all(tx).await?;
    rows.into_iter()
        .map(|row| {
            let id = RecipeId::from(row.id);
            let makes =
                Quantity::positive(row.output_g, Unit::G).map_err(|_| corrupt_row("sub-recipe"))?;
            let entry = Entry { key: row.key, version: row.version, created_at: row.created_at };
            let recipe = SubRecipe {
                name: row.name,
                makes,
                lines: lines.batches.remove(&id).unwrap_or_default(),
                conversions: Conversions::NONE,
            };
            Ok((id, (CatalogueSubRecipe { entry, yield_percent: row.yield_percent }, recipe)))
        })
        .collect()
}

fn content_columns(
    entry: &CatalogueSubRecipe,
    recipe: &SubRecipe,
    now: DateTime<Utc>,
) -> ActiveModel {
    ActiveModel {
        name: Set(recipe.name.clone()),
        yield_percent: Set(entry.yield_percent),
        output_g: Set(recipe.makes.amount()),
        updated_at: Set(now),
        ..ActiveModel::default()
    }
}

/// Inserts a sub-recipe with its lines.
pub(crate) async fn insert_sub_recipe(
    tx: &TenantTx,
    id: RecipeId,
    entry: &CatalogueSubRecipe,
    recipe: &SubRecipe,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(id.uuid()),
        key: Set(entry.entry.key.clone()),
        version: Set(entry.entry.version),
        created_at: Set(entry.entry.created_at),
        ..content_columns(entry, recipe, now)
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    replace_lines(tx, Owner::SubRecipe(id), &[(None, &recipe.lines)]).await
}

/// Writes a sub-recipe and its lines and raises its version. The catalogue must be locked.
pub(crate) async fn update_sub_recipe(
    tx: &TenantTx,
    id: RecipeId,
    entry: &CatalogueSubRecipe,
    recipe: &SubRecipe,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    touch::<Entity>(tx, id, content_columns(entry, recipe, now)).await?;
    replace_lines(tx, Owner::SubRecipe(id), &[(None, &recipe.lines)]).await
}

/// Writes what a batch weighs, after something it is made of changed.
pub(crate) async fn set_output(
    tx: &TenantTx,
    id: RecipeId,
    grams: Decimal,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let change =
        ActiveModel { output_g: Set(grams), updated_at: Set(now), ..ActiveModel::default() };
    touch::<Entity>(tx, id, change).await?;
    Ok(())
}
