//! Creating a sub-recipe.

use bk_kernel::{Authorized, RecipeId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    book::{BookSubRecipe, Entry},
    commands::Create,
    load_book::{bump_version_and_notify, load_book},
    save_recipe::{SaveRecipeError, SubRecipeContent, record, weigh_batch},
    store,
};

/// Creates a sub-recipe.
pub async fn create_sub_recipe(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    Create { key, content }: Create<SubRecipeContent>,
) -> Result<RecipeId, SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let book = load_book(tx).await?;
    let id = RecipeId::new();
    let recipe = weigh_batch(&book, id, &content)?;
    let entry = Entry { key: key.as_str().to_owned(), version: 1, created_at: ctx.at() };
    let entry = BookSubRecipe { entry, yield_percent: content.yield_percent };
    store::insert_sub_recipe(tx, id, &entry, &recipe, ctx.at()).await?;
    record(ctx, tx, ("sub_recipe.created", "sub_recipe"), id, recipe.lines.len()).await?;
    Ok(id)
}
