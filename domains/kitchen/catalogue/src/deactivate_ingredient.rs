//! Taking an ingredient out of use.

use bk_kernel::{Authorized, IngredientId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    ingredient::Ingredient,
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_ingredient::{SaveIngredientError, check_uses, find, record, write},
};

/// Takes an ingredient out of use. Refused while a recipe that is cooked uses it.
pub async fn deactivate_ingredient(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    id: IngredientId,
) -> Result<(), SaveIngredientError> {
    bump_version_and_notify(tx).await?;
    let before = find(tx, id).await?;
    if !before.active {
        return Ok(());
    }
    let after = Ingredient { active: false, ..before };
    check_uses(&load_snapshot(tx).await?, &after)?;
    write(ctx, tx, &after).await?;
    record(ctx, tx, "ingredient.deactivated", &after).await?;
    Ok(())
}
