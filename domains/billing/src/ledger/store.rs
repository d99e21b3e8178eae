//! The state of purchases and the entries of money.

use bk_kernel::PurchaseId;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    entity::purchase::{Column, Entity},
    purchase::{Attention, Purchase},
};

/// Waits until no other transaction settles this object of Stripe.
pub(super) async fn lock_object(tx: &TenantTx, object: &str) -> Result<(), DbError> {
    let sql = "SELECT pg_advisory_xact_lock(hashtextextended('stripe ' || $1, 0))";
    tx.execute_raw(statement(sql, [object.into()])).await?;
    Ok(())
}

/// The purchase.
pub(super) async fn purchase(tx: &TenantTx, id: PurchaseId) -> Result<Option<Purchase>, DbError> {
    let query = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::Id.eq(id.uuid()));
    query.one(tx).await?.map(Purchase::try_from).transpose()
}

/// The purchase, locked until the transaction ends.
pub(super) async fn lock_purchase(
    tx: &TenantTx,
    id: PurchaseId,
) -> Result<Option<Purchase>, DbError> {
    let query = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .lock_exclusive();
    query.one(tx).await?.map(Purchase::try_from).transpose()
}

/// The purchase is paid.
pub(super) async fn pay(
    tx: &TenantTx,
    id: PurchaseId,
    payment_intent: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let sql = "UPDATE billing_purchases
               SET state = 'PAID', stripe_payment_intent_id = $3, paid_at = $4, attention = NULL,
                   version = version + 1
               WHERE tenant_id = $1 AND id = $2 AND state IN ('PENDING', 'CANCELLED')";
    let values: [Value; 4] =
        [tx.tenant_id().uuid().into(), id.uuid().into(), payment_intent.into(), at.into()];
    tx.execute_raw(statement(sql, values)).await?;
    let values: [Value; 2] = [payment_intent.into(), id.uuid().into()];
    tx.query_one_raw(statement("SELECT billing_directory_put($1, $2)", values)).await?;
    Ok(())
}

/// Nobody can pay the purchase any more. It gives up its request key, so that the same request
/// starts a new one, and the addresses that only opening its page needed.
pub(super) async fn cancel(tx: &TenantTx, id: PurchaseId) -> Result<(), DbError> {
    let sql = "UPDATE billing_purchases
               SET state = 'CANCELLED', request_key = NULL, customer_email = NULL, success_url = NULL,
                   cancel_url = NULL, version = version + 1
               WHERE tenant_id = $1 AND id = $2 AND state = 'PENDING'";
    tx.execute_raw(statement(sql, [tx.tenant_id().uuid().into(), id.uuid().into()])).await?;
    Ok(())
}

/// People should look at the purchase.
pub(super) async fn mark(
    tx: &TenantTx,
    id: PurchaseId,
    attention: Attention,
) -> Result<(), DbError> {
    let sql = "UPDATE billing_purchases SET attention = $3, version = version + 1
               WHERE tenant_id = $1 AND id = $2 AND attention IS DISTINCT FROM $3";
    let values: [Value; 3] =
        [tx.tenant_id().uuid().into(), id.uuid().into(), attention.as_str().into()];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Posts the payment of a purchase.
pub(super) async fn post_payment(
    tx: &TenantTx,
    purchase: &Purchase,
    payment_intent: &str,
    livemode: bool,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let sql =
        "INSERT INTO billing_ledger (tenant_id, id, kind, stripe_object, amount_minor, currency,
                   purchase_id, account_id, livemode, at)
               VALUES ($1, $2, 'PAYMENT', $3, $4, $5, $6, $7, $8, $9)";
    let values: [Value; 9] = [
        tx.tenant_id().uuid().into(),
        Uuid::now_v7().into(),
        payment_intent.into(),
        purchase.price.amount_minor.into(),
        purchase.price.currency.as_str().into(),
        purchase.id.uuid().into(),
        purchase.account_id.uuid().into(),
        livemode.into(),
        at.into(),
    ];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Purchases that wait for their payment since before `before`, oldest first, after `after`.
pub(super) async fn waiting(
    tx: &TenantTx,
    before: DateTime<Utc>,
    after: Option<PurchaseId>,
    most: u64,
) -> Result<Vec<Purchase>, DbError> {
    let mut query = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        // Written out: with a parameter the plan could not use the index of open purchases.
        .filter(Expr::cust("state = 'PENDING'"))
        .filter(Column::Attention.is_null())
        .filter(Column::CreatedAt.lt(before));
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after.uuid()));
    }
    let rows = query.order_by_asc(Column::Id).limit(most).all(tx).await?;
    rows.into_iter().map(Purchase::try_from).collect()
}

/// Cancels what never got a payment page and is older than `before`; answers how many.
pub(super) async fn cancel_pageless(tx: &TenantTx, before: DateTime<Utc>) -> Result<u64, DbError> {
    let sql = "UPDATE billing_purchases
               SET state = 'CANCELLED', request_key = NULL, customer_email = NULL, success_url = NULL,
                   cancel_url = NULL, version = version + 1
               WHERE tenant_id = $1 AND state = 'PENDING' AND stripe_session_id IS NULL
                 AND created_at < $2";
    let values: [Value; 2] = [tx.tenant_id().uuid().into(), before.into()];
    Ok(tx.execute_raw(statement(sql, values)).await?.rows_affected())
}

/// Cancels a purchase whose page Stripe has forgotten and whose time is over.
pub(super) async fn cancel_forgotten(
    tx: &TenantTx,
    purchase: &Purchase,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    if now <= purchase.expires_at {
        return Ok(false);
    }
    cancel(tx, purchase.id).await?;
    Ok(true)
}

fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
