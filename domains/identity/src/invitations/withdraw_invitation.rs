//! Withdraws invitations.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, InvitationId, OperationContext, UserId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::{
    invitation::{Invitation, InvitationStatus},
    store,
};
use crate::{
    Identity,
    permissions::MembersWrite,
    users::{self, DisableUserError},
};

/// Why an invitation was not withdrawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WithdrawInvitationError {
    /// The tenant has no such invitation.
    #[error("no such invitation")]
    NotFound,
    /// It was accepted: the member can be disabled instead.
    #[error("the invitation was accepted")]
    Accepted,
    /// Its user cannot be disabled.
    #[error(transparent)]
    User(#[from] DisableUserError),
    /// The withdrawal could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Withdraws an open invitation. Its user is disabled until they are invited again.
pub(crate) async fn withdraw_invitation(
    ctx: &Authorized<MembersWrite>,
    identity: &Identity,
    id: InvitationId,
) -> Result<(), WithdrawInvitationError> {
    let input = (ctx.clone(), identity.clone(), id);
    identity
        .db()
        .transaction(ctx, input, async |tx, (ctx, identity, id)| {
            withdraw_in(&ctx, &tx, &identity, id).await
        })
        .await
}

async fn withdraw_in(
    ctx: &Authorized<MembersWrite>,
    tx: &TenantTx,
    identity: &Identity,
    id: InvitationId,
) -> Result<(), WithdrawInvitationError> {
    let Some(invitation) = find_open(tx, id).await? else { return Ok(()) };
    let locked = users::lock_user(tx, invitation.user_id).await?;
    let locked = locked.ok_or(WithdrawInvitationError::NotFound)?;
    // It may have been accepted while this waited for the lock.
    if find_open(tx, id).await?.is_none() {
        return Ok(());
    }
    let disabled = users::disable_user(ctx, tx, identity.roles(), &locked).await?;
    let Some(disabled) = disabled else { return Ok(()) };
    withdraw_invitation_of(ctx, tx, invitation.user_id).await?;
    let entry = AuditEntry::of(ctx, "invitation.withdrawn", "user", invitation.user_id)
        .details(json!({ "status_before": disabled.status_before, "roles": disabled.roles }));
    bk_audit::append(tx, entry).await?;
    Ok(())
}

/// Returns the invitation if it is open, none if it was withdrawn.
async fn find_open(
    tx: &TenantTx,
    id: InvitationId,
) -> Result<Option<Invitation>, WithdrawInvitationError> {
    let invitation = store::find(tx, id).await?.ok_or(WithdrawInvitationError::NotFound)?;
    match invitation.status {
        InvitationStatus::Open => Ok(Some(invitation)),
        InvitationStatus::Withdrawn => Ok(None),
        InvitationStatus::Accepted => Err(WithdrawInvitationError::Accepted),
    }
}

/// Withdraws the open invitation of a user who is being disabled, if there is one.
pub(crate) async fn withdraw_invitation_of(
    ctx: &OperationContext,
    tx: &TenantTx,
    user: UserId,
) -> Result<(), DbError> {
    store::withdraw_of(tx, user, ctx.at()).await
}
