//! Deleting what has been over for long.

use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{session::KEPT_AFTER_END, store};

/// Deletes the tenant's sessions that have been over for [`KEPT_AFTER_END`] and the failures that
/// count no more. Returns how many rows went.
pub(crate) async fn prune(tx: &TenantTx, now: DateTime<Utc>) -> Result<u64, DbError> {
    let sessions = store::delete_ended(tx, now - KEPT_AFTER_END).await?;
    Ok(sessions + store::delete_forgotten(tx, now).await?)
}
