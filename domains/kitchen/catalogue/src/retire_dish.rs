//! Retiring a dish.

use bk_kernel::{Authorized, DishId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    PublishedMenus,
    dish::DishStatus,
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_recipe::{SaveRecipeError, count_lines, record, refuse_on_menu},
    store,
};

/// Takes a dish off the list of what menus can offer. Doing it again changes nothing.
pub async fn retire_dish(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    menus: &dyn PublishedMenus,
    id: DishId,
) -> Result<(), SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let mut dish = snapshot.dishes.get(&id).cloned().ok_or(SaveRecipeError::NotFound)?;
    if dish.dish.status == DishStatus::Retired {
        return Ok(());
    }
    refuse_on_menu(tx, menus, id).await?;
    dish.dish.status = DishStatus::Retired;
    store::update_dish(tx, &dish, ctx.at()).await?;
    record(ctx, tx, ("dish.retired", "dish"), id, count_lines(&dish.recipe)).await?;
    Ok(())
}
