//! Changing an ingredient.

use std::collections::BTreeSet;

use bk_kernel::{Authorized, IngredientId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    Allergen, IngredientKey,
    ingredient::{Ingredient, IngredientContent},
    load_snapshot::{bump_version_and_notify, load_snapshot},
    save_ingredient::{SaveIngredientError, check_uses, find, record, reweigh, write},
};

/// A change of everything but the key and the allergens.
#[derive(Debug, Clone)]
pub struct UpdateIngredient {
    /// Which ingredient.
    pub id: IngredientId,
    /// The version that was read; another one means that somebody changed it since.
    pub version: i64,
    /// The key, when the form repeats it: it must be the present one.
    pub key: Option<IngredientKey>,
    /// The allergens, when the form repeats them: they must be the confirmed ones.
    pub allergens: Option<BTreeSet<Allergen>>,
    /// What it is to be.
    pub content: IngredientContent,
    /// Whether new recipes may use it; none keeps it.
    pub active: Option<bool>,
}

/// Replaces everything but the key and the allergens.
pub async fn update_ingredient(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    UpdateIngredient { id, version, key, allergens, content, active }: UpdateIngredient,
) -> Result<Ingredient, SaveIngredientError> {
    bump_version_and_notify(tx).await?;
    let before = find(tx, id).await?;
    if before.version != version {
        return Err(SaveIngredientError::Stale);
    }
    if key.is_some_and(|key| key != before.key) {
        return Err(SaveIngredientError::KeyFixed);
    }
    if allergens.is_some_and(|set| before.allergens.confirmed() != Some(&set)) {
        return Err(SaveIngredientError::AllergensFixed);
    }
    let active = active.unwrap_or(before.active);
    let snapshot = load_snapshot(tx).await?;
    let after = Ingredient { content, active, ..before.clone() };
    check_uses(&snapshot, &after)?;
    write(ctx, tx, &after).await?;
    reweigh(ctx, tx, &snapshot, std::slice::from_ref(&after)).await?;
    record(ctx, tx, "ingredient.changed", &after).await?;
    Ok(Ingredient { version: version + 1, ..after })
}
