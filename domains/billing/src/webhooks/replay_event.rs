//! The use case: staff let an event be worked on again.

use std::sync::Arc;

use bk_audit::AuditEntry;
use bk_kernel::{Actor, Permit, RequestId};
use bk_persistence::{Database, DbError, TenantTx, jobs};
use chrono::{DateTime, Utc};
use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use super::{
    inbox::{EventState, EventSummary},
    receive_event::job,
    store,
};
use crate::permissions::BillingOperate;

/// Who wants which event to be worked on again.
#[derive(Debug, Clone)]
pub(crate) struct ReplayEvent {
    pub(crate) id: Uuid,
    pub(crate) actor: Arc<Actor>,
    pub(crate) request_id: RequestId,
    pub(crate) at: DateTime<Utc>,
}

/// Why an event was not replayed.
#[derive(Debug, Error)]
pub(crate) enum ReplayError {
    /// No such event concerns this tenant.
    #[error("no such event")]
    NotFound,
    /// It waits already.
    #[error("the event waits already")]
    Waiting(EventState),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Makes the event wait again and queues its work, in one transaction.
pub(crate) async fn replay_event(
    db: &Database,
    _: Permit<BillingOperate>,
    command: ReplayEvent,
) -> Result<EventSummary, ReplayError> {
    let scope = db.tenant(command.actor.tenant_id);
    scope.run(move |tx| async move { replay_in(&tx, command).await }).await
}

async fn replay_in(tx: &TenantTx, command: ReplayEvent) -> Result<EventSummary, ReplayError> {
    let ReplayEvent { id, actor, request_id, at } = command;
    let before = find(tx, id).await?;
    let Some((key, object)) = store::revive(tx, id).await? else {
        return Err(ReplayError::Waiting(before.state));
    };
    jobs::enqueue(tx, job(&key, object.as_deref())?).await?;
    let after = find(tx, id).await?;
    let entry = AuditEntry::system(at, "billing_event.replayed", "billing_event", id.to_string())
        .by(&actor)
        .request(request_id)
        .details(json!({ "type": before.kind, "state": before.state.as_str() }));
    bk_audit::append(tx, entry).await?;
    Ok(after)
}

async fn find(tx: &TenantTx, id: Uuid) -> Result<EventSummary, ReplayError> {
    store::summaries(tx, Some(id), None, None, 1).await?.pop().ok_or(ReplayError::NotFound)
}
