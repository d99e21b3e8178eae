//! Deletes what is no longer needed.

use bk_kernel::OperationContext;
use bk_persistence::{DbError, TenantTx};

use super::{session::ENDED_SESSION_RETENTION, store};

/// Deletes the tenant's sessions that ended or expired longer than [`ENDED_SESSION_RETENTION`] ago,
/// and the failed logins that no longer count. Returns how many rows it deleted.
pub(crate) async fn prune_sessions(ctx: &OperationContext, tx: &TenantTx) -> Result<u64, DbError> {
    let sessions = store::delete_ended(tx, ctx.at() - ENDED_SESSION_RETENTION).await?;
    Ok(sessions + store::delete_expired_attempts(tx, ctx.at()).await?)
}
