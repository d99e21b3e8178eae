//! Changing a sub-recipe.

use bk_kernel::{Authorized, RecipeId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    commands::Update,
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_recipe::{SaveRecipeError, SubRecipeContent, record, weigh_batch},
    snapshot::CatalogueSubRecipe,
    store,
};

/// Replaces everything but the key.
pub async fn update_sub_recipe(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    Update { id, version, key, content }: Update<RecipeId, SubRecipeContent>,
) -> Result<(), SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let before = snapshot.sub_recipes.get(&id).ok_or(SaveRecipeError::NotFound)?;
    before.entry.check_unchanged(version, key.as_ref())?;
    let recipe = weigh_batch(&snapshot, id, &content)?;
    let entry = CatalogueSubRecipe { yield_percent: content.yield_percent, ..before.clone() };
    store::update_sub_recipe(tx, id, &entry, &recipe, ctx.at()).await?;
    record(ctx, tx, ("sub_recipe.changed", "sub_recipe"), id, recipe.lines.len()).await?;
    Ok(())
}
