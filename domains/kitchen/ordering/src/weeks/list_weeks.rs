//! Listing weeks, for staff.

use bk_kernel::{Authorized, Cursor, Limit, Page};
use bk_kitchen_core::permissions::OrdersRead;
use bk_persistence::{DbError, TenantTx};

use super::{order_week::OrderWeek, store};

/// Returns a page of weeks in the order of the calendar, past and future.
pub async fn list_weeks(
    _ctx: &Authorized<OrdersRead>,
    tx: &TenantTx,
    (limit, after): (Limit, Option<Cursor>),
) -> Result<Page<OrderWeek>, DbError> {
    store::list_weeks(tx, limit, after).await
}
