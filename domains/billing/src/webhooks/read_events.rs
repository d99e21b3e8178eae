//! The use cases: staff look at the events that concern their kitchen.

use bk_kernel::{Cursor, Limit, Page, Permit, TenantId};
use bk_persistence::{Database, DbError};
use uuid::Uuid;

use super::{
    inbox::{EventState, EventSummary},
    store,
};
use crate::permissions::BillingOperate;

/// A page of events, newest first.
pub(crate) async fn list_events(
    db: &Database,
    _: Permit<BillingOperate>,
    tenant: TenantId,
    state: Option<EventState>,
    (limit, cursor): (Limit, Option<Cursor>),
) -> Result<Page<EventSummary>, DbError> {
    let before = cursor.map(|cursor| cursor.0);
    let events = db.tenant(tenant).read(move |tx| async move {
        store::summaries(&tx, None, state, before, limit.rows() + 1).await
    });
    Ok(Page::from_overfetch(events.await?, limit, |event: &EventSummary| event.id))
}

/// One event.
pub(crate) async fn get_event(
    db: &Database,
    _: Permit<BillingOperate>,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<EventSummary>, DbError> {
    let found = db
        .tenant(tenant)
        .read(move |tx| async move { store::summaries(&tx, Some(id), None, None, 1).await });
    let mut found: Vec<_> = found.await?;
    Ok(found.pop())
}
