//! Rows of orders, to and from the model.

use std::collections::{BTreeMap, BTreeSet};

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
    allocation::{Allocation, LineAllocation, Portion, Sides},
    cancellation::CancellationWindow,
    cause::OrderCause,
    entity::{
        allocation, line,
        order::{ActiveModel, Column, Entity, Model},
        order_event,
    },
    lines::{OrderLine, OrderLines},
    order::{CancelReason, Order, OrderEvent, OrderFilter, OrderState, Transition},
};
use crate::weeks::{AfterCutoff, OpenWindow};

/// The live order of an account for a week.
pub(super) async fn live_order(
    tx: &TenantTx,
    account: AccountId,
    week: OrderWeekId,
) -> Result<Option<Order>, DbError> {
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
pub(super) async fn order_by_id(tx: &TenantTx, id: OrderId) -> Result<Option<Order>, DbError> {
    let row = Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).one(tx).await?;
    with_lines_of_one(tx, row).await
}

/// Orders, newest first.
pub(super) async fn list_orders(
    tx: &TenantTx,
    filter: &OrderFilter,
    limit: Limit,
    before: Option<Cursor>,
) -> Result<Page<Order>, DbError> {
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

/// The accounts that have a draft or a confirmed order in the week.
pub(super) async fn accounts_ordering(
    tx: &TenantTx,
    week: OrderWeekId,
) -> Result<BTreeSet<AccountId>, DbError> {
    let states = [OrderState::Draft, OrderState::Confirmed].map(OrderState::as_str);
    let accounts: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::AccountId)
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::WeekId.eq(week.uuid()))
        .filter(Column::State.is_in(states))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(accounts.into_iter().map(AccountId::from).collect())
}

/// Every order of a week in one state, by id.
pub(super) async fn orders_of_week(
    tx: &TenantTx,
    week: OrderWeekId,
    state: OrderState,
) -> Result<Vec<Order>, DbError> {
    let rows = Entity::find()
        .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(Column::WeekId.eq(week.uuid()))
        .filter(Column::State.eq(state.as_str()))
        .order_by_asc(Column::Id)
        .all(tx)
        .await?;
    with_lines(tx, rows).await
}

async fn with_lines_of_one(tx: &TenantTx, row: Option<Model>) -> Result<Option<Order>, DbError> {
    Ok(with_lines(tx, row.into_iter().collect()).await?.pop())
}

async fn with_lines(tx: &TenantTx, rows: Vec<Model>) -> Result<Vec<Order>, DbError> {
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

fn stored(row: Model, lines: Vec<OrderLine>) -> Result<Order, DbError> {
    let strange = || DbError::other("a stored order cannot be read");
    Ok(Order {
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

/// Inserts a draft that has no lines yet. Its week is one whose window is open.
pub(super) async fn insert_draft(tx: &TenantTx, draft: &Order) -> Result<(), DbError> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(draft.id.uuid()),
        account_id: Set(draft.account_id.uuid()),
        week_id: Set(draft.week_id.uuid()),
        state: Set(draft.state.as_str().to_owned()),
        created_at: Set(draft.created_at),
        updated_at: Set(draft.created_at),
        ..ActiveModel::default()
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces the lines of a draft.
pub(super) async fn replace_lines(
    tx: &TenantTx,
    _window: OpenWindow,
    replaced: &Transition,
    lines: &OrderLines,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let order = replaced.order_id();
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
    let change = ActiveModel { updated_at: Set(at), ..ActiveModel::default() };
    change_states(tx, std::slice::from_ref(replaced), change).await
}

/// What confirm writes on the order.
#[derive(Debug)]
pub(super) struct Confirmation<'a> {
    pub(super) preset_id: Option<PresetId>,
    pub(super) allocation: &'a Allocation,
    pub(super) key: Option<&'a str>,
    pub(super) at: DateTime<Utc>,
}

/// Writes a confirmation with its allocation.
pub(super) async fn write_confirmation(
    tx: &TenantTx,
    _window: OpenWindow,
    confirmed: &Transition,
    confirmation: &Confirmation<'_>,
) -> Result<(), DbError> {
    let order = confirmed.order_id();
    let replacements =
        serde_json::to_value(&confirmation.allocation.replacements).map_err(DbError::encoding)?;
    let change = ActiveModel {
        preset_id: Set(confirmation.preset_id.map(PresetId::uuid)),
        replacements: Set(replacements),
        confirmed_at: Set(Some(confirmation.at)),
        confirm_key: Set(confirmation.key.map(str::to_owned)),
        updated_at: Set(confirmation.at),
        ..ActiveModel::default()
    };
    change_states(tx, std::slice::from_ref(confirmed), change).await?;
    let tenant_id = tx.tenant_id().uuid();
    let ids = |set: &BTreeSet<ComponentId>| set.iter().map(|id| id.uuid()).collect::<Vec<_>>();
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

/// Writes cancellations for one reason.
pub(super) async fn write_cancellations(
    tx: &TenantTx,
    _window: CancellationWindow,
    cancelled: &[Transition],
    reason: CancelReason,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = ActiveModel {
        cancelled_at: Set(Some(at)),
        cancel_reason: Set(Some(reason.as_str().to_owned())),
        updated_at: Set(at),
        ..ActiveModel::default()
    };
    change_states(tx, cancelled, change).await
}

/// Writes the locks of orders.
pub(super) async fn write_locks(
    tx: &TenantTx,
    _cutoff: AfterCutoff,
    locked: &[Transition],
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change =
        ActiveModel { locked_at: Set(Some(at)), updated_at: Set(at), ..ActiveModel::default() };
    change_states(tx, locked, change).await
}

/// Gives orders the states that their transitions lead to, one statement for each state, together with
/// `change`. The only place that writes the state of an order.
async fn change_states(
    tx: &TenantTx,
    transitions: &[Transition],
    change: ActiveModel,
) -> Result<(), DbError> {
    let mut orders: BTreeMap<OrderState, Vec<Uuid>> = BTreeMap::new();
    for transition in transitions {
        orders.entry(transition.to()).or_default().push(transition.order_id().uuid());
    }
    for (state, ids) in orders {
        Entity::update_many()
            .set(ActiveModel { state: Set(state.as_str().to_owned()), ..change.clone() })
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::TenantId.eq(tx.tenant_id().uuid()))
            .filter(Column::Id.is_in(ids))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The stored allocation of orders, by order.
pub(super) async fn allocations(
    tx: &TenantTx,
    orders: &[Order],
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

fn rebuild(order: &Order, rows: Vec<allocation::Model>) -> Result<Allocation, DbError> {
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

/// Appends the events of transitions, in one statement; `note` is what a person adds to the reason.
pub(super) async fn append_events(
    tx: &TenantTx,
    transitions: &[Transition],
    cause: OrderCause,
    note: Option<&str>,
) -> Result<(), DbError> {
    if transitions.is_empty() {
        return Ok(());
    }
    let rows = transitions.iter().map(|transition| order_event::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(Uuid::now_v7()),
        order_id: Set(transition.order_id().uuid()),
        kind: Set(transition.event().as_str().to_owned()),
        actor_id: Set(cause.actor_id.map(UserId::uuid)),
        reason: Set(match transition.event() {
            OrderEvent::Cancelled { reason } => Some(reason.as_str().to_owned()),
            _ => None,
        }),
        note: Set(note.map(str::to_owned)),
        request_id: Set(cause.request_id.map(RequestId::uuid)),
        at: Set(cause.at),
    });
    order_event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
