//! Changing a side.

use bk_kernel::{Authorized, ComponentId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    commands::Update,
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_recipe::{
        SaveRecipeError, SideContent, compose_side, count_lines, record, refuse_in_preset,
    },
    snapshot::SideStatus,
    store,
};

/// Replaces everything but the key. A side that active presets name stays, in its slot.
pub async fn update_side(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    Update { id, version, key, content }: Update<ComponentId, SideContent>,
) -> Result<(), SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let before = snapshot.sides.get(&id).ok_or(SaveRecipeError::NotFound)?;
    before.entry.check_unchanged(version, key.as_ref())?;
    let status = content.status.unwrap_or(before.status);
    let side = compose_side(&snapshot, id, before.entry.clone(), status, content)?;
    let leaves = side.status == SideStatus::Retired || side.side.kind != before.side.kind;
    if leaves {
        refuse_in_preset(&snapshot, id)?;
    }
    store::update_side(tx, &side, ctx.at()).await?;
    record(ctx, tx, ("component.changed", "component"), id, count_lines(&side.recipe)).await?;
    Ok(())
}
