//! Rows of orders, to and from the model.

use std::collections::BTreeMap;

use bk_kernel::{
    AccountId, ComponentId, Cursor, Limit, OrderId, OrderWeekId, Page, PresetId, RequestId, UserId,
};
use bk_persistence::{
    DbError, TenantTx,
    sea_orm::{
        ActiveValue::Set,
        ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
        sea_query::{Expr, ExprTrait as _},
    },
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    allocation::{Allocation, LineAllocation, Portion, Replacement, Sides},
    entity::{
        allocation, line,
        order::{ActiveModel, Column, Entity, Model},
        order_event,
    },
    order::{CancelReason, OrderEvent, OrderLine, OrderLines, OrderState},
};

/// An order as stored, with its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// Its id.
    pub id: OrderId,
    /// Whose.
    pub account_id: AccountId,
    /// For which week.
    pub week_id: OrderWeekId,
    /// Where it is in its life.
    pub state: OrderState,
    /// What was ordered.
    pub lines: OrderLines,
    /// The preset it was resolved with.
    pub preset_id: Option<PresetId>,
    /// Components above the account's tier and what stands in for them.
    pub replacements: Vec<Replacement>,
    /// Whether it was confirmed after the window.
    pub late: bool,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The `Idempotency-Key` it was confirmed under, if any.
    pub confirm_key: Option<String>,
    /// When it was locked.
    pub locked_at: Option<DateTime<Utc>>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why.
    pub cancel_reason: Option<CancelReason>,
    /// For `If-Match`.
    pub version: i64,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
}

/// Which orders to list.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Of one account.
    pub account_id: Option<AccountId>,
    /// Of accounts this person manages.
    pub managed_by: Option<UserId>,
    /// For one week.
    pub week_id: Option<OrderWeekId>,
    /// In one state.
    pub state: Option<OrderState>,
}

/// The live order of an account for a week.
pub async fn live_order(
    tx: &TenantTx,
    account: AccountId,
    week: OrderWeekId,
) -> Result<Option<StoredOrder>, DbError> {
    let row = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::AccountId.eq(account.uuid()))
        .filter(Column::WeekId.eq(week.uuid()))
        // Written out: with a parameter the plan could not use the index of live orders.
        .filter(Expr::cust("state <> 'CANCELLED'"))
        .one(tx)
        .await?;
    with_lines_of_one(tx, row).await
}

/// The order of an id.
pub async fn order_by_id(tx: &TenantTx, id: OrderId) -> Result<Option<StoredOrder>, DbError> {
    let row = Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).one(tx).await?;
    with_lines_of_one(tx, row).await
}

/// Orders, newest first.
pub async fn list_orders(
    tx: &TenantTx,
    filter: &OrderFilter,
    limit: Limit,
    before: Option<Cursor>,
) -> Result<Page<StoredOrder>, DbError> {
    let tenant = tx.tenant_id().uuid();
    let mut query = Entity::find().filter(Column::TenantId.eq(tenant));
    if let Some(account) = filter.account_id {
        query = query.filter(Column::AccountId.eq(account.uuid()));
    }
    if let Some(manager) = filter.managed_by {
        query = query.filter(Expr::cust_with_values(
            "(tenant_id, account_id) IN (SELECT a.tenant_id, a.id FROM kitchen_accounts a
               WHERE a.tenant_id = $1 AND a.manager_user_id = $2)",
            [tenant, manager.uuid()],
        ));
    }
    if let Some(week) = filter.week_id {
        query = query.filter(Column::WeekId.eq(week.uuid()));
    }
    if let Some(state) = filter.state {
        query = query.filter(Column::State.eq(state.as_str()));
    }
    if let Some(Cursor(id)) = before {
        query = query.filter(Column::Id.lt(id));
    }
    let rows = query.order_by_desc(Column::Id).limit(limit.rows() + 1).all(tx).await?;
    let orders = with_lines(tx, rows).await?;
    Ok(Page::from_overfetch(orders, limit, |order| order.id.uuid()))
}

/// Every order of a week in one state, by id.
pub async fn orders_of_week(
    tx: &TenantTx,
    week: OrderWeekId,
    state: OrderState,
) -> Result<Vec<StoredOrder>, DbError> {
    let rows = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::WeekId.eq(week.uuid()))
        .filter(Column::State.eq(state.as_str()))
        .order_by_asc(Column::Id)
        .all(tx)
        .await?;
    with_lines(tx, rows).await
}

async fn with_lines_of_one(
    tx: &TenantTx,
    row: Option<Model>,
) -> Result<Option<StoredOrder>, DbError> {
    Ok(with_lines(tx, row.into_iter().collect()).await?.pop())
}

async fn with_lines(tx: &TenantTx, rows: Vec<Model>) -> Result<Vec<StoredOrder>, DbError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let lines = line::Entity::find()
        .filter(line::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(line::Column::OrderId.is_in(rows.iter().map(|row| row.id)))
        .all(tx)
        .await?;
    let mut by_order: BTreeMap<Uuid, Vec<OrderLine>> = BTreeMap::new();
    for row in lines {
        by_order.entry(row.order_id).or_default().push(order_line(&row)?);
    }
    rows.into_iter()
        .map(|row| {
            let lines = by_order.remove(&row.id).unwrap_or_default();
            stored(row, lines)
        })
        .collect()
}

fn order_line(row: &line::Model) -> Result<OrderLine, DbError> {
    Ok(OrderLine {
        position: position(row.position)?,
        dish_id: row.dish_id.into(),
        size: row
            .meal_size_g
            .try_into()
            .map_err(|_| DbError::other("a stored order line has an unknown meal size"))?,
        quantity: row.quantity,
    })
}

fn stored(row: Model, lines: Vec<OrderLine>) -> Result<StoredOrder, DbError> {
    let strange = || DbError::other("a stored order cannot be read");
    Ok(StoredOrder {
        id: row.id.into(),
        account_id: row.account_id.into(),
        week_id: row.week_id.into(),
        state: row.state.parse().map_err(|_| strange())?,
        lines: OrderLines::restore(lines).map_err(|_| strange())?,
        preset_id: row.preset_id.map(PresetId::from),
        replacements: serde_json::from_value(row.replacements).map_err(|_| strange())?,
        late: row.late,
        confirmed_at: row.confirmed_at,
        confirm_key: row.confirm_key,
        locked_at: row.locked_at,
        cancelled_at: row.cancelled_at,
        cancel_reason: row
            .cancel_reason
            .map(|reason| reason.parse().map_err(|_| strange()))
            .transpose()?,
        version: row.version,
        created_at: row.created_at,
    })
}

fn position(row: i32) -> Result<u16, DbError> {
    row.try_into().map_err(|_| DbError::other("a stored position is out of range"))
}

/// Inserts an empty draft.
pub(super) async fn insert_draft(
    tx: &TenantTx,
    account: AccountId,
    week: OrderWeekId,
    now: DateTime<Utc>,
) -> Result<OrderId, DbError> {
    let id = OrderId::new();
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(id.uuid()),
        account_id: Set(account.uuid()),
        week_id: Set(week.uuid()),
        state: Set(OrderState::Draft.as_str().to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
        ..ActiveModel::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(id)
}

/// Replaces the lines of an order.
pub(super) async fn replace_lines(
    tx: &TenantTx,
    order: OrderId,
    lines: &OrderLines,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let tenant_id = tx.tenant_id().uuid();
    line::Entity::delete_many()
        .filter(line::Column::TenantId.eq(tenant_id))
        .filter(line::Column::OrderId.eq(order.uuid()))
        .exec(tx)
        .await?;
    if !lines.is_empty() {
        let rows = lines.iter().map(|line| line::ActiveModel {
            tenant_id: Set(tenant_id),
            order_id: Set(order.uuid()),
            position: Set(line.position.into()),
            dish_id: Set(line.dish_id.uuid()),
            meal_size_g: Set(line.size.grams()),
            quantity: Set(line.quantity),
        });
        line::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    touch(tx, order, ActiveModel { updated_at: Set(now), ..ActiveModel::default() }).await
}

/// What confirm writes on the order.
#[derive(Debug)]
pub(super) struct Confirmation<'a> {
    pub(super) preset_id: Option<PresetId>,
    pub(super) allocation: &'a Allocation,
    pub(super) key: Option<&'a str>,
    pub(super) at: DateTime<Utc>,
}

/// Makes the order `CONFIRMED` with its allocation.
pub(super) async fn write_confirmation(
    tx: &TenantTx,
    order: OrderId,
    confirmation: &Confirmation<'_>,
) -> Result<(), DbError> {
    let replacements =
        serde_json::to_value(&confirmation.allocation.replacements).map_err(DbError::encoding)?;
    let change = ActiveModel {
        state: Set(OrderState::Confirmed.as_str().to_owned()),
        preset_id: Set(confirmation.preset_id.map(PresetId::uuid)),
        replacements: Set(replacements),
        confirmed_at: Set(Some(confirmation.at)),
        confirm_key: Set(confirmation.key.map(str::to_owned)),
        updated_at: Set(confirmation.at),
        ..ActiveModel::default()
    };
    touch(tx, order, change).await?;
    let tenant_id = tx.tenant_id().uuid();
    let ids = |set: &std::collections::BTreeSet<ComponentId>| {
        set.iter().map(|id| id.uuid()).collect::<Vec<_>>()
    };
    let portions = confirmation
        .allocation
        .lines
        .iter()
        .flat_map(|line| line.portions.iter().map(move |portion| (line, portion)));
    let rows = portions.zip(0..).map(|((line, portion), position)| allocation::ActiveModel {
        tenant_id: Set(tenant_id),
        order_id: Set(order.uuid()),
        position: Set(position),
        line_position: Set(line.position.into()),
        layout: Set(portion.layout.map(i32::from)),
        vegetable_ids: Set(ids(&portion.sides.vegetables)),
        carbohydrate_ids: Set(ids(&portion.sides.carbohydrates)),
        meals: Set(portion.meals),
    });
    allocation::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Makes the order `CANCELLED`.
pub async fn write_cancellation(
    tx: &TenantTx,
    order: OrderId,
    reason: CancelReason,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = ActiveModel {
        state: Set(OrderState::Cancelled.as_str().to_owned()),
        cancelled_at: Set(Some(at)),
        cancel_reason: Set(Some(reason.as_str().to_owned())),
        updated_at: Set(at),
        ..ActiveModel::default()
    };
    touch(tx, order, change).await
}

/// Makes orders `LOCKED`, in one statement.
pub async fn write_locks(
    tx: &TenantTx,
    orders: &[OrderId],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    Entity::update_many()
        .set(ActiveModel {
            state: Set(OrderState::Locked.as_str().to_owned()),
            locked_at: Set(Some(at)),
            updated_at: Set(at),
            ..ActiveModel::default()
        })
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::Id.is_in(orders.iter().map(|id| id.uuid())))
        .exec(tx)
        .await?;
    Ok(())
}

async fn touch(tx: &TenantTx, order: OrderId, change: ActiveModel) -> Result<(), DbError> {
    Entity::update_many()
        .set(change)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::Id.eq(order.uuid()))
        .exec(tx)
        .await?;
    Ok(())
}

/// The stored allocation of orders, by order.
pub async fn allocations(
    tx: &TenantTx,
    orders: &[StoredOrder],
) -> Result<BTreeMap<OrderId, Allocation>, DbError> {
    let rows = allocation::Entity::find()
        .filter(allocation::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(allocation::Column::OrderId.is_in(orders.iter().map(|order| order.id.uuid())))
        .order_by_asc(allocation::Column::OrderId)
        .order_by_asc(allocation::Column::Position)
        .all(tx)
        .await?;
    let mut rows_by_order: BTreeMap<OrderId, Vec<allocation::Model>> = BTreeMap::new();
    for row in rows {
        rows_by_order.entry(row.order_id.into()).or_default().push(row);
    }
    orders
        .iter()
        .filter_map(|order| Some((order, rows_by_order.remove(&order.id)?)))
        .map(|(order, rows)| Ok((order.id, rebuild(order, rows)?)))
        .collect()
}

fn rebuild(order: &StoredOrder, rows: Vec<allocation::Model>) -> Result<Allocation, DbError> {
    let mut lines: Vec<LineAllocation> = order
        .lines
        .iter()
        .map(|line| LineAllocation {
            position: line.position,
            dish_id: line.dish_id,
            size: line.size,
            portions: Vec::new(),
        })
        .collect();
    for row in rows {
        let line = usize::try_from(row.line_position).ok().and_then(|at| lines.get_mut(at));
        let line = line.ok_or_else(|| DbError::other("an allocation names no line"))?;
        line.portions.push(Portion {
            layout: row.layout.map(position).transpose()?,
            sides: Sides {
                vegetables: row.vegetable_ids.into_iter().map(Into::into).collect(),
                carbohydrates: row.carbohydrate_ids.into_iter().map(Into::into).collect(),
            },
            meals: row.meals,
        });
    }
    Ok(Allocation { lines, replacements: order.replacements.clone() })
}

/// What happened to an order, by whom.
#[derive(Debug, Clone, Copy)]
pub struct OrderCause {
    /// Who; none for the system.
    pub actor_id: Option<UserId>,
    /// The request.
    pub request_id: Option<RequestId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Appends one event to each order, in one statement.
pub async fn append_events(
    tx: &TenantTx,
    events: &[(OrderId, OrderEvent)],
    cause: OrderCause,
) -> Result<(), DbError> {
    if events.is_empty() {
        return Ok(());
    }
    let rows = events.iter().map(|event| event_row(tx, *event, cause, None));
    order_event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Appends one event with what a person adds to its reason.
pub(super) async fn append_event_with_note(
    tx: &TenantTx,
    event: (OrderId, OrderEvent),
    cause: OrderCause,
    note: Option<String>,
) -> Result<(), DbError> {
    let row = event_row(tx, event, cause, note);
    order_event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

fn event_row(
    tx: &TenantTx,
    (order, event): (OrderId, OrderEvent),
    cause: OrderCause,
    note: Option<String>,
) -> order_event::ActiveModel {
    order_event::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(Uuid::now_v7()),
        order_id: Set(order.uuid()),
        kind: Set(event.as_str().to_owned()),
        actor_id: Set(cause.actor_id.map(UserId::uuid)),
        reason: Set(match event {
            OrderEvent::Cancelled { reason } => Some(reason.as_str().to_owned()),
            _ => None,
        }),
        note: Set(note),
        request_id: Set(cause.request_id.map(RequestId::uuid)),
        at: Set(cause.at),
    }
}
