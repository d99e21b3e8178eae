//! Rows of order weeks, to and from the model.

use bk_kernel::{Cursor, Limit, OrderWeekId, Page};
use bk_persistence::{
    DbError, TenantTx,
    sea_orm::{
        ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
        QueryOrder, QuerySelect, Statement,
    },
};
use chrono::{DateTime, Utc};

use super::{
    entity::order_week::{ActiveModel, Column, Entity, Model},
    order_week::OrderWeek,
    schedule::WeekTimes,
    week_name::WeekName,
    window::{AfterCutoff, OpenWindow},
};

impl TryFrom<Model> for OrderWeek {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        let name: WeekName =
            row.week.parse().map_err(|_| DbError::other("a stored week has no valid name"))?;
        Ok(Self {
            id: row.id.into(),
            times: WeekTimes {
                name,
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
    let row = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::Week.eq(name.to_string()))
        .one(tx)
        .await?;
    row.map(OrderWeek::try_from).transpose()
}

/// The week of an id.
pub(super) async fn week_by_id(
    tx: &TenantTx,
    id: OrderWeekId,
) -> Result<Option<OrderWeek>, DbError> {
    let row = Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).one(tx).await?;
    row.map(OrderWeek::try_from).transpose()
}

/// The earliest week whose cutoff has not come at `now`: upcoming, open, or closed and about to lock.
pub(super) async fn current_week(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Option<OrderWeek>, DbError> {
    let row = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::CutoffAt.gt(now))
        .order_by_asc(Column::CutoffAt)
        .one(tx)
        .await?;
    row.map(OrderWeek::try_from).transpose()
}

/// The earliest week that can be ordered for at `now` or later: open, or the next to open.
pub(super) async fn orderable_week(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Option<OrderWeek>, DbError> {
    let row = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::ClosesAt.gt(now))
        .order_by_asc(Column::ClosesAt)
        .one(tx)
        .await?;
    row.map(OrderWeek::try_from).transpose()
}

/// Weeks in the order of their creation, which is the order of the calendar.
pub(super) async fn list_weeks(
    tx: &TenantTx,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<OrderWeek>, DbError> {
    let mut query = Entity::find().filter(Column::TenantId.eq(tx.tenant_id().uuid()));
    if let Some(Cursor(id)) = after {
        query = query.filter(Column::Id.gt(id));
    }
    let rows = query.order_by_asc(Column::Id).limit(limit.rows() + 1).all(tx).await?;
    let weeks = rows.into_iter().map(OrderWeek::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::from_overfetch(weeks, limit, |week| week.id.uuid()))
}

/// The week of an id, locked until the transaction ends.
pub(super) async fn lock_week_row(
    tx: &TenantTx,
    id: OrderWeekId,
) -> Result<Option<OrderWeek>, DbError> {
    let row =
        Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).lock_exclusive().one(tx).await?;
    row.map(OrderWeek::try_from).transpose()
}

/// Keeps the week from being locked until the transaction ends. False when it is locked already.
pub(super) async fn hold_unlocked(tx: &TenantTx, window: OpenWindow) -> Result<bool, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT FROM kitchen_order_weeks
          WHERE tenant_id = $1 AND id = $2 AND locked_at IS NULL FOR KEY SHARE",
        [tx.tenant_id().uuid().into(), window.week_id().uuid().into()],
    );
    Ok(tx.query_one_raw(statement).await?.is_some())
}

/// Notes that the week is locked. Its row must be held.
pub(super) async fn mark_locked(
    tx: &TenantTx,
    cutoff: AfterCutoff,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    Entity::update_many()
        .set(ActiveModel { locked_at: Set(Some(at)), ..ActiveModel::default() })
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::Id.eq(cutoff.week_id().uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Weeks whose cutoff has come and that are not locked, oldest first.
pub(super) async fn due_weeks(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Vec<OrderWeek>, DbError> {
    let rows = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
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
    use bk_persistence::sea_orm::sea_query::OnConflict;
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

/// Gives a stored week other instants, unless it has opened or somebody has an order in it.
pub(super) async fn reschedule_if_untouched(
    tx: &TenantTx,
    week: &WeekTimes,
    time_zone: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "UPDATE kitchen_order_weeks w
            SET time_zone = $3, opens_at = $4, closes_at = $5, cutoff_at = $6
          WHERE tenant_id = $1 AND week = $2 AND opens_at > $7 AND locked_at IS NULL
            AND (time_zone, opens_at, closes_at, cutoff_at) IS DISTINCT FROM ($3, $4, $5, $6)
            AND NOT EXISTS (SELECT FROM kitchen_orders o
                             WHERE o.tenant_id = w.tenant_id AND o.week_id = w.id)",
        [
            tx.tenant_id().uuid().into(),
            week.name.to_string().into(),
            time_zone.into(),
            week.opens_at.into(),
            week.closes_at.into(),
            week.cutoff_at.into(),
            now.into(),
        ],
    );
    tx.execute_raw(statement).await?;
    Ok(())
}

/// One generator at a time per tenant.
pub(super) async fn lock_generator(tx: &TenantTx) -> Result<(), DbError> {
    tx.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_advisory_xact_lock(hashtextextended('kitchen_order_weeks ' || $1::text, 0))",
        [tx.tenant_id().uuid().into()],
    ))
    .await?;
    Ok(())
}
