//! Rows of orders, to and from the model.

use std::collections::{BTreeMap, BTreeSet};

use bk_kernel::{
    AccountId, ComponentId, Cursor, Limit, OperationContext, OrderId, OrderWeekId, Page, PresetId,
    UserId,
};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    allocation::{Allocation, LineAllocation, Portion, Sides},
    cancellation_window::CancellationWindow,
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
    let row = in_tenant::<Entity>(tx)
        .filter(Column::AccountId.eq(account.uuid()))
        .filter(Column::WeekId.eq(week.uuid()))
        // A literal: with a parameter the plan could not use the index of live orders.
        .filter(Expr::col(Column::State).ne(constant(OrderState::Cancelled)))
        .one(tx)
        .await?;
    with_lines_of_one(tx, row).await
}

/// The order of an id.
pub(super) async fn order_by_id(tx: &TenantTx, id: OrderId) -> Result<Option<Order>, DbError> {
    with_lines_of_one(tx, find_in_tenant::<Entity>(tx, id).await?).await
}

/// A page of orders, newest first.
pub(super) async fn list_orders(
    tx: &TenantTx,
    filter: &OrderFilter,
    (limit, before): (Limit, Option<Cursor>),
) -> Result<Page<Order>, DbError> {
    let mut select = in_tenant::<Entity>(tx);
    if let Some(account) = filter.account_id {
        select = select.filter(Column::AccountId.eq(account.uuid()));
    }
    if let Some(manager) = filter.managed_by {
        select = select.filter(Expr::cust_with_values(
            "(tenant_id, account_id) IN (SELECT a.tenant_id, a.id FROM kitchen_accounts a
               WHERE a.tenant_id = $1 AND a.manager_user_id = $2)",
            [tx.tenant_id().uuid(), manager.uuid()],
        ));
    }
    if let Some(week) = filter.week_id {
        select = select.filter(Column::WeekId.eq(week.uuid()));
    }
    if let Some(state) = filter.state {
        select = select.filter(Column::State.eq(state.as_str()));
    }
    let page: Page<Order> =
        page_by_key(tx, select, Column::Id, sea_query::Order::Desc, limit, before).await?;
    Ok(Page { items: with_lines(tx, page.items).await?, next_cursor: page.next_cursor })
}

/// The accounts that have a draft or a confirmed order in the week.
pub(super) async fn accounts_ordering(
    tx: &TenantTx,
    week: OrderWeekId,
) -> Result<BTreeSet<AccountId>, DbError> {
    let states = [OrderState::Draft, OrderState::Confirmed].map(OrderState::as_str);
    let accounts: Vec<Uuid> = in_tenant::<Entity>(tx)
        .select_only()
        .column(Column::AccountId)
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
    let rows = in_tenant::<Entity>(tx)
        .filter(Column::WeekId.eq(week.uuid()))
        .filter(Column::State.eq(state.as_str()))
        .order_by_asc(Column::Id)
        .all(tx)
        .await?;
    with_lines(tx, rows.into_iter().map(Order::try_from).collect::<Result<_, _>>()?).await
}

async fn with_lines_of_one(tx: &TenantTx, row: Option<Model>) -> Result<Option<Order>, DbError> {
    let Some(row) = row else { return Ok(None) };
    Ok(with_lines(tx, vec![row.try_into()?]).await?.pop())
}

/// The orders with the lines that are stored of them.
async fn with_lines(tx: &TenantTx, mut orders: Vec<Order>) -> Result<Vec<Order>, DbError> {
    if orders.is_empty() {
        return Ok(orders);
    }
    let rows = in_tenant::<line::Entity>(tx)
        .filter(line::Column::OrderId.is_in(orders.iter().map(|order| order.id.uuid())))
        .all(tx)
        .await?;
    let mut by_order: BTreeMap<OrderId, Vec<OrderLine>> = BTreeMap::new();
    for row in rows {
        by_order.entry(row.order_id.into()).or_default().push(row.try_into()?);
    }
    for order in &mut orders {
        let lines = by_order.remove(&order.id).unwrap_or_default();
        order.lines = OrderLines::restore(lines).map_err(|_| corrupt_row("order"))?;
    }
    Ok(orders)
}

impl TryFrom<line::Model> for OrderLine {
    type Error = DbError;

    fn try_from(row: line::Model) -> Result<Self, DbError> {
        Ok(Self {
            position: position_from_row(row.position)?,
            dish_id: row.dish_id.into(),
            size: row.meal_size_g.try_into().map_err(|_| corrupt_row("order line"))?,
            quantity: row.quantity,
        })
    }
}

/// The order without its lines, which have a table of their own.
impl TryFrom<Model> for Order {
    type Error = DbError;

    fn try_from(row: Model) -> Result<Self, DbError> {
        let reason = row.cancel_reason.as_deref();
        Ok(Self {
            id: row.id.into(),
            account_id: row.account_id.into(),
            week_id: row.week_id.into(),
            state: from_word(&row.state, "order")?,
            lines: OrderLines::default(),
            preset_id: row.preset_id.map(PresetId::from),
            replacements: serde_json::from_value(row.replacements)
                .map_err(|_| corrupt_row("order"))?,
            late: row.late,
            confirmed_at: row.confirmed_at,
            confirm_key: row.confirm_key,
            locked_at: row.locked_at,
            cancelled_at: row.cancelled_at,
            cancel_reason: reason.map(|word| from_word(word, "order")).transpose()?,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

fn position_from_row(position: i32) -> Result<u16, DbError> {
    position.try_into().map_err(|_| corrupt_row("position"))
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
    let rows = in_tenant::<allocation::Entity>(tx)
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
        .map(|(order, rows)| Ok((order.id, allocation_from_rows(order, rows)?)))
        .collect()
}

fn allocation_from_rows(
    order: &Order,
    rows: Vec<allocation::Model>,
) -> Result<Allocation, DbError> {
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
        let line = line.ok_or_else(|| corrupt_row("allocation"))?;
        line.portions.push(Portion {
            layout: row.layout.map(position_from_row).transpose()?,
            sides: Sides {
                vegetables: row.vegetable_ids.into_iter().map(Into::into).collect(),
                carbohydrates: row.carbohydrate_ids.into_iter().map(Into::into).collect(),
            },
            meals: row.meals,
        });
    }
    Ok(Allocation { lines, replacements: order.replacements.clone() })
}

/// Appends the events of transitions, in one statement, as caused by the operation; `note` is what a
/// person adds to the reason.
pub(super) async fn append_events(
    ctx: &OperationContext,
    tx: &TenantTx,
    transitions: &[Transition],
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
        actor_id: Set(ctx.user_id().map(UserId::uuid)),
        reason: Set(match transition.event() {
            OrderEvent::Cancelled { reason } => Some(reason.as_str().to_owned()),
            _ => None,
        }),
        note: Set(note.map(str::to_owned)),
        request_id: Set(Some(ctx.request_id().uuid())),
        at: Set(ctx.at()),
    });
    order_event::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}
