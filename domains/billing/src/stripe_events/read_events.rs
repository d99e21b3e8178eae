//! The use cases: staff look at the events that concern their kitchen.

use bk_kernel::{Authorized, Cursor, Limit, Page};
use bk_persistence::{DbError, TenantTx};
use uuid::Uuid;

use super::{
    event::{EventFilter, EventSummary},
    store,
};
use crate::permissions::BillingOperate;

/// Returns a page of the tenant's events, newest first.
pub(super) async fn list_events(
    _ctx: &Authorized<BillingOperate>,
    tx: &TenantTx,
    filter: EventFilter,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<EventSummary>, DbError> {
    store::list_summaries(tx, filter, limit, cursor).await
}

/// Returns one event, or none when no such event concerns the tenant.
pub(super) async fn get_event(
    _ctx: &Authorized<BillingOperate>,
    tx: &TenantTx,
    id: Uuid,
) -> Result<Option<EventSummary>, DbError> {
    store::find_summary(tx, id).await
}
