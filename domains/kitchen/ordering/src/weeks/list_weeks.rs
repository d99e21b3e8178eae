//! Weeks as staff read them.

use bk_kernel::{Cursor, Limit, Page, Permit};
use bk_kitchen_core::permissions::OrdersRead;
use bk_persistence::{DbError, TenantTx};

use super::{order_week::OrderWeek, store};

/// Weeks in the order of the calendar, past and future.
pub async fn list_weeks(
    tx: &TenantTx,
    _permit: Permit<OrdersRead>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<OrderWeek>, DbError> {
    store::list_weeks(tx, limit, after).await
}
