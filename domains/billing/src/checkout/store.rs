//! Rows of purchases that begin.

use bk_contracts::checkout::PackCheckout;
use bk_kernel::PurchaseId;
use bk_persistence::{DbError, TenantTx};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Select, Statement, Value,
};

use super::start_checkout::NewPurchase;
use crate::{
    entity::purchase::{Column, Entity, Model},
    purchase::{Page, Purchase},
    stripe::OpenedSession,
};

/// A purchase with what its page was, or is to be, opened with.
pub(super) struct Found {
    pub(super) purchase: Purchase,
    pub(super) email: Option<String>,
    /// `success_url`, `cancel_url`; gone once the page is open.
    pub(super) urls: Option<(String, String)>,
}

/// Writes a purchase down, unless one with the same request key exists.
pub(super) async fn insert(tx: &TenantTx, new: &NewPurchase) -> Result<(), DbError> {
    let asked = &new.asked;
    let values: [Value; 16] = [
        tx.tenant_id().uuid().into(),
        new.id.uuid().into(),
        asked.account_id.uuid().into(),
        asked.user_id.uuid().into(),
        asked.product_id.uuid().into(),
        asked.title.clone().into(),
        asked.meals.into(),
        asked.meal_size_g.into(),
        asked.price.amount_minor.into(),
        asked.price.currency.as_str().into(),
        asked.request_key.clone().into(),
        asked.email.clone().into(),
        asked.success_url.clone().into(),
        asked.cancel_url.clone().into(),
        new.created_at.into(),
        new.expires_at.into(),
    ];
    let sql = "INSERT INTO billing_purchases (tenant_id, id, account_id, user_id, product_id, title, meals,
                   meal_size_g, price_minor, currency, request_key, customer_email, success_url, cancel_url,
                   created_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
               ON CONFLICT DO NOTHING";
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(())
}

/// The purchase that this caller's request key started, if the caller sent one.
pub(super) async fn by_request_key(
    tx: &TenantTx,
    asked: &PackCheckout,
) -> Result<Option<Found>, DbError> {
    let Some(key) = &asked.request_key else { return Ok(None) };
    let query = of_tenant(tx)
        .filter(Column::AccountId.eq(asked.account_id.uuid()))
        .filter(Column::UserId.eq(asked.user_id.uuid()))
        .filter(Column::ProductId.eq(asked.product_id.uuid()))
        .filter(Column::RequestKey.eq(key.as_str()));
    query.one(tx).await?.map(found).transpose()
}

/// The purchase with this id.
pub(super) async fn by_id(tx: &TenantTx, id: PurchaseId) -> Result<Option<Found>, DbError> {
    of_tenant(tx).filter(Column::Id.eq(id.uuid())).one(tx).await?.map(found).transpose()
}

/// Lets the key start another purchase.
pub(super) async fn release_request_key(tx: &TenantTx, id: PurchaseId) -> Result<(), DbError> {
    let sql = "UPDATE billing_purchases SET request_key = NULL, version = version + 1
               WHERE tenant_id = $1 AND id = $2";
    let values = [tx.tenant_id().uuid().into(), id.uuid().into()];
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(())
}

/// Gives a purchase its page, if it waits for one, and records whose page it is.
pub(super) async fn put_page(
    tx: &TenantTx,
    id: PurchaseId,
    opened: &OpenedSession,
) -> Result<(), DbError> {
    let sql = "UPDATE billing_purchases
               SET stripe_session_id = $3, checkout_url = $4, customer_email = NULL, success_url = NULL,
                   cancel_url = NULL, version = version + 1
               WHERE tenant_id = $1 AND id = $2 AND state = 'PENDING' AND stripe_session_id IS NULL";
    let values: [Value; 4] = [
        tx.tenant_id().uuid().into(),
        id.uuid().into(),
        opened.id.clone().into(),
        opened.url.clone().into(),
    ];
    let changed = tx
        .execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
        .await?
        .rows_affected();
    if changed == 1 {
        let sql = "SELECT billing_directory_put($1, $2)";
        let values: [Value; 2] = [opened.id.clone().into(), id.uuid().into()];
        tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    }
    Ok(())
}

/// The page of a purchase.
pub(super) async fn page(tx: &TenantTx, id: PurchaseId) -> Result<Option<Page>, DbError> {
    Ok(by_id(tx, id).await?.and_then(|found| found.purchase.page))
}

fn of_tenant(tx: &TenantTx) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(tx.tenant_id().uuid()))
}

fn found(row: Model) -> Result<Found, DbError> {
    let email = row.customer_email.clone();
    let urls = row.success_url.clone().zip(row.cancel_url.clone());
    Ok(Found { purchase: row.try_into()?, email, urls })
}
