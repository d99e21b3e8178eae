//! Creating and changing pack products and plans.

use bk_kernel::{PackProductId, Permit, PlanId};
use bk_kitchen_core::{Author, permissions::CatalogueWrite};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    offer::{PackProduct, PackProductContent, Plan, PlanContent},
    store,
};

/// Why an offer stayed as it was.
#[derive(Debug, Error)]
pub enum SaveOfferError {
    /// There is no such offer.
    #[error("no such offer")]
    NotFound,
    /// It changed since it was read.
    #[error("the offer changed since it was read")]
    Stale,
    /// Another offer has the SKU or key.
    #[error("the SKU or key is taken")]
    KeyTaken,
    /// The database refused.
    #[error("database")]
    Db(#[source] DbError),
}

impl From<DbError> for SaveOfferError {
    fn from(error: DbError) -> Self {
        if error.violates("kitchen_pack_products_sku") || error.violates("kitchen_plans_key") {
            Self::KeyTaken
        } else {
            Self::Db(error)
        }
    }
}

/// Puts a pack product on offer.
pub async fn create_pack_product(
    tx: &TenantTx,
    _permit: Permit<CatalogueWrite>,
    author: &Author,
    sku: String,
    content: PackProductContent,
) -> Result<PackProduct, SaveOfferError> {
    let id = PackProductId::new();
    let product = PackProduct { id, sku, content, version: 1, created_at: author.at };
    store::insert_pack_product(tx, &product).await?;
    tell_pack(tx, author, "pack_product.created", &product).await?;
    Ok(product)
}

/// Replaces everything but the SKU. Packs that were bought stay as they were bought.
pub async fn update_pack_product(
    tx: &TenantTx,
    _permit: Permit<CatalogueWrite>,
    author: &Author,
    (id, version): (PackProductId, i64),
    content: PackProductContent,
) -> Result<PackProduct, SaveOfferError> {
    let before = store::pack_product_by_id(tx, id).await?.ok_or(SaveOfferError::NotFound)?;
    write_pack(tx, author, "pack_product.changed", PackProduct { content, version, ..before }).await
}

/// Takes a pack product off the list of what can be bought. Doing it again changes nothing.
pub async fn deactivate_pack_product(
    tx: &TenantTx,
    _permit: Permit<CatalogueWrite>,
    author: &Author,
    id: PackProductId,
) -> Result<(), SaveOfferError> {
    let mut product = store::pack_product_by_id(tx, id).await?.ok_or(SaveOfferError::NotFound)?;
    if product.content.active {
        product.content.active = false;
        write_pack(tx, author, "pack_product.deactivated", product).await?;
    }
    Ok(())
}

async fn write_pack(
    tx: &TenantTx,
    author: &Author,
    action: &'static str,
    product: PackProduct,
) -> Result<PackProduct, SaveOfferError> {
    if !store::update_pack_product(tx, &product, author.at).await? {
        return Err(SaveOfferError::Stale);
    }
    tell_pack(tx, author, action, &product).await?;
    Ok(PackProduct { version: product.version + 1, ..product })
}

async fn tell_pack(
    tx: &TenantTx,
    author: &Author,
    action: &'static str,
    product: &PackProduct,
) -> Result<(), DbError> {
    let details = json!({
        "sku": product.sku,
        "meals": product.content.meals,
        "price_minor": product.content.price.amount_minor,
        "currency": product.content.price.currency.as_str(),
        "active": product.content.active,
    });
    let entry = author.entry(action, "pack_product", product.id.to_string());
    bk_audit::append(tx, entry.details(details)).await
}

/// Puts a plan on offer.
pub async fn create_plan(
    tx: &TenantTx,
    _permit: Permit<CatalogueWrite>,
    author: &Author,
    key: String,
    content: PlanContent,
) -> Result<Plan, SaveOfferError> {
    let plan = Plan { id: PlanId::new(), key, content, version: 1, created_at: author.at };
    store::insert_plan(tx, &plan).await?;
    tell_plan(tx, author, "plan.created", &plan).await?;
    Ok(plan)
}

/// Replaces everything but the key.
pub async fn update_plan(
    tx: &TenantTx,
    _permit: Permit<CatalogueWrite>,
    author: &Author,
    (id, version): (PlanId, i64),
    content: PlanContent,
) -> Result<Plan, SaveOfferError> {
    let before = store::plan_by_id(tx, id).await?.ok_or(SaveOfferError::NotFound)?;
    let plan = Plan { content, version, ..before };
    if !store::update_plan(tx, &plan, author.at).await? {
        return Err(SaveOfferError::Stale);
    }
    tell_plan(tx, author, "plan.changed", &plan).await?;
    Ok(Plan { version: version + 1, ..plan })
}

async fn tell_plan(
    tx: &TenantTx,
    author: &Author,
    action: &'static str,
    plan: &Plan,
) -> Result<(), DbError> {
    let details = json!({
        "key": plan.key,
        "price_minor": plan.content.price.amount_minor,
        "currency": plan.content.price.currency.as_str(),
        "active": plan.content.active,
    });
    let entry = author.entry(action, "plan", plan.id.to_string());
    bk_audit::append(tx, entry.details(details)).await
}
