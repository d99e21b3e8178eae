//! Reading ingredients.

use bk_kernel::{Authorized, Cursor, IngredientId, Limit, Page};
use bk_kitchen_core::permissions::MenuRead;
use bk_persistence::{DbError, TenantTx};

use crate::{
    ingredient::{Ingredient, IngredientFilter},
    store,
};

/// Returns a page of ingredients, oldest first.
pub async fn list_ingredients(
    _ctx: &Authorized<MenuRead>,
    tx: &TenantTx,
    filter: IngredientFilter,
    (limit, after): (Limit, Option<Cursor>),
) -> Result<Page<Ingredient>, DbError> {
    store::list_ingredients(tx, filter, limit, after).await
}

/// Returns an ingredient, or none when the tenant has none with this id.
pub async fn get_ingredient(
    _ctx: &Authorized<MenuRead>,
    tx: &TenantTx,
    id: IngredientId,
) -> Result<Option<Ingredient>, DbError> {
    store::ingredient_by_id(tx, id).await
}

/// Returns every ingredient, in use or not, oldest first: what an export writes.
pub async fn all_ingredients(
    _ctx: &Authorized<MenuRead>,
    tx: &TenantTx,
) -> Result<Vec<Ingredient>, DbError> {
    store::all_ingredients(tx).await
}
