//! Which week is meant. Use cases of other slices ask here under a permission of their own.

use bk_kernel::{OperationContext, OrderWeekId};
use bk_persistence::{DbError, TenantTx};

use super::{order_week::OrderWeek, store, week_name::WeekName};

/// Returns the week of this name, if there is one.
pub async fn week_by_name(tx: &TenantTx, name: WeekName) -> Result<Option<OrderWeek>, DbError> {
    store::week_by_name(tx, name).await
}

/// Returns the week of this id, if there is one.
pub async fn week_by_id(tx: &TenantTx, id: OrderWeekId) -> Result<Option<OrderWeek>, DbError> {
    store::week_by_id(tx, id).await
}

/// Returns the earliest week whose cutoff has not come when the operation begins: upcoming, open, or
/// closed and about to lock.
pub async fn current_week(
    ctx: &OperationContext,
    tx: &TenantTx,
) -> Result<Option<OrderWeek>, DbError> {
    store::current_week(tx, ctx.at()).await
}

/// Returns the earliest week that can be ordered for when the operation begins or later: open, or the
/// next to open.
pub async fn orderable_week(
    ctx: &OperationContext,
    tx: &TenantTx,
) -> Result<Option<OrderWeek>, DbError> {
    store::orderable_week(tx, ctx.at()).await
}

/// Returns the weeks whose cutoff has come when the operation begins and that are not locked, oldest
/// first.
pub async fn due_weeks(ctx: &OperationContext, tx: &TenantTx) -> Result<Vec<OrderWeek>, DbError> {
    store::due_weeks(tx, ctx.at()).await
}
