//! Ingredients as staff read them.

use bk_kernel::{Cursor, IngredientId, Limit, Page, Permit};
use bk_kitchen_core::permissions::MenuRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    ingredient::{Ingredient, IngredientFilter},
    store,
};

/// Ingredients that the filter admits, oldest first.
pub async fn list_ingredients(
    tx: &TenantTx,
    _permit: Permit<MenuRead>,
    filter: IngredientFilter,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Ingredient>, DbError> {
    store::list_ingredients(tx, filter, limit, after).await
}

/// An ingredient; none when it does not exist.
pub async fn get_ingredient(
    tx: &TenantTx,
    _permit: Permit<MenuRead>,
    id: IngredientId,
) -> Result<Option<Ingredient>, DbError> {
    store::ingredient_by_id(tx, id).await
}

/// Every ingredient, in use or not, oldest first: what an export writes.
pub async fn all_ingredients(
    tx: &TenantTx,
    _permit: Permit<MenuRead>,
) -> Result<Vec<Ingredient>, DbError> {
    store::all_ingredients(tx).await
}
