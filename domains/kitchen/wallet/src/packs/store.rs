//! Rows of packs and their events, to and from the model.

use bk_contracts::facts::PurchasePaid;
use bk_kernel::{AccountId, OperationContext, OrderId, PackEventId, PackId, UserId};
use bk_persistence::store::*;

use super::{
    consumption::MealReservation,
    entity::{
        pack::{ActiveModel, Column, Entity, Model},
        pack_event,
    },
    pack::{Pack, PackEvent, PackEventKind, TitledPack},
};

impl TryFrom<Model> for Pack {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            size: row.meal_size_g.try_into().map_err(|_| corrupt_row("pack"))?,
            meals_total: row.meals_total,
            meals_remaining: row.meals_remaining,
            status: from_word(&row.status, "pack")?,
            purchased_at: row.purchased_at,
        })
    }
}

/// The packs of an account, oldest purchase first.
pub(super) async fn packs_of(
    tx: &TenantTx,
    account: AccountId,
) -> Result<Vec<TitledPack>, DbError> {
    let rows = of_account(tx, account).all(tx).await?;
    rows.into_iter()
        .map(|row| Ok(TitledPack { title: row.title.clone(), pack: row.try_into()? }))
        .collect()
}

/// The packs of an account, locked oldest purchase first until the transaction ends.
pub(super) async fn lock_packs(tx: &TenantTx, account: AccountId) -> Result<Vec<Pack>, DbError> {
    let rows = of_account(tx, account).lock_exclusive().all(tx).await?;
    rows.into_iter().map(Pack::try_from).collect()
}

fn of_account(tx: &TenantTx, account: AccountId) -> Select<Entity> {
    in_tenant::<Entity>(tx)
        .filter(Column::AccountId.eq(account.uuid()))
        .order_by_asc(Column::PurchasedAt)
        .order_by_asc(Column::Id)
}

/// Inserts the pack of a purchase, without meals: its first event brings them. False when the
/// purchase has its pack already.
pub(super) async fn insert_once(
    tx: &TenantTx,
    id: PackId,
    paid: &PurchasePaid,
) -> Result<bool, DbError> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(id.uuid()),
        account_id: Set(paid.account_id.uuid()),
        product_id: Set(paid.product_id.uuid()),
        purchase_id: Set(paid.purchase_id.uuid()),
        title: Set(paid.title.clone()),
        meals_total: Set(paid.meals),
        meal_size_g: Set(paid.meal_size_g),
        price_minor: Set(paid.paid.amount_minor),
        currency: Set(paid.paid.currency.as_str().to_owned()),
        purchased_at: Set(paid.paid_at),
        ..ActiveModel::default()
    };
    let once = OnConflict::columns([Column::TenantId, Column::PurchaseId]).do_nothing().to_owned();
    let inserted = Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    Ok(inserted == 1)
}

/// Appends events of packs in one statement, as caused by the operation and, where meals of one move,
/// by the order; the database applies their deltas.
pub(super) async fn append_events(
    ctx: &OperationContext,
    tx: &TenantTx,
    events: &[(PackId, PackEvent)],
    order: Option<OrderId>,
    reason: Option<&str>,
) -> Result<(), DbError> {
    if events.is_empty() {
        return Ok(());
    }
    let rows = events.iter().map(|(pack_id, event)| pack_event::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(PackEventId::new().uuid()),
        pack_id: Set(pack_id.uuid()),
        kind: Set(event.kind.as_str().to_owned()),
        delta: Set(event.delta),
        order_id: Set(order.map(OrderId::uuid)),
        actor_id: Set(ctx.user_id().map(UserId::uuid)),
        reason: Set(reason.map(str::to_owned)),
        request_id: Set(Some(ctx.request_id().uuid())),
        at: Set(ctx.at()),
    });
    pack_event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// What an order took from each pack and what was returned to it.
pub(super) async fn reservations_of_order(
    tx: &TenantTx,
    order: OrderId,
) -> Result<(Vec<MealReservation>, Vec<MealReservation>), DbError> {
    let rows = in_tenant::<pack_event::Entity>(tx)
        .filter(pack_event::Column::OrderId.eq(order.uuid()))
        .all(tx)
        .await?;
    let of = |kind: PackEventKind| {
        rows.iter()
            .filter(|row| row.kind == kind.as_str())
            .map(|row| MealReservation { pack_id: row.pack_id.into(), meals: row.delta.abs() })
            .collect()
    };
    Ok((of(PackEventKind::Consumed), of(PackEventKind::Restored)))
}
