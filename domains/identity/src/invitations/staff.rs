//! Inviting and resending by a member of the staff, who can give only what they hold.

use bk_audit::AuditEntry;
use bk_contracts::identity::{InviteError, NewUser};
use bk_kernel::{InvitationId, Permit};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::{
    invitation::OpenInvitation,
    invite,
    open::{self, StillOpen},
};
use crate::{
    Identity,
    members::{By, covers},
    permissions::MembersWrite,
};

/// Whom to invite.
#[derive(Debug, Clone)]
pub(crate) struct InviteMember {
    /// As typed.
    pub(crate) email: String,
    /// What to call them.
    pub(crate) display_name: String,
    /// Role keys.
    pub(crate) roles: Vec<String>,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InviteMemberError {
    /// A role permits what the inviter does not hold.
    #[error("the roles permit more than the inviter holds")]
    Forbidden,
    /// As for everybody who invites.
    #[error(transparent)]
    Refused(#[from] InviteError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Why nothing was sent again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResendError {
    /// There is no such invitation.
    #[error("no such invitation")]
    NotFound,
    /// It was accepted or withdrawn.
    #[error("not open: {0}")]
    Over(&'static str),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Invites a member.
pub(crate) async fn invite_member(
    identity: &Identity,
    _permit: Permit<MembersWrite>,
    by: By,
    new: InviteMember,
) -> Result<OpenInvitation, InviteMemberError> {
    let parts = identity.clone();
    identity
        .db()
        .tenant(by.actor.tenant_id)
        .run(move |tx| async move {
            let roles = new.roles.clone();
            let new = NewUser {
                email: new.email,
                display_name: new.display_name,
                roles: new.roles,
                invited_by: Some(by.actor.user_id),
                request_id: Some(by.request_id),
                at: by.at,
            };
            if !covers(&parts, &tx, &by.actor, &roles).await? {
                return Err(InviteMemberError::Forbidden);
            }
            let (user, id) = invite::invite(&tx, parts.roles(), new).await?;
            let invitation = reread(&tx, id).await?;
            let entry = AuditEntry::system(by.at, "member.invited", "user", user.to_string())
                .by(&by.actor)
                .request(by.request_id)
                .details(json!({ "invitation_id": id, "roles": invitation.roles }));
            bk_audit::append(&tx, entry).await?;
            Ok(invitation)
        })
        .await
}

/// Sends an invitation again, expired or not, with a new token.
pub(crate) async fn resend_invitation(
    identity: &Identity,
    _permit: Permit<MembersWrite>,
    by: By,
    id: InvitationId,
) -> Result<OpenInvitation, ResendError> {
    identity
        .db()
        .tenant(by.actor.tenant_id)
        .run(move |tx| async move {
            match open::resend(&tx, id, by.at).await? {
                StillOpen::Yes(user) => {
                    let entry =
                        AuditEntry::system(by.at, "invitation.resent", "user", user.to_string())
                            .by(&by.actor)
                            .request(by.request_id)
                            .details(json!({ "invitation_id": id }));
                    let invitation = reread(&tx, id).await?;
                    bk_audit::append(&tx, entry).await?;
                    Ok(invitation)
                }
                StillOpen::Accepted => Err(ResendError::Over("ACCEPTED")),
                StillOpen::Withdrawn => Err(ResendError::Over("WITHDRAWN")),
                StillOpen::Unknown => Err(ResendError::NotFound),
            }
        })
        .await
}

async fn reread(tx: &TenantTx, id: InvitationId) -> Result<OpenInvitation, DbError> {
    let invitation = open::one_open(tx, id).await?;
    invitation.ok_or_else(|| DbError::other("an invitation vanished in its own transaction"))
}
