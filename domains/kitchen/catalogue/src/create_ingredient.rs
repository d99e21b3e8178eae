//! Creating an ingredient.

use std::collections::BTreeSet;

use bk_kernel::{Authorized, IngredientId};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::TenantTx;

use crate::{
    Allergen, IngredientKey,
    ingredient::{AllergenKnowledge, Ingredient, IngredientContent},
    load_snapshot::bump_version_and_notify,
    save_ingredient::{SaveIngredientError, record},
    store,
};

/// A new ingredient.
#[derive(Debug, Clone)]
pub struct CreateIngredient {
    /// Its key, which never changes.
    pub key: IngredientKey,
    /// Name, nutrition and units.
    pub content: IngredientContent,
    /// The allergens it contains and no others; none when nobody knows.
    pub allergens: Option<BTreeSet<Allergen>>,
}

/// Creates an ingredient. Allergens given here count as confirmed by the person who gives them.
pub async fn create_ingredient(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    CreateIngredient { key, content, allergens }: CreateIngredient,
) -> Result<Ingredient, SaveIngredientError> {
    bump_version_and_notify(tx).await?;
    let ingredient = Ingredient {
        id: IngredientId::new(),
        key,
        content,
        allergens: allergens.map_or(AllergenKnowledge::Unknown, AllergenKnowledge::Confirmed),
        active: true,
        version: 1,
        created_at: ctx.at(),
    };
    store::insert_ingredient(tx, &ingredient, ctx.at()).await?;
    record(ctx, tx, "ingredient.created", &ingredient).await?;
    Ok(ingredient)
}
