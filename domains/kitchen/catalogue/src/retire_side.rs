//! Retiring a side.

use bk_kernel::{Authorized, ComponentId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_recipe::{SaveRecipeError, count_lines, record, refuse_in_preset},
    snapshot::SideStatus,
    store,
};

/// Takes a side off the list of what presets can offer. Doing it again changes nothing.
pub async fn retire_side(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    id: ComponentId,
) -> Result<(), SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let mut side = snapshot.sides.get(&id).cloned().ok_or(SaveRecipeError::NotFound)?;
    if side.status == SideStatus::Retired {
        return Ok(());
    }
    if side.slot_base {
        return Err(SaveRecipeError::BaseTier);
    }
    refuse_in_preset(&snapshot, id)?;
    side.status = SideStatus::Retired;
    store::update_side(tx, &side, ctx.at()).await?;
    record(ctx, tx, ("component.retired", "component"), id, count_lines(&side.recipe)).await?;
    Ok(())
}
