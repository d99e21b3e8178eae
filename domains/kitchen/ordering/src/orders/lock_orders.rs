//! Locking the confirmed orders of a week at its cutoff.

use std::collections::BTreeSet;

use bk_kernel::{AccountId, Authorized, OrderWeekId};
use bk_kitchen_core::permissions::WeeksLock;
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{
    allocation::Allocation,
    order::{Order, OrderEvent, OrderState, OrderStateConflict, Transition},
    store,
};
use crate::weeks::AfterCutoff;

/// Why orders were not locked. Nothing was changed.
#[derive(Debug, Error)]
pub enum LockOrdersError {
    /// An order is in a state in which this cannot happen.
    #[error(transparent)]
    State(#[from] OrderStateConflict),
    /// The orders could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Returns the accounts that have a draft or a confirmed order in a week: those to lock before its
/// orders are.
pub async fn accounts_ordering(
    _ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    week: OrderWeekId,
) -> Result<BTreeSet<AccountId>, DbError> {
    store::accounts_ordering(tx, week).await
}

/// Locks every confirmed order of a week and returns each as it was confirmed, with the sides of its
/// meals. The accounts that order in the week, and the week's row, must be locked.
pub async fn lock_orders(
    ctx: &Authorized<WeeksLock>,
    tx: &TenantTx,
    cutoff: AfterCutoff,
) -> Result<Vec<(Order, Allocation)>, LockOrdersError> {
    let orders = store::orders_of_week(tx, cutoff.week_id(), OrderState::Confirmed).await?;
    let transitions = apply_to_all(&orders, OrderEvent::Locked)?;
    store::write_locks(tx, cutoff, &transitions, ctx.at()).await?;
    store::append_events(ctx, tx, &transitions, None).await?;
    let mut allocations = store::allocations(tx, &orders).await?;
    let locked = orders.into_iter().map(|order| {
        let allocation = allocations.remove(&order.id);
        let missing = || DbError::other("a confirmed order has no allocation");
        allocation.map(|allocation| (order, allocation)).ok_or_else(missing)
    });
    Ok(locked.collect::<Result<_, _>>()?)
}

/// What `event` makes of each order.
pub(super) fn apply_to_all(
    orders: &[Order],
    event: OrderEvent,
) -> Result<Vec<Transition>, OrderStateConflict> {
    orders.iter().map(|order| order.apply(event)).collect()
}
