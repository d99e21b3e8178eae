//! Changing a dish.

use bk_kernel::{Authorized, DishId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    PublishedMenus,
    commands::Update,
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_recipe::{
        DishContent, SaveRecipeError, compose_dish, count_lines, record, refuse_on_menu,
    },
    store,
};

/// Replaces everything but the key. A dish that a published menu still offers stays cookable.
pub async fn update_dish(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    menus: &dyn PublishedMenus,
    Update { id, version, key, content }: Update<DishId, DishContent>,
) -> Result<(), SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let before = snapshot.dishes.get(&id).ok_or(SaveRecipeError::NotFound)?;
    before.entry.check_unchanged(version, key.as_ref())?;
    let was = before.dish.status;
    let status = content.status.unwrap_or(was);
    if status != was && !was.may_become(status) {
        return Err(SaveRecipeError::Status(was.as_str()));
    }
    let dish = compose_dish(&snapshot, id, before.entry.clone(), status, content)?;
    if before.can_be_on_menu() && !dish.can_be_on_menu() {
        refuse_on_menu(tx, menus, id).await?;
    }
    store::update_dish(tx, &dish, ctx.at()).await?;
    record(ctx, tx, ("dish.changed", "dish"), id, count_lines(&dish.recipe)).await?;
    Ok(())
}
