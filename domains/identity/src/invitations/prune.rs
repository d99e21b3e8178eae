//! Deleting old invitations.

use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{invitation::KEPT_AFTER_END, store};

/// Deletes the tenant's invitations that were accepted, withdrawn or expired long ago. An invited
/// user without one can be invited again. Returns how many rows went.
pub(crate) async fn prune(tx: &TenantTx, now: DateTime<Utc>) -> Result<u64, DbError> {
    store::delete_over(tx, now - KEPT_AFTER_END).await
}
