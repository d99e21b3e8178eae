//! The use case: give up events that a worker left behind when it died.

use bk_persistence::{DbError, GlobalTx};
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    event::{EventOutcome, MAX_ATTEMPTS},
    store,
};

/// An event whose attempts are used up, and which still waits after this long, was abandoned.
const ABANDONED_AFTER: TimeDelta = TimeDelta::days(2);

/// Makes the events `FAILED` that were being processed for the last time when their worker died:
/// nobody would come back to them. Returns how many there were.
pub(super) async fn fail_abandoned_events(
    tx: &GlobalTx,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let received_before = now - ABANDONED_AFTER;
    store::finish_abandoned(tx, MAX_ATTEMPTS, received_before, EventOutcome::FAILED, now).await
}
