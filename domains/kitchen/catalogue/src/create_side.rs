//! Creating a side.

use bk_kernel::{Authorized, ComponentId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    commands::Create,
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_recipe::{SaveRecipeError, SideContent, compose_side, count_lines, record},
    snapshot::{Entry, SideStatus},
    store,
};

/// Creates a side.
pub async fn create_side(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    Create { key, content }: Create<SideContent>,
) -> Result<ComponentId, SaveRecipeError> {
    bump_version_and_notify(tx).await?;
    let snapshot = load_snapshot(tx).await?;
    let entry = Entry { key: key.as_str().to_owned(), version: 1, created_at: ctx.at() };
    let status = content.status.unwrap_or(SideStatus::Active);
    let side = compose_side(&snapshot, ComponentId::new(), entry, status, content)?;
    store::insert_side(tx, &side, ctx.at()).await?;
    let id = side.side.id;
    record(ctx, tx, ("component.created", "component"), id, count_lines(&side.recipe)).await?;
    Ok(id)
}
