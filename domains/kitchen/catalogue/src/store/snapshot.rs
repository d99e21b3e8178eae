//! The whole catalogue of a tenant in a handful of queries.

use bk_persistence::{DbError, TenantTx};

use super::{
    super::snapshot::Stored, dishes::all_dishes, ingredients::all_ingredients, lines::all_lines,
    presets::all_presets, sides::all_sides, sub_recipes::all_sub_recipes, versions::version,
};

/// Attempts to read while writers go on changing the catalogue.
const READ_ATTEMPTS_MAX: usize = 5;

/// Everything stored, of one state of the catalogue: what was read counts only when no change was
/// committed while it was read.
pub(crate) async fn load_stored(tx: &TenantTx) -> Result<Stored, DbError> {
    let mut before = version(tx).await?;
    for _ in 0..READ_ATTEMPTS_MAX {
        let stored = read_all(tx, before).await;
        let after = version(tx).await?;
        if before == after {
            return stored;
        }
        before = after;
    }
    Err(DbError::Serialization)
}

async fn read_all(tx: &TenantTx, version: i64) -> Result<Stored, DbError> {
    let ingredients = all_ingredients(tx).await?;
    let mut lines = all_lines(tx).await?;
    let sub_recipes = all_sub_recipes(tx, &mut lines).await?;
    let dishes = all_dishes(tx, &mut lines).await?;
    let sides = all_sides(tx, &mut lines).await?;
    let presets = all_presets(tx, &sides).await?;
    let inactive = ingredients.iter().filter(|one| !one.active).map(|one| one.id).collect();
    let ingredients = ingredients.iter().map(|one| (one.id, one.facts())).collect();
    Ok(Stored { version, ingredients, inactive, sub_recipes, dishes, sides, presets })
}
