//! A person confirms the allergens of an ingredient.

use std::collections::BTreeSet;

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, IngredientId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;
use serde_json::json;

use crate::{
    Allergen,
    ingredient::{AllergenKnowledge, Ingredient},
    load_snapshot::bump_version_and_notify,
    save_ingredient::{SaveIngredientError, find, write},
};

/// What an ingredient contains.
#[derive(Debug, Clone)]
pub struct ConfirmAllergens {
    /// Which ingredient.
    pub id: IngredientId,
    /// What it contains, and nothing else.
    pub allergens: BTreeSet<Allergen>,
}

/// A person says which allergens an ingredient contains, and that it contains no others. It holds at
/// once for every recipe.
pub async fn confirm_allergens(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    ConfirmAllergens { id, allergens }: ConfirmAllergens,
) -> Result<Ingredient, SaveIngredientError> {
    bump_version_and_notify(tx).await?;
    let before = find(tx, id).await?;
    let allergens = AllergenKnowledge::Confirmed(allergens);
    if before.allergens == allergens {
        return Ok(before);
    }
    let was = before.allergens.name().as_str();
    let after = Ingredient { allergens, ..before };
    write(ctx, tx, &after).await?;
    let count = after.allergens.confirmed().map_or(0, BTreeSet::len);
    let entry = AuditEntry::of(ctx, "ingredient.allergens_confirmed", "ingredient", id)
        .details(json!({ "key": after.key.as_str(), "was": was, "count": count }));
    bk_audit::append(tx, entry).await?;
    Ok(Ingredient { version: after.version + 1, ..after })
}
