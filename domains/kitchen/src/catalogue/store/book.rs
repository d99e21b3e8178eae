//! The whole catalogue of a tenant in a handful of queries.

use bk_kernel::IngredientId;
use bk_persistence::{
    DbError, TenantTx,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

use super::{
    super::{book::Stored, unit::Unit},
    components::all_components,
    corrupt,
    dishes::all_dishes,
    ingredients::all_ingredients,
    lines::all_lines,
    presets::all_presets,
    sub_recipes::all_sub_recipes,
    versions::version,
};

/// Readings that a busy writer may spoil before the reader gives up.
const MOST_READINGS: usize = 5;

/// Everything stored, of one state of the catalogue: what was read counts only when no change was
/// committed while it was read.
pub(in crate::catalogue) async fn load_stored(tx: &TenantTx) -> Result<Stored, DbError> {
    let mut before = version(tx).await?;
    for _ in 0..MOST_READINGS {
        let stored = read(tx, before).await;
        let after = version(tx).await?;
        if before == after {
            return stored;
        }
        before = after;
    }
    Err(DbError::Serialization)
}

async fn read(tx: &TenantTx, version: i64) -> Result<Stored, DbError> {
    let ingredients = all_ingredients(tx).await?;
    let mut lines = all_lines(tx).await?;
    let sub_recipes = all_sub_recipes(tx, &mut lines).await?;
    let dishes = all_dishes(tx, &mut lines).await?;
    let components = all_components(tx, &mut lines).await?;
    let presets = all_presets(tx, &components).await?;
    let ingredients = ingredients.iter().map(|one| (one.id, one.facts())).collect();
    Ok(Stored { version, ingredients, sub_recipes, dishes, components, presets })
}

/// Names of active dishes, sides and of sub-recipes whose own lines use the ingredient, at most
/// three of them.
pub(in crate::catalogue) async fn in_use_by_recipes(
    tx: &TenantTx,
    id: IngredientId,
) -> Result<Vec<String>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT DISTINCT coalesce(d.name, c.name, s.name) AS name
           FROM kitchen_recipe_lines l
           LEFT JOIN kitchen_dishes d ON d.tenant_id = l.tenant_id AND d.id = l.dish_id
           LEFT JOIN kitchen_components c ON c.tenant_id = l.tenant_id AND c.id = l.component_id
           LEFT JOIN kitchen_sub_recipes s ON s.tenant_id = l.tenant_id AND s.id = l.sub_recipe_id
          WHERE l.tenant_id = $1 AND l.ingredient_id = $2
            AND coalesce(d.status, c.status, 'ACTIVE') <> 'RETIRED'
          ORDER BY name LIMIT 3",
        [tx.tenant_id().uuid().into(), id.uuid().into()],
    );
    let rows = tx.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(row.try_get("", "name")?)).collect()
}

/// The units in which recipe lines use the ingredient.
pub(in crate::catalogue) async fn use_of_ingredient(
    tx: &TenantTx,
    id: IngredientId,
) -> Result<Vec<Unit>, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT DISTINCT unit FROM kitchen_recipe_lines
          WHERE tenant_id = $1 AND ingredient_id = $2 ORDER BY unit",
        [tx.tenant_id().uuid().into(), id.uuid().into()],
    );
    let rows = tx.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let unit: String = row.try_get("", "unit")?;
            unit.parse().map_err(corrupt("unit"))
        })
        .collect()
}
