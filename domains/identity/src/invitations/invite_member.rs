//! Invites a member, for staff, who can give only what they hold themselves.

use bk_audit::AuditEntry;
use bk_contracts::identity::InviteError;
use bk_kernel::Authorized;
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::{
    invitation::OpenInvitation,
    invite_user::{InviteUser, invite_user},
    list_invitations::with_member,
};
use crate::{
    Identity,
    permissions::MembersWrite,
    users::{self, CreateUser},
};

/// The member to invite.
#[derive(Debug, Clone)]
pub(crate) struct InviteMember {
    /// The address as typed.
    pub(crate) email: String,
    /// The name shown to people.
    pub(crate) display_name: String,
    /// Keys of the roles.
    pub(crate) roles: Vec<String>,
}

/// Why no member was invited.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InviteMemberError {
    /// A role permits what the caller does not hold.
    #[error("the roles permit more than the caller holds")]
    Forbidden,
    /// The address or a role is refused.
    #[error(transparent)]
    Refused(#[from] InviteError),
    /// The invitation could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Invites a member.
pub(crate) async fn invite_member(
    ctx: &Authorized<MembersWrite>,
    identity: &Identity,
    command: InviteMember,
) -> Result<OpenInvitation, InviteMemberError> {
    let input = (ctx.clone(), identity.clone(), command);
    identity
        .db()
        .transaction(ctx, input, async |tx, (ctx, identity, command)| {
            invite_in(&ctx, &tx, &identity, command).await
        })
        .await
}

async fn invite_in(
    ctx: &Authorized<MembersWrite>,
    tx: &TenantTx,
    identity: &Identity,
    command: InviteMember,
) -> Result<OpenInvitation, InviteMemberError> {
    let InviteMember { email, display_name, roles } = command;
    if !users::may_grant(ctx, tx, identity.roles(), &roles).await? {
        return Err(InviteMemberError::Forbidden);
    }
    let user = CreateUser { email, display_name, roles };
    let command = InviteUser { user, invited_by: ctx.user_id() };
    let invitation = invite_user(ctx, tx, identity.roles(), &command).await?;
    let open = with_member(tx, invitation).await?;
    let entry = AuditEntry::of(ctx, "member.invited", "user", open.invitation.user_id)
        .details(json!({ "invitation_id": open.invitation.id, "roles": open.member.roles }));
    bk_audit::append(tx, entry).await?;
    Ok(open)
}
