//! Locking a week at its cutoff: confirmed orders are locked, drafts left over are cancelled, and the
//! plan of what is to be cooked is frozen, all in one transaction.

use std::collections::BTreeMap;

use bk_audit::AuditEntry;
use bk_contracts::facts::{Fact, WeekLocked};
use bk_kernel::{AccountId, Authorized, OrderWeekId};
use bk_kitchen_accounts::accounts::{self, Account};
use bk_kitchen_catalogue::CatalogueSnapshot;
use bk_kitchen_core::permissions::WeeksLock;
use bk_kitchen_ordering::{
    orders::{self, Allocation, LockOrdersError, Order},
    weeks::{self, AfterCutoff, OrderWeek, WeekName},
};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::json;
use thiserror::Error;

use super::{
    plan::{
        CookedDish, CookedSide, FrozenPlan, LockedOrder, PlanError, ProductionPlan, RecipeSnapshot,
    },
    store,
};

/// Why a week was not locked. Nothing was changed.
#[derive(Debug, Error)]
pub enum LockWeekError {
    /// There is no such week.
    #[error("no such week")]
    NotFound,
    /// The cutoff has not come.
    #[error("the cutoff is at {cutoff_at}")]
    TooEarly {
        /// From when on the week can be locked.
        cutoff_at: DateTime<Utc>,
    },
    /// Its orders could not be locked.
    #[error(transparent)]
    Orders(#[from] LockOrdersError),
    /// The recipes do not give a plan: a conversion is missing, or one is too large.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The week could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// A locked week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedWeek {
    /// The week as it is from now on.
    pub week: OrderWeek,
    /// When it was locked.
    pub locked_at: DateTime<Utc>,
    /// Number of orders in the frozen plan.
    pub orders: usize,
    /// Number of meals in the frozen plan.
    pub meals: i64,
}

/// Locks a week, not before its cutoff. A week that is locked already is answered with as it is, so
/// that many workers and people may try at once: one of them does it.
///
/// Takes the accounts that order in the week by id, as everything that changes orders does, and then
/// the week, so that no other order begins in it.
pub async fn lock_week(
    ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
    name: WeekName,
) -> Result<LockedWeek, LockWeekError> {
    let week = weeks::week_by_name(tx, name).await?.ok_or(LockWeekError::NotFound)?;
    let early = |_| LockWeekError::TooEarly { cutoff_at: week.times.cutoff_at };
    let cutoff = AfterCutoff::check(&week, ctx.at()).map_err(early)?;
    let mut accounts = lock_accounts(ctx, tx, week.id, BTreeMap::new()).await?;
    let week = weeks::lock_week_row(ctx, tx, week.id).await?.ok_or(LockWeekError::NotFound)?;
    if let Some(locked_at) = week.locked_at {
        return already_locked(tx, week, locked_at).await;
    }
    // An order may have begun between the two locks; now none can.
    accounts = lock_accounts(ctx, tx, week.id, accounts).await?;
    let drafts = orders::end_drafts(ctx, tx, cutoff).await?;
    let locked = orders::lock_orders(ctx, tx, cutoff).await?;
    weeks::mark_locked(ctx, tx, cutoff).await?;
    let plan = freeze(&week, locked, &accounts, snapshot)?;
    let frozen = FrozenPlan { plan, frozen_at: ctx.at() };
    store::insert_plan(tx, week.id, &frozen).await?;
    let locked = summary(week, ctx.at(), &frozen.plan);
    publish_locked(ctx, tx, &locked).await?;
    record_locked(ctx, tx, &locked, drafts).await?;
    Ok(locked)
}

/// Locks the accounts that have live orders in the week and are not held yet.
async fn lock_accounts(
    ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    week: OrderWeekId,
    mut held: BTreeMap<AccountId, Account>,
) -> Result<BTreeMap<AccountId, Account>, DbError> {
    let mut wanted = orders::accounts_ordering(ctx, tx, week).await?;
    wanted.retain(|id| !held.contains_key(id));
    if !wanted.is_empty() {
        let locked = accounts::lock_accounts(tx, wanted).await?;
        held.extend(locked.into_iter().map(|account| (account.id, account)));
    }
    Ok(held)
}

async fn already_locked(
    tx: &TenantTx,
    week: OrderWeek,
    locked_at: DateTime<Utc>,
) -> Result<LockedWeek, LockWeekError> {
    let plans = store::plans_of_week(tx, week.id).await?;
    let frozen = plans.into_iter().next();
    let frozen = frozen.ok_or_else(|| DbError::other("a locked week has no frozen plan"))?;
    Ok(summary(week, locked_at, &frozen.plan))
}

fn summary(week: OrderWeek, locked_at: DateTime<Utc>, plan: &ProductionPlan) -> LockedWeek {
    let week = OrderWeek { locked_at: Some(locked_at), ..week };
    LockedWeek { week, locked_at, orders: plan.packing.len(), meals: plan.total_meals() }
}

/// The plan of the locked orders, with the recipes of the moment.
fn freeze(
    week: &OrderWeek,
    locked: Vec<(Order, Allocation)>,
    accounts: &BTreeMap<AccountId, Account>,
    snapshot: &CatalogueSnapshot,
) -> Result<ProductionPlan, LockWeekError> {
    let orders = locked
        .into_iter()
        .map(|(order, allocation)| {
            let account = accounts.get(&order.account_id);
            let account = account.ok_or_else(|| DbError::other("an order has no account"))?;
            Ok(LockedOrder {
                order_id: order.id,
                account_id: order.account_id,
                customer_reference: account.reference.clone(),
                lines: order.lines,
                allocation,
            })
        })
        .collect::<Result<Vec<_>, DbError>>()?;
    Ok(ProductionPlan::freeze(&orders, &recipe_snapshot(snapshot), production_date(week)?)?)
}

/// The meals are cooked on the local date of the cutoff.
fn production_date(week: &OrderWeek) -> Result<NaiveDate, DbError> {
    let zone: Tz = week
        .time_zone
        .parse()
        .map_err(|_| DbError::other("a stored order week has an unknown time zone"))?;
    Ok(week.times.cutoff_at.with_timezone(&zone).date_naive())
}

/// What the catalogue says about cooking, without the rest of it.
fn recipe_snapshot(snapshot: &CatalogueSnapshot) -> RecipeSnapshot {
    let dishes = snapshot.dishes.iter().map(|(id, dish)| {
        let cooked = CookedDish {
            name: dish.dish.name.clone(),
            recipe: dish.recipe.clone(),
            shelf_life: dish.dish.shelf_life,
        };
        (*id, cooked)
    });
    let sides = snapshot.sides.iter().map(|(id, side)| {
        (*id, CookedSide { name: side.side.name.clone(), recipe: side.recipe.clone() })
    });
    RecipeSnapshot {
        recipes: snapshot.recipes.clone(),
        dishes: dishes.collect(),
        sides: sides.collect(),
    }
}

async fn publish_locked(
    ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    locked: &LockedWeek,
) -> Result<(), DbError> {
    let fact = Fact::WeekLocked(WeekLocked {
        week_id: locked.week.id,
        week: locked.week.times.name.to_string(),
        orders: i64::try_from(locked.orders).unwrap_or(i64::MAX),
        locked_at: locked.locked_at,
    });
    fact.publish(ctx, tx).await
}

async fn record_locked(
    ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    locked: &LockedWeek,
    drafts_cancelled: usize,
) -> Result<(), DbError> {
    let entry = AuditEntry::of(ctx, "week.locked", "week", locked.week.id).details(json!({
        "week": locked.week.times.name.to_string(),
        "orders": locked.orders,
        "meals": locked.meals,
        "drafts_cancelled": drafts_cancelled,
    }));
    bk_audit::append(tx, entry).await
}
