//! Creating a sub-recipe.

use bk_kernel::{Authorized, RecipeId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    commands::Create,
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_recipe::{SaveRecipeError, SubRecipeContent, record, weigh_batch},
    snapshot::{CatalogueSubRecipe, Entry},
    store,
};

/// Creates a sub-recipe.
pub async fn create_sub_recipe(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    Create { key, content }: Create<SubRecipeContent>,
) -> Result<RecipeId, SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let id = RecipeId::new();
    let recipe = weigh_batch(&snapshot, id, &content)?;
    let entry = Entry { key: key.as_str().to_owned(), version: 1, created_at: ctx.at() };
    let entry = CatalogueSubRecipe { entry, yield_percent: content.yield_percent };
    store::insert_sub_recipe(tx, id, &entry, &recipe, ctx.at()).await?;
    record(ctx, tx, ("sub_recipe.created", "sub_recipe"), id, recipe.lines.len()).await?;
    Ok(id)
}
