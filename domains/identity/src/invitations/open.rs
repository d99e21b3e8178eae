//! Open invitations: listing, sending again, withdrawing.

use bk_kernel::{Cursor, InvitationId, Limit, Permit, TenantId, UserId};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};

use super::{
    invitation::{OpenInvitation, VALID_FOR},
    invite::enqueue_mail,
    store,
};
use crate::{Identity, permissions::MembersRead, users};

/// Whether an invitation can still be acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StillOpen {
    /// It is open, or was until just now.
    Yes(UserId),
    /// It was accepted.
    Accepted,
    /// It was withdrawn.
    Withdrawn,
    /// There is no such invitation.
    Unknown,
}

/// Open invitations by id, which is by time; one more than `limit`, if there is.
pub(crate) async fn list_open(
    identity: &Identity,
    _permit: Permit<MembersRead>,
    tenant: TenantId,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Vec<OpenInvitation>, DbError> {
    let scope = identity.db().tenant(tenant);
    scope
        .read(move |tx| async move {
            let rows = store::open(&tx, limit, after).await?;
            with_users(&tx, rows).await
        })
        .await
}

/// One open invitation.
pub(crate) async fn one_open(
    tx: &TenantTx,
    id: InvitationId,
) -> Result<Option<OpenInvitation>, DbError> {
    let row = store::one_open(tx, id).await?;
    Ok(with_users(tx, row.into_iter().collect()).await?.into_iter().next())
}

/// Makes the token of the last mail worthless and queues a new mail, good for the full time again.
pub(crate) async fn resend(
    tx: &TenantTx,
    id: InvitationId,
    now: DateTime<Utc>,
) -> Result<StillOpen, DbError> {
    if store::renew(tx, id, None, now + VALID_FOR).await? {
        enqueue_mail(tx, id).await?;
    }
    // The update holds the row, so this is what it found.
    store::state(tx, id).await
}

/// Withdraws whatever open invitation a user has.
pub(crate) async fn withdraw_of(
    tx: &TenantTx,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    store::withdraw_of(tx, user, now).await
}

/// Whether the invitation can still be acted on, and whose it is.
pub(crate) async fn state(tx: &TenantTx, id: InvitationId) -> Result<StillOpen, DbError> {
    store::state(tx, id).await
}

async fn with_users(
    tx: &TenantTx,
    rows: Vec<store::OpenRow>,
) -> Result<Vec<OpenInvitation>, DbError> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.user_id).collect();
    let members = users::members(tx, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let user = members.iter().find(|member| member.user.id == row.user_id);
            // The foreign key keeps the user there.
            let user = user.ok_or_else(|| DbError::other("an invitation's user is missing"))?;
            Ok(OpenInvitation {
                id: row.id,
                user_id: row.user_id,
                email: user.user.email.clone(),
                display_name: user.user.display_name.clone(),
                roles: user.roles.clone(),
                created_at: row.created_at,
                expires_at: row.expires_at,
                sent_at: row.sent_at,
            })
        })
        .collect()
}
