//! Rows of order weeks, to and from the model.

use bk_kernel::{Cursor, Limit, OrderWeekId, Page};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    entity::order_week::{ActiveModel, Column, Entity, Model},
    order_week::OrderWeek,
    week_name::WeekName,
    week_times::WeekTimes,
    window::{AfterCutoff, OpenWindow},
};

impl TryFrom<Model> for OrderWeek {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id.into(),
            times: WeekTimes {
                name: row.week.parse().map_err(|_| corrupt_row("order week"))?,
                opens_at: row.opens_at,
                closes_at: row.closes_at,
                cutoff_at: row.cutoff_at,
            },
            time_zone: row.time_zone,
            locked_at: row.locked_at,
        })
    }
}

/// The week of a name.
pub(super) async fn week_by_name(
    tx: &TenantTx,
    name: WeekName,
) -> Result<Option<OrderWeek>, DbError> {
    let named = in_tenant::<Entity>(tx).filter(Column::Week.eq(name.to_string()));
    named.one(tx).await?.map(OrderWeek::try_from).transpose()
}

/// The week of an id.
pub(super) async fn week_by_id(
    tx: &TenantTx,
    id: OrderWeekId,
) -> Result<Option<OrderWeek>, DbError> {
    find_in_tenant::<Entity>(tx, id).await?.map(OrderWeek::try_from).transpose()
}

/// The earliest week whose cutoff has not come at `now`: upcoming, open, or closed and about to lock.
pub(super) async fn current_week(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Option<OrderWeek>, DbError> {
    let coming = in_tenant::<Entity>(tx).filter(Column::CutoffAt.gt(now));
    let row = coming.order_by_asc(Column::CutoffAt).one(tx).await?;
    row.map(OrderWeek::try_from).transpose()
}

/// The earliest week that can be ordered for at `now` or later: open, or the next to open.
pub(super) async fn orderable_week(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Option<OrderWeek>, DbError> {
    let coming = in_tenant::<Entity>(tx).filter(Column::ClosesAt.gt(now));
    let row = coming.order_by_asc(Column::ClosesAt).one(tx).await?;
    row.map(OrderWeek::try_from).transpose()
}

/// Weeks in the order of their creation, which is the order of the calendar.
pub(super) async fn list_weeks(
    tx: &TenantTx,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<OrderWeek>, DbError> {
    page_by_key(tx, in_tenant::<Entity>(tx), Column::Id, Order::Asc, limit, after).await
}

/// The week of an id, locked until the transaction ends.
pub(super) async fn lock_week_row(
    tx: &TenantTx,
    id: OrderWeekId,
) -> Result<Option<OrderWeek>, DbError> {
    lock_in_tenant::<Entity>(tx, id).await?.map(OrderWeek::try_from).transpose()
}

/// Keeps the week from being locked until the transaction ends. False when it is locked already.
pub(super) async fn hold_unlocked(tx: &TenantTx, window: OpenWindow) -> Result<bool, DbError> {
    tenant_sql(
        tx,
        "SELECT FROM kitchen_order_weeks
          WHERE tenant_id = $1 AND id = $2 AND locked_at IS NULL FOR KEY SHARE",
    )
    .bind_id(window.week_id())
    .exists(tx)
    .await
}

/// Notes that the week is locked. Its row must be held.
pub(super) async fn mark_locked(
    tx: &TenantTx,
    cutoff: AfterCutoff,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = ActiveModel { locked_at: Set(Some(at)), ..ActiveModel::default() };
    update_in_tenant::<Entity>(tx, cutoff.week_id(), change).await?;
    Ok(())
}

/// Weeks whose cutoff has come and that are not locked, oldest first.
pub(super) async fn due_weeks(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Vec<OrderWeek>, DbError> {
    let rows = in_tenant::<Entity>(tx)
        .filter(Column::CutoffAt.lte(now))
        .filter(Column::LockedAt.is_null())
        .order_by_asc(Column::CutoffAt)
        .all(tx)
        .await?;
    rows.into_iter().map(OrderWeek::try_from).collect()
}

/// Inserts a week unless one of its name exists.
pub(super) async fn insert_if_absent(
    tx: &TenantTx,
    week: &WeekTimes,
    time_zone: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(OrderWeekId::new().uuid()),
        week: Set(week.name.to_string()),
        time_zone: Set(time_zone.to_owned()),
        opens_at: Set(week.opens_at),
        closes_at: Set(week.closes_at),
        cutoff_at: Set(week.cutoff_at),
        locked_at: Set(None),
        created_at: Set(now),
    };
    let once = OnConflict::columns([Column::TenantId, Column::Week]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives a stored week other instants, unless it has opened or an account has an order in it.
pub(super) async fn reschedule_if_untouched(
    tx: &TenantTx,
    week: &WeekTimes,
    time_zone: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tenant_sql(
        tx,
        "UPDATE kitchen_order_weeks w
            SET time_zone = $3, opens_at = $4, closes_at = $5, cutoff_at = $6
          WHERE tenant_id = $1 AND week = $2 AND opens_at > $7 AND locked_at IS NULL
            AND (time_zone, opens_at, closes_at, cutoff_at) IS DISTINCT FROM ($3, $4, $5, $6)
            AND NOT EXISTS (SELECT FROM kitchen_orders o
                             WHERE o.tenant_id = w.tenant_id AND o.week_id = w.id)",
    )
    .bind(week.name.to_string())
    .bind(time_zone)
    .bind(week.opens_at)
    .bind(week.closes_at)
    .bind(week.cutoff_at)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// One generator at a time per tenant.
pub(super) async fn lock_generator(tx: &TenantTx) -> Result<(), DbError> {
    tenant_sql(
        tx,
        "SELECT pg_advisory_xact_lock(hashtextextended('kitchen_order_weeks ' || $1::text, 0))",
    )
    .execute(tx)
    .await?;
    Ok(())
}
