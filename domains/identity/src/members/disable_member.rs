//! Disabling a member, or withdrawing the invitation of one who has not come yet.

use bk_audit::AuditEntry;
use bk_kernel::{InvitationId, Permit, UserId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::rules::{self, By, covers};
use crate::{
    Identity,
    invitations::{self, StillOpen},
    permissions::MembersWrite,
    sessions::{self, EndReason, Ended},
    users::{self, UserStatus},
};

/// Why nobody was disabled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DisableError {
    /// There is no such member or invitation.
    #[error("not found")]
    NotFound,
    /// The invitation was accepted: disable the member instead.
    #[error("the invitation was accepted")]
    AlreadyAccepted,
    /// Their roles permit what the caller does not hold.
    #[error("the member's roles permit more than the caller holds")]
    Forbidden,
    /// Nobody would own the tenant any more.
    #[error("the last owner")]
    LastOwner,
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Disables a member and ends all their sessions. Somebody disabled before stays so.
pub(crate) async fn disable_member(
    identity: &Identity,
    _permit: Permit<MembersWrite>,
    by: By,
    id: UserId,
) -> Result<(), DisableError> {
    let parts = identity.clone();
    let ended = identity
        .db()
        .tenant(by.actor.tenant_id)
        .run(move |tx| async move { disable(&parts, &tx, &by, id, "member.disabled").await })
        .await?;
    sessions::forget_ended(identity, &ended);
    Ok(())
}

/// Withdraws an open invitation: its user is disabled until they are invited again.
pub(crate) async fn withdraw_invitation(
    identity: &Identity,
    _permit: Permit<MembersWrite>,
    by: By,
    id: InvitationId,
) -> Result<(), DisableError> {
    let parts = identity.clone();
    let ended = identity
        .db()
        .tenant(by.actor.tenant_id)
        .run(move |tx| async move {
            let user = match invitations::state(&tx, id).await? {
                StillOpen::Yes(user) => user,
                StillOpen::Withdrawn => return Ok(Ended::default()),
                StillOpen::Accepted => return Err(DisableError::AlreadyAccepted),
                StillOpen::Unknown => return Err(DisableError::NotFound),
            };
            users::lock_owners(&tx).await?;
            users::lock(&tx, user).await?;
            // It may have been accepted while we waited for the lock.
            match invitations::state(&tx, id).await? {
                StillOpen::Accepted => Err(DisableError::AlreadyAccepted),
                _ => disable(&parts, &tx, &by, user, "invitation.withdrawn").await,
            }
        })
        .await?;
    sessions::forget_ended(identity, &ended);
    Ok(())
}

async fn disable(
    identity: &Identity,
    tx: &TenantTx,
    by: &By,
    id: UserId,
    action: &'static str,
) -> Result<Ended, DisableError> {
    users::lock_owners(tx).await?;
    let user = users::lock(tx, id).await?.ok_or(DisableError::NotFound)?.user;
    if user.status == UserStatus::Disabled {
        return Ok(Ended::default());
    }
    let roles = users::roles_of(tx, id).await?;
    if rules::is_last_owner(tx, &user, &roles).await? {
        return Err(DisableError::LastOwner);
    }
    if !covers(identity, tx, &by.actor, &roles).await? {
        return Err(DisableError::Forbidden);
    }
    users::disable(tx, id, by.at).await?;
    invitations::withdraw_of(tx, id, by.at).await?;
    let ended = sessions::end_all_of(tx, id, EndReason::Disabled, by.at).await?;
    let entry = AuditEntry::system(by.at, action, "user", id.to_string())
        .by(&by.actor)
        .request(by.request_id)
        .details(json!({ "status_before": user.status.as_str(), "roles": roles }));
    bk_audit::append(tx, entry).await?;
    Ok(ended)
}
