//! Creating a dish.

use bk_kernel::{Authorized, DishId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    commands::Create,
    dish::DishStatus,
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_recipe::{DishContent, SaveRecipeError, compose_dish, count_lines, record},
    snapshot::Entry,
    store,
};

/// Creates a dish.
pub async fn create_dish(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    Create { key, content }: Create<DishContent>,
) -> Result<DishId, SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let entry = Entry { key: key.as_str().to_owned(), version: 1, created_at: ctx.at() };
    let status = content.status.unwrap_or(DishStatus::Active);
    let dish = compose_dish(&snapshot, DishId::new(), entry, status, content)?;
    store::insert_dish(tx, &dish, ctx.at()).await?;
    record(ctx, tx, ("dish.created", "dish"), dish.dish.id, count_lines(&dish.recipe)).await?;
    Ok(dish.dish.id)
}
