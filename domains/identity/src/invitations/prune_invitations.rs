//! Deletes old invitations.

use bk_kernel::OperationContext;
use bk_persistence::{DbError, TenantTx};

use super::{invitation::INVITATION_RETENTION, store};

/// Deletes the tenant's invitations that were accepted, withdrawn or expired longer than
/// [`INVITATION_RETENTION`] ago. A user who never accepted theirs can be invited again. Returns how
/// many rows it deleted.
pub(crate) async fn prune_invitations(
    ctx: &OperationContext,
    tx: &TenantTx,
) -> Result<u64, DbError> {
    store::delete_ended(tx, ctx.at() - INVITATION_RETENTION).await
}
