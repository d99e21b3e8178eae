//! What creating, changing and deactivating ingredients have in common.

use std::collections::BTreeSet;

use bk_audit::AuditEntry;
use bk_kernel::{IngredientId, OperationContext, RecipeId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use crate::{
    ingredient::Ingredient,
    lines::{sub_recipes_with, uses_of},
    snapshot::CatalogueSnapshot,
    store,
    unit::Unit,
};

/// Why an ingredient stayed as it was.
#[derive(Debug, Error)]
pub enum SaveIngredientError {
    /// There is no such ingredient.
    #[error("no such ingredient")]
    NotFound,
    /// It changed since it was read.
    #[error("the ingredient changed since it was read")]
    Stale,
    /// Another ingredient has the key.
    #[error("the key is taken")]
    KeyTaken,
    /// The form repeats another key than the present one.
    #[error("the key never changes")]
    KeyFixed,
    /// The form repeats other allergens than those that a person confirmed.
    #[error("allergens are confirmed in an operation of their own")]
    AllergensFixed,
    /// Recipes that are cooked use it.
    #[error("recipes use the ingredient")]
    InUse {
        /// Some of them.
        names: Vec<String>,
    },
    /// A recipe uses it in a unit that would no longer convert.
    #[error("{name} uses {from}, which would not convert to {to}")]
    UnitInUse {
        /// The name of the recipe.
        name: String,
        /// The unit that the recipe uses.
        from: Unit,
        /// What it must become.
        to: Unit,
    },
    /// The change could not be stored.
    #[error("the ingredient could not be stored")]
    Db(#[source] DbError),
}

impl From<DbError> for SaveIngredientError {
    fn from(error: DbError) -> Self {
        if error.violates("kitchen_ingredients_key") { Self::KeyTaken } else { Self::Db(error) }
    }
}

/// The ingredient. Fails with [`SaveIngredientError::NotFound`] when there is none.
pub(crate) async fn find(
    tx: &TenantTx,
    id: IngredientId,
) -> Result<Ingredient, SaveIngredientError> {
    store::ingredient_by_id(tx, id).await?.ok_or(SaveIngredientError::NotFound)
}

/// Stores a changed ingredient and raises its version.
pub(crate) async fn write(
    ctx: &OperationContext,
    tx: &TenantTx,
    ingredient: &Ingredient,
) -> Result<(), SaveIngredientError> {
    let written = store::update_ingredient(tx, ingredient, ctx.at()).await?;
    if written { Ok(()) } else { Err(SaveIngredientError::Stale) }
}

/// Records a change in the audit log.
pub(crate) async fn record(
    ctx: &OperationContext,
    tx: &TenantTx,
    action: &'static str,
    ingredient: &Ingredient,
) -> Result<(), DbError> {
    let entry = AuditEntry::of(ctx, action, "ingredient", ingredient.id)
        .details(json!({ "key": ingredient.key.as_str(), "active": ingredient.active }));
    bk_audit::append(tx, entry).await
}

/// Refuses what would leave a recipe with something it cannot be computed from.
pub(crate) fn check_uses(
    snapshot: &CatalogueSnapshot,
    after: &Ingredient,
) -> Result<(), SaveIngredientError> {
    let uses = uses_of(snapshot, after.id);
    if !after.active {
        let names: BTreeSet<&str> =
            uses.iter().filter(|place| place.live).map(|place| place.name).collect();
        if !names.is_empty() {
            let names = names.into_iter().take(3).map(str::to_owned).collect();
            return Err(SaveIngredientError::InUse { names });
        }
    }
    let conversions = after.content.measures.all();
    for place in uses {
        let weighed = place.weighed.then_some(Unit::G);
        for to in [Some(after.content.purchase_unit), weighed].into_iter().flatten() {
            if place.quantity.convert(to, &conversions).is_err() {
                let (name, from) = (place.name.to_owned(), place.quantity.unit());
                return Err(SaveIngredientError::UnitInUse { name, from, to });
            }
        }
    }
    Ok(())
}

/// Weighs the batches again that contain ingredients whose units may have changed.
pub(crate) async fn reweigh(
    ctx: &OperationContext,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
    changed: &[Ingredient],
) -> Result<(), DbError> {
    let mut recipes = snapshot.recipes.clone();
    recipes.ingredients.extend(changed.iter().map(|after| (after.id, after.facts())));
    let batches: BTreeSet<RecipeId> =
        changed.iter().flat_map(|after| sub_recipes_with(snapshot, after.id)).collect();
    for id in batches {
        let (Some(entry), Some(recipe)) = (snapshot.sub_recipes.get(&id), recipes.recipes.get(&id))
        else {
            continue;
        };
        let grams = CatalogueSnapshot::cooked_grams(&recipes, recipe, entry.yield_percent)
            .map_err(|_| DbError::other("a batch that was checked cannot be weighed"))?;
        if grams != recipe.makes.amount() {
            store::set_output(tx, id, grams, ctx.at()).await?;
        }
    }
    Ok(())
}
