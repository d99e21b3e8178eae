//! Accepting an invitation: the invited person sets their password and becomes active.

use std::sync::Arc;

use bk_audit::{AuditActor, AuditEntry};
use bk_contracts::tenants::TenantSettings;
use bk_kernel::{InvitationId, RequestId, Surface};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    invitation::{self, TokenHash},
    store,
};
use crate::{
    Identity,
    passwords::{self, Busy, Flaw, Phc},
    tenant::NamedTenant,
    users::{self, Email, User, UserKind, UserStatus},
};

/// An acceptance as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Accept {
    /// `Client` or `Admin`.
    pub(crate) surface: Surface,
    /// Where.
    pub(crate) tenant: NamedTenant,
    /// As presented.
    pub(crate) token: SecretString,
    /// The new password.
    pub(crate) password: SecretString,
    /// When.
    pub(crate) now: DateTime<Utc>,
    /// The request.
    pub(crate) request_id: RequestId,
}

/// Somebody is active now.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    /// Who.
    pub(crate) user: User,
    /// Where.
    pub(crate) tenant: Arc<TenantSettings>,
}

/// Why nobody became active.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AcceptError {
    /// The token is not one, was used, withdrawn, has expired, or belongs elsewhere.
    #[error("refused")]
    Refused,
    /// The password is not good enough; the token stays good.
    #[error("the password is refused")]
    Password(#[from] Flaw),
    /// Too many passwords are being hashed.
    #[error("busy")]
    Busy(#[from] Busy),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Accepts, once: of two at the same time one wins and the other is refused.
pub(crate) async fn accept(identity: &Identity, accept: Accept) -> Result<Accepted, AcceptError> {
    // What needs no lookup comes first and says nothing about the token.
    passwords::judge(accept.password.expose_secret(), "")?;
    let hash = invitation::hash_of(accept.token.expose_secret());
    let scope = identity.db().tenant(accept.tenant.id());
    let now = accept.now;
    let invited = scope
        .read(move |tx| async move { invited(&tx, &hash, now).await })
        .await?
        .filter(|(_, user)| user.kind == kind_on(accept.surface));
    let (Some((id, user)), Some(tenant)) = (invited, accept.tenant.open().cloned()) else {
        return Err(AcceptError::Refused);
    };
    let local_part = user.email.parse::<Email>().map(|email| email.local_part().to_owned());
    passwords::judge(accept.password.expose_secret(), &local_part.unwrap_or_default())?;
    let password = identity.passwords().hash(accept.password).await?;
    let request = accept.request_id;
    let user = scope
        .run(move |tx| async move { take_up(&tx, id, &user, &hash, &password, now, request).await })
        .await?;
    Ok(Accepted { user, tenant })
}

const fn kind_on(surface: Surface) -> UserKind {
    match surface {
        Surface::Client => UserKind::Client,
        _ => UserKind::Staff,
    }
}

async fn invited(
    tx: &TenantTx,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<(InvitationId, User)>, DbError> {
    let Some((id, user)) = store::by_token(tx, hash, now).await? else { return Ok(None) };
    let user = users::by_id(tx, user).await?;
    Ok(user.filter(|user| user.status == UserStatus::Invited).map(|user| (id, user)))
}

/// The user's row is locked first, as everywhere; then the invitation is used up if it still can be.
async fn take_up(
    tx: &TenantTx,
    id: InvitationId,
    user: &User,
    hash: &TokenHash,
    password: &Phc,
    now: DateTime<Utc>,
    request: RequestId,
) -> Result<User, AcceptError> {
    let user = user.id;
    let activated =
        users::activate(tx, user, password, now).await? && store::use_up(tx, id, hash, now).await?;
    if !activated {
        return Err(AcceptError::Refused);
    }
    let user = users::by_id(tx, user).await?.ok_or(AcceptError::Refused)?;
    let actor_kind = match user.kind {
        UserKind::Client => AuditActor::Client,
        UserKind::Staff => AuditActor::Staff,
    };
    let entry = AuditEntry {
        actor: Some(user.id),
        actor_kind,
        ..AuditEntry::system(now, "invitation.accepted", "user", user.id.to_string())
    };
    bk_audit::append(tx, entry.request(request).details(json!({ "invitation_id": id }))).await?;
    Ok(user)
}
