//! Rows of `billing_purchases` and `billing_session_directory`.

use bk_kernel::{Cursor, Limit, Page, PurchaseId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    entity::purchase::{ActiveModel, Column, Entity, Model},
    purchase::{
        NewPurchase, PageRequest, PaymentPage, Purchase, PurchaseFilter, PurchaseOwner,
        PurchaseState, RecordedPurchase, ReviewReason, Transition,
    },
};

/// Inserts a purchase, unless one with the same request key exists.
pub(super) async fn insert(tx: &TenantTx, new: &NewPurchase) -> Result<(), DbError> {
    // Columns that are left out here are those that the API's role may not write.
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(new.id.uuid()),
        account_id: Set(new.account_id.uuid()),
        user_id: Set(new.user_id.uuid()),
        product_id: Set(new.product_id.uuid()),
        title: Set(new.title.clone()),
        meals: Set(new.meals),
        meal_size_g: Set(new.meal_size_g),
        price_minor: Set(new.price.amount_minor),
        currency: Set(new.price.currency.as_str().to_owned()),
        request_key: Set(new.request_key.clone()),
        customer_email: Set(new.page_request.email.clone()),
        success_url: Set(Some(new.page_request.success_url.clone())),
        cancel_url: Set(Some(new.page_request.cancel_url.clone())),
        created_at: Set(new.created_at),
        expires_at: Set(new.expires_at),
        ..Default::default()
    };
    let unless_known = OnConflict::new().do_nothing().to_owned();
    Entity::insert(row).on_conflict(unless_known).exec_without_returning(tx).await?;
    Ok(())
}

/// Reads the purchase with this id.
pub(super) async fn find(tx: &TenantTx, id: PurchaseId) -> Result<Option<Purchase>, DbError> {
    find_in_tenant::<Entity>(tx, id).await?.map(Purchase::try_from).transpose()
}

/// Reads the purchase with this id, and locks it until the transaction ends.
pub(super) async fn lock(tx: &TenantTx, id: PurchaseId) -> Result<Option<Purchase>, DbError> {
    lock_in_tenant::<Entity>(tx, id).await?.map(Purchase::try_from).transpose()
}

/// Reads the purchase with this id, and what its page is to be opened with.
pub(super) async fn find_recorded(
    tx: &TenantTx,
    id: PurchaseId,
) -> Result<Option<RecordedPurchase>, DbError> {
    find_in_tenant::<Entity>(tx, id).await?.map(recorded).transpose()
}

/// Reads the purchase that the request key of `new` started; none when it has no key.
pub(super) async fn find_by_request_key(
    tx: &TenantTx,
    new: &NewPurchase,
) -> Result<Option<RecordedPurchase>, DbError> {
    let Some(key) = &new.request_key else { return Ok(None) };
    let row = in_tenant::<Entity>(tx)
        .filter(Column::AccountId.eq(new.account_id.uuid()))
        .filter(Column::UserId.eq(new.user_id.uuid()))
        .filter(Column::ProductId.eq(new.product_id.uuid()))
        .filter(Column::RequestKey.eq(key.as_str()))
        .one(tx);
    row.await?.map(recorded).transpose()
}

/// Reads a page of purchases, newest first.
pub(super) async fn list(
    tx: &TenantTx,
    filter: PurchaseFilter,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Purchase>, DbError> {
    let mut select = in_tenant::<Entity>(tx);
    if let Some(state) = filter.state {
        select = select.filter(Column::State.eq(state.as_str()));
    }
    if let Some(account) = filter.account_id {
        select = select.filter(Column::AccountId.eq(account.uuid()));
    }
    page_by_key(tx, select, Column::Id, Order::Desc, limit, cursor).await
}

/// Reads at most `limit` purchases that are `PENDING` since before `created_before` without a reason
/// for review, oldest first, after `after`.
pub(super) async fn list_open(
    tx: &TenantTx,
    created_before: DateTime<Utc>,
    after: Option<PurchaseId>,
    limit: u64,
) -> Result<Vec<Purchase>, DbError> {
    let mut select = in_tenant::<Entity>(tx)
        // A literal, because with a parameter the plan could not use the index of open purchases.
        .filter(Expr::col(Column::State).eq(constant(PurchaseState::Pending)))
        .filter(Column::Attention.is_null())
        .filter(Column::CreatedAt.lt(created_before));
    if let Some(after) = after {
        select = select.filter(Column::Id.gt(after.uuid()));
    }
    let rows = select.order_by_asc(Column::Id).limit(limit).all(tx).await?;
    rows.into_iter().map(Purchase::try_from).collect()
}

/// Lets the request key of a purchase start another one.
pub(super) async fn release_request_key(tx: &TenantTx, id: PurchaseId) -> Result<(), DbError> {
    let change = ActiveModel { request_key: Set(None), ..Default::default() };
    touch::<Entity>(tx, id, change).await?;
    Ok(())
}

/// Gives a purchase that is locked and waits for its page that page, and empties what opening it
/// needed.
pub(super) async fn put_page(
    tx: &TenantTx,
    id: PurchaseId,
    page: &PaymentPage,
) -> Result<(), DbError> {
    let change = ActiveModel {
        stripe_session_id: Set(Some(page.session_id.clone())),
        checkout_url: Set(Some(page.url.clone())),
        customer_email: Set(None),
        success_url: Set(None),
        cancel_url: Set(None),
        ..Default::default()
    };
    touch::<Entity>(tx, id, change).await?;
    Ok(())
}

/// Writes that a locked purchase is paid, by which payment, and when.
pub(super) async fn mark_paid(
    tx: &TenantTx,
    id: PurchaseId,
    transition: Transition,
    payment_intent: &str,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = ActiveModel {
        state: Set(transition.to().as_str().to_owned()),
        attention: Set(None),
        stripe_payment_intent_id: Set(Some(payment_intent.to_owned())),
        paid_at: Set(Some(at)),
        ..Default::default()
    };
    touch::<Entity>(tx, id, change).await?;
    Ok(())
}

/// Writes that a locked purchase is cancelled, and empties its request key and what its page needed.
pub(super) async fn cancel(
    tx: &TenantTx,
    id: PurchaseId,
    transition: Transition,
) -> Result<(), DbError> {
    let change = ActiveModel {
        state: Set(transition.to().as_str().to_owned()),
        request_key: Set(None),
        customer_email: Set(None),
        success_url: Set(None),
        cancel_url: Set(None),
        ..Default::default()
    };
    touch::<Entity>(tx, id, change).await?;
    Ok(())
}

/// Writes why staff should review a locked purchase.
pub(super) async fn set_review_reason(
    tx: &TenantTx,
    id: PurchaseId,
    reason: ReviewReason,
) -> Result<(), DbError> {
    let change =
        ActiveModel { attention: Set(Some(reason.as_str().to_owned())), ..Default::default() };
    touch::<Entity>(tx, id, change).await?;
    Ok(())
}

/// Records that an object of Stripe belongs to a purchase. Fails when it belongs to another one.
pub(super) async fn put_owner(
    tx: &TenantTx,
    stripe_object: &str,
    id: PurchaseId,
) -> Result<(), DbError> {
    let put = sql("SELECT billing_directory_put($1, $2)").bind(stripe_object).bind_id(id);
    put.exists(tx).await?;
    Ok(())
}

/// Reads which purchase an object of Stripe was recorded for.
pub(super) async fn find_owner(
    tx: &GlobalTx,
    stripe_object: &str,
) -> Result<Option<PurchaseOwner>, DbError> {
    let found: Option<OwnerRow> = sql(
        "SELECT tenant_id, purchase_id FROM billing_session_directory WHERE stripe_object = $1",
    )
    .bind(stripe_object)
    .one(tx)
    .await?;
    Ok(found.map(|row| PurchaseOwner {
        tenant_id: row.tenant_id.into(),
        purchase_id: row.purchase_id.into(),
    }))
}

#[derive(FromQueryResult)]
struct OwnerRow {
    tenant_id: Uuid,
    purchase_id: Uuid,
}

fn recorded(mut row: Model) -> Result<RecordedPurchase, DbError> {
    let email = row.customer_email.take();
    let urls = row.success_url.take().zip(row.cancel_url.take());
    let page_request =
        urls.map(|(success_url, cancel_url)| PageRequest { email, success_url, cancel_url });
    Ok(RecordedPurchase { purchase: row.try_into()?, page_request })
}
