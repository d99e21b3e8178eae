//! Accepts an invitation: the invited user sets a password and becomes active.

use std::sync::Arc;

use bk_audit::{AuditActor, AuditEntry};
use bk_contracts::tenants::TenantSettings;
use bk_kernel::{InvitationId, OperationContext, Surface};
use bk_persistence::{DbError, TenantTx};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    invitation::{self, TokenHash},
    store,
};
use crate::{
    Identity,
    password_policy::{PolicyViolation, check_policy},
    password_pool::{Busy, Phc},
    requested_tenant::RequestedTenant,
    users::{self, Email, User, UserKind, UserStatus},
};

/// An acceptance as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct AcceptInvitation {
    /// The surface called: client or admin.
    pub(crate) surface: Surface,
    /// The tenant that the caller names.
    pub(crate) tenant: RequestedTenant,
    /// The token as presented.
    pub(crate) token: SecretString,
    /// The new password.
    pub(crate) password: SecretString,
}

/// A user who can log in now.
#[derive(Debug, Clone)]
pub(crate) struct AcceptedInvitation {
    /// The user who accepted.
    pub(crate) user: User,
    /// The user's tenant.
    pub(crate) tenant: Arc<TenantSettings>,
}

/// Why an invitation was not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcceptInvitationError {
    /// The token is not one, was used or withdrawn, has expired, or belongs elsewhere.
    #[error("refused")]
    Refused,
    /// The password breaks a rule. The token goes on working.
    #[error("the password is refused")]
    Password(#[from] PolicyViolation),
    /// Too many passwords are being hashed.
    #[error("busy")]
    Busy(#[from] Busy),
    /// The invitation could not be read, or the acceptance not stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Accepts an invitation. Of two acceptances at the same time one succeeds and the other is refused.
/// `ctx` is of the tenant that the caller names, or of the unknown tenant.
pub(crate) async fn accept_invitation(
    ctx: &OperationContext,
    identity: &Identity,
    command: AcceptInvitation,
) -> Result<AcceptedInvitation, AcceptInvitationError> {
    // What needs no lookup comes first and reveals nothing about the token.
    check_policy(command.password.expose_secret(), "")?;
    let hash = invitation::hash_of(command.token.expose_secret());
    let found = identity
        .db()
        .read(ctx, (ctx.clone(), hash), async |tx, (ctx, hash)| {
            find_invited(&ctx, &tx, &hash).await
        })
        .await?
        .filter(|(_, user)| user.kind == kind_on(command.surface));
    let (Some((id, user)), Some(tenant)) = (found, command.tenant.active().cloned()) else {
        return Err(AcceptInvitationError::Refused);
    };
    let local_part = user.email.parse::<Email>().map(|email| email.local_part().to_owned());
    let local_part = local_part.unwrap_or_default();
    check_policy(command.password.expose_secret(), &local_part)?;
    let password = identity.passwords().hash(command.password).await?;
    let input = (ctx.clone(), id, user, hash, password);
    let user = identity
        .db()
        .transaction(ctx, input, async |tx, (ctx, id, user, hash, password)| {
            accept_in(&ctx, &tx, id, &user, &hash, &password).await
        })
        .await?;
    Ok(AcceptedInvitation { user, tenant })
}

const fn kind_on(surface: Surface) -> UserKind {
    match surface {
        Surface::Client => UserKind::Client,
        _ => UserKind::Staff,
    }
}

async fn find_invited(
    ctx: &OperationContext,
    tx: &TenantTx,
    hash: &TokenHash,
) -> Result<Option<(InvitationId, User)>, DbError> {
    let Some(invitation) = store::find_by_token(tx, hash, ctx.at()).await? else {
        return Ok(None);
    };
    let user = users::find_user(tx, invitation.user_id).await?;
    let invited = user.filter(|user| user.status == UserStatus::Invited);
    Ok(invited.map(|user| (invitation.id, user)))
}

/// Locks the user first, as everywhere, and then accepts the invitation if that is still possible.
async fn accept_in(
    ctx: &OperationContext,
    tx: &TenantTx,
    id: InvitationId,
    user: &User,
    hash: &TokenHash,
    password: &Phc,
) -> Result<User, AcceptInvitationError> {
    let user = users::activate_user(ctx, tx, user.id, password).await?;
    let user = user.ok_or(AcceptInvitationError::Refused)?;
    if !store::accept(tx, id, hash, ctx.at()).await? {
        return Err(AcceptInvitationError::Refused);
    }
    let actor_kind = match user.kind {
        UserKind::Client => AuditActor::Client,
        UserKind::Staff => AuditActor::Staff,
    };
    let entry = AuditEntry::of(ctx, "invitation.accepted", "user", user.id)
        .by_user(actor_kind, user.id)
        .details(json!({ "invitation_id": id }));
    bk_audit::append(tx, entry).await?;
    Ok(user)
}
