//! The use case: staff let an event be processed again.

use bk_audit::AuditEntry;
use bk_kernel::Authorized;
use bk_persistence::{DbError, TenantTx, jobs};
use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use super::{
    event::{EventState, EventSummary},
    jobs::processing_job,
    store,
};
use crate::permissions::BillingOperate;

/// Why an event was not replayed.
#[derive(Debug, Error)]
pub(super) enum ReplayError {
    /// No such event concerns the tenant.
    #[error("no such event")]
    NotFound,
    /// The event waits already.
    #[error("the event waits already")]
    Waiting(EventState),
    /// The database failed, and the event stays as it was.
    #[error("database")]
    Db(#[from] DbError),
}

/// Makes the event wait again and queues its work.
///
/// Fails with [`ReplayError`] when the tenant has no such event, or it waits already.
pub(super) async fn replay_event(
    ctx: &Authorized<BillingOperate>,
    tx: &TenantTx,
    id: Uuid,
) -> Result<EventSummary, ReplayError> {
    let before = find(tx, id).await?;
    let Some((key, object)) = store::requeue(tx, id).await? else {
        return Err(ReplayError::Waiting(before.state));
    };
    jobs::enqueue(tx, processing_job(&key, object.as_deref(), ctx.request_id())?).await?;
    let after = find(tx, id).await?;
    let entry = AuditEntry::of(ctx, "billing_event.replayed", "billing_event", id)
        .details(json!({ "type": before.kind, "state": before.state.as_str() }));
    bk_audit::append(tx, entry).await?;
    Ok(after)
}

async fn find(tx: &TenantTx, id: Uuid) -> Result<EventSummary, ReplayError> {
    store::find_summary(tx, id).await?.ok_or(ReplayError::NotFound)
}
