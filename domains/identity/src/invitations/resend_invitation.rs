//! Mails an invitation again.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, InvitationId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::{
    invitation::{InvitationStatus, OpenInvitation, TOKEN_LIFETIME},
    invite_user::enqueue_mail,
    list_invitations::with_member,
    store,
};
use crate::{Identity, permissions::MembersWrite};

/// Why no mail was queued.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResendInvitationError {
    /// The tenant has no such invitation.
    #[error("no such invitation")]
    NotFound,
    /// It was accepted or withdrawn.
    #[error("not open: {0}")]
    NotOpen(InvitationStatus),
    /// The mail could not be queued.
    #[error("database")]
    Db(#[from] DbError),
}

/// Mails an open invitation again, expired or not, with a new token. The token of the last mail stops
/// working at once.
pub(crate) async fn resend_invitation(
    ctx: &Authorized<MembersWrite>,
    identity: &Identity,
    id: InvitationId,
) -> Result<OpenInvitation, ResendInvitationError> {
    identity
        .db()
        .transaction(ctx, (ctx.clone(), id), async |tx, (ctx, id)| resend_in(&ctx, &tx, id).await)
        .await
}

async fn resend_in(
    ctx: &Authorized<MembersWrite>,
    tx: &TenantTx,
    id: InvitationId,
) -> Result<OpenInvitation, ResendInvitationError> {
    let is_open = store::renew(tx, id, None, ctx.at() + TOKEN_LIFETIME).await?;
    let invitation = store::find(tx, id).await?.ok_or(ResendInvitationError::NotFound)?;
    if !is_open {
        return Err(ResendInvitationError::NotOpen(invitation.status));
    }
    enqueue_mail(ctx, tx, id).await?;
    let open = with_member(tx, invitation).await?;
    let entry = AuditEntry::of(ctx, "invitation.resent", "user", open.invitation.user_id)
        .details(json!({ "invitation_id": id }));
    bk_audit::append(tx, entry).await?;
    Ok(open)
}
