//! Locking a week at its cutoff: confirmed orders are locked, drafts left over are cancelled, and the
//! plan of what is to be cooked is frozen, all in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use bk_audit::{AuditActor, AuditEntry};
use bk_contracts::facts::{Fact, WeekLocked};
use bk_kernel::{AccountId, OrderId, OrderWeekId, Permit, RequestId, UserId};
use bk_kitchen_accounts::accounts::{self, Account};
use bk_kitchen_catalogue::CatalogueBook;
use bk_kitchen_core::permissions::WeeksLock;
use bk_kitchen_ordering::{
    orders::{
        self as ordering, OrderState, StoredOrder,
        order::{CancelReason, OrderEvent},
    },
    weeks::{self, Schedule, StoredWeek, WeekName, schedule::ScheduleError},
};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use thiserror::Error;

use super::{
    plan::{Cookbook, CookedDish, CookedSide, LockedOrder, PlanError, ProductionPlan},
    store::{self, FrozenPlan},
};

/// Who locks.
#[derive(Debug, Clone, Copy)]
pub enum LockedBy {
    /// Nobody: the cutoff came.
    Cutoff,
    /// A person who would not wait for the next minute.
    Person {
        /// That they may.
        permit: Permit<WeeksLock>,
        /// Who.
        user_id: UserId,
        /// Their request.
        request_id: RequestId,
    },
}

/// The week to lock.
#[derive(Debug, Clone, Copy)]
pub struct LockWeek {
    /// Which.
    pub week: WeekName,
    /// Who.
    pub by: LockedBy,
    /// When; not before the cutoff.
    pub at: DateTime<Utc>,
}

/// Why a week was not locked. Nothing was changed.
#[derive(Debug, Error)]
pub enum LockWeekError {
    /// There is no such week.
    #[error("no such week")]
    NotFound,
    /// The cutoff has not come.
    #[error("the cutoff is at {cutoff_at}")]
    TooEarly {
        /// When it comes.
        cutoff_at: DateTime<Utc>,
    },
    /// The recipes do not give a plan: a conversion is missing, or one is too large.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The time zone of the week is none.
    #[error(transparent)]
    Zone(#[from] ScheduleError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// A locked week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedWeek {
    /// The week.
    pub week: StoredWeek,
    /// When it was locked.
    pub locked_at: DateTime<Utc>,
    /// Orders in the frozen plan.
    pub orders: usize,
    /// Meals in it.
    pub meals: i64,
}

/// Locks a week. A week that is locked already is answered with as it is, so that many workers and
/// people may try at once: one of them does it.
///
/// Takes the accounts that order in the week by id, as everything that changes orders does, and then
/// the week, so that nobody begins another order in it.
pub async fn lock_week(
    tx: &TenantTx,
    book: &CatalogueBook,
    lock: &LockWeek,
) -> Result<LockedWeek, LockWeekError> {
    let week = weeks::week_by_name(tx, lock.week).await?.ok_or(LockWeekError::NotFound)?;
    if lock.at < week.week.cutoff_at {
        return Err(LockWeekError::TooEarly { cutoff_at: week.week.cutoff_at });
    }
    let mut accounts = lock_accounts(tx, week.id, BTreeMap::new()).await?;
    let week = weeks::lock_week_row(tx, week.id).await?.ok_or(LockWeekError::NotFound)?;
    if let Some(locked_at) = week.locked_at {
        return already_locked(tx, week, locked_at).await;
    }
    // Somebody may have begun an order between the two locks; now nobody can.
    accounts = lock_accounts(tx, week.id, accounts).await?;
    let drafts = ordering::orders_of_week(tx, week.id, OrderState::Draft).await?;
    let confirmed = ordering::orders_of_week(tx, week.id, OrderState::Confirmed).await?;
    let plan = freeze(tx, &week, &confirmed, &accounts, book).await?;
    end_drafts(tx, &drafts, lock).await?;
    lock_orders(tx, &confirmed, lock).await?;
    weeks::mark_locked(tx, week.id, lock.at).await?;
    let frozen = FrozenPlan { plan, frozen_at: lock.at };
    store::insert_plan(tx, week.id, &frozen).await?;
    tell(tx, &week, confirmed.len(), lock).await?;
    let locked = summary(week, lock.at, &frozen.plan);
    record(tx, &locked, drafts.len(), lock).await?;
    Ok(locked)
}

/// Locks the accounts that have live orders in the week and are not held yet.
async fn lock_accounts(
    tx: &TenantTx,
    week: OrderWeekId,
    mut held: BTreeMap<AccountId, Account>,
) -> Result<BTreeMap<AccountId, Account>, DbError> {
    let mut wanted = BTreeSet::new();
    for state in [OrderState::Draft, OrderState::Confirmed] {
        let orders = ordering::orders_of_week(tx, week, state).await?;
        wanted.extend(orders.into_iter().map(|order| order.account_id));
    }
    wanted.retain(|id| !held.contains_key(id));
    if !wanted.is_empty() {
        let locked = accounts::lock_accounts(tx, wanted).await?;
        held.extend(locked.into_iter().map(|account| (account.id, account)));
    }
    Ok(held)
}

async fn already_locked(
    tx: &TenantTx,
    week: StoredWeek,
    locked_at: DateTime<Utc>,
) -> Result<LockedWeek, LockWeekError> {
    let plans = store::plans_of_week(tx, week.id).await?;
    let frozen = plans.into_iter().next();
    let frozen = frozen.ok_or_else(|| DbError::other("a locked week has no frozen plan"))?;
    Ok(summary(week, locked_at, &frozen.plan))
}

fn summary(week: StoredWeek, locked_at: DateTime<Utc>, plan: &ProductionPlan) -> LockedWeek {
    let week = StoredWeek { locked_at: Some(locked_at), ..week };
    LockedWeek { week, locked_at, orders: plan.packing.len(), meals: plan.total_meals() }
}

/// The plan of the confirmed orders, with the recipes of the moment.
async fn freeze(
    tx: &TenantTx,
    week: &StoredWeek,
    confirmed: &[StoredOrder],
    accounts: &BTreeMap<AccountId, Account>,
    book: &CatalogueBook,
) -> Result<ProductionPlan, LockWeekError> {
    let mut allocations = ordering::allocations(tx, confirmed).await?;
    let orders = confirmed
        .iter()
        .map(|order| {
            let account = accounts.get(&order.account_id);
            let allocation = allocations.remove(&order.id);
            let (Some(account), Some(allocation)) = (account, allocation) else {
                return Err(DbError::other("a confirmed order has no account or allocation"));
            };
            Ok(LockedOrder {
                order_id: order.id,
                account_id: order.account_id,
                customer_reference: account.reference.clone(),
                lines: order.lines.clone(),
                allocation,
            })
        })
        .collect::<Result<Vec<_>, DbError>>()?;
    Ok(ProductionPlan::freeze(&orders, &cookbook(book), production_date(week)?)?)
}

/// The meals are cooked on the local date of the cutoff.
fn production_date(week: &StoredWeek) -> Result<NaiveDate, ScheduleError> {
    let zone = Schedule::parse_zone(&week.time_zone)?;
    Ok(week.week.cutoff_at.with_timezone(&zone).date_naive())
}

fn cookbook(book: &CatalogueBook) -> Cookbook {
    let dishes = book.dishes.iter().map(|(id, dish)| {
        let cooked = CookedDish {
            name: dish.dish.name.clone(),
            recipe: dish.recipe.clone(),
            shelf_life: dish.dish.shelf_life,
        };
        (*id, cooked)
    });
    let sides = book.components.iter().map(|(id, side)| {
        (*id, CookedSide { name: side.component.name.clone(), recipe: side.recipe.clone() })
    });
    Cookbook { recipes: book.recipes.clone(), dishes: dishes.collect(), sides: sides.collect() }
}

/// Drafts that nobody confirmed in time hold no meals; they only end.
async fn end_drafts(tx: &TenantTx, drafts: &[StoredOrder], lock: &LockWeek) -> Result<(), DbError> {
    let reason = CancelReason::WindowMissed;
    for draft in drafts {
        ordering::write_cancellation(tx, draft.id, reason, lock.at).await?;
    }
    append_events(tx, drafts, OrderEvent::Cancelled { reason }, lock).await
}

async fn lock_orders(
    tx: &TenantTx,
    confirmed: &[StoredOrder],
    lock: &LockWeek,
) -> Result<(), DbError> {
    let ids: Vec<OrderId> = confirmed.iter().map(|order| order.id).collect();
    ordering::write_locks(tx, &ids, lock.at).await?;
    append_events(tx, confirmed, OrderEvent::Locked, lock).await
}

async fn append_events(
    tx: &TenantTx,
    orders: &[StoredOrder],
    event: OrderEvent,
    lock: &LockWeek,
) -> Result<(), DbError> {
    let events: Vec<_> = orders.iter().map(|order| (order.id, event)).collect();
    let (actor_id, request_id) = lock.by.person();
    let cause = ordering::OrderCause { actor_id, request_id, at: lock.at };
    ordering::append_events(tx, &events, cause).await
}

async fn tell(
    tx: &TenantTx,
    week: &StoredWeek,
    orders: usize,
    lock: &LockWeek,
) -> Result<(), DbError> {
    let fact = Fact::WeekLocked(WeekLocked {
        week_id: week.id,
        week: week.week.name.to_string(),
        orders: i64::try_from(orders).unwrap_or(i64::MAX),
        locked_at: lock.at,
    });
    fact.tell(tx, lock.by.person().1, lock.at).await
}

async fn record(
    tx: &TenantTx,
    locked: &LockedWeek,
    drafts: usize,
    lock: &LockWeek,
) -> Result<(), DbError> {
    let (actor, request_id) = lock.by.person();
    let entry = AuditEntry {
        actor,
        actor_kind: match lock.by {
            LockedBy::Cutoff => AuditActor::System,
            LockedBy::Person { .. } => AuditActor::Staff,
        },
        request_id,
        details: json!({
            "week": locked.week.week.name.to_string(),
            "orders": locked.orders,
            "meals": locked.meals,
            "drafts_cancelled": drafts,
        }),
        ..AuditEntry::system(lock.at, "week.locked", "week", locked.week.id.to_string())
    };
    bk_audit::append(tx, entry).await
}

impl LockedBy {
    const fn person(&self) -> (Option<UserId>, Option<RequestId>) {
        match self {
            Self::Cutoff => (None, None),
            Self::Person { user_id, request_id, .. } => (Some(*user_id), Some(*request_id)),
        }
    }
}
