//! Disables a member.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, UserId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use crate::{
    Identity, invitations,
    permissions::MembersWrite,
    sessions::{self, ChangedSessions, EndReason},
    users::{self, DisableUserError},
};

/// Why a member was not disabled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DisableMemberError {
    /// The tenant has no such member.
    #[error("no such member")]
    NotFound,
    /// The user cannot be disabled.
    #[error(transparent)]
    User(#[from] DisableUserError),
    /// The change could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Disables a member, ends all their sessions and withdraws their invitation. A member who is
/// disabled already stays so.
pub(crate) async fn disable_member(
    ctx: &Authorized<MembersWrite>,
    identity: &Identity,
    id: UserId,
) -> Result<(), DisableMemberError> {
    let input = (ctx.clone(), identity.clone(), id);
    let ended = identity
        .db()
        .transaction(ctx, input, async |tx, (ctx, identity, id)| {
            disable_in(&ctx, &tx, &identity, id).await
        })
        .await?;
    sessions::forget(identity, &ended);
    Ok(())
}

async fn disable_in(
    ctx: &Authorized<MembersWrite>,
    tx: &TenantTx,
    identity: &Identity,
    id: UserId,
) -> Result<ChangedSessions, DisableMemberError> {
    let locked = users::lock_user(tx, id).await?.ok_or(DisableMemberError::NotFound)?;
    let disabled = users::disable_user(ctx, tx, identity.roles(), &locked).await?;
    let Some(disabled) = disabled else { return Ok(ChangedSessions::default()) };
    invitations::withdraw_invitation_of(ctx, tx, id).await?;
    let ended = sessions::end_sessions_of(ctx, tx, id, EndReason::Disabled).await?;
    let entry = AuditEntry::of(ctx, "member.disabled", "user", id)
        .details(json!({ "status_before": disabled.status_before, "roles": disabled.roles }));
    bk_audit::append(tx, entry).await?;
    Ok(ended)
}
