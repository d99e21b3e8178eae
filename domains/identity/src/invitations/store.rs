//! Rows of invitations.

use bk_kernel::{Cursor, InvitationId, Limit, Page, UserId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    entity::invitation,
    invitation::{Invitation, InvitationStatus, TokenHash},
};

/// Inserts an open invitation without a token.
pub(super) async fn insert(
    tx: &TenantTx,
    new: &Invitation,
    invited_by: Option<UserId>,
) -> Result<(), DbError> {
    let row = invitation::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(new.id.uuid()),
        user_id: Set(new.user_id.uuid()),
        token_hash: Set(None),
        invited_by: Set(invited_by.map(UserId::uuid)),
        created_at: Set(new.created_at),
        expires_at: Set(new.expires_at),
        sent_at: Set(None),
        accepted_at: Set(None),
        withdrawn_at: Set(None),
    };
    invitation::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The condition that an invitation is open.
fn is_open() -> Condition {
    Condition::all()
        .add(invitation::Column::AcceptedAt.is_null())
        .add(invitation::Column::WithdrawnAt.is_null())
}

/// Returns a page of the open invitations, by id.
pub(super) async fn list_open(
    tx: &TenantTx,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Invitation>, DbError> {
    let open = in_tenant::<invitation::Entity>(tx).filter(is_open());
    page_by_key(tx, open, invitation::Column::Id, Order::Asc, limit, cursor).await
}

/// Returns an invitation, open or not.
pub(super) async fn find(tx: &TenantTx, id: InvitationId) -> Result<Option<Invitation>, DbError> {
    let row = find_in_tenant::<invitation::Entity>(tx, id).await?;
    Ok(row.map(Invitation::from))
}

/// Whether a user has an open invitation.
pub(super) async fn has_open(tx: &TenantTx, user: UserId) -> Result<bool, DbError> {
    let open = in_tenant::<invitation::Entity>(tx)
        .filter(invitation::Column::UserId.eq(user.uuid()))
        .filter(is_open())
        .one(tx)
        .await?;
    Ok(open.is_some())
}

/// Returns the open invitation with this token, if the token has not expired.
pub(super) async fn find_by_token(
    tx: &TenantTx,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<Invitation>, DbError> {
    let row = in_tenant::<invitation::Entity>(tx)
        .filter(invitation::Column::TokenHash.eq(hash.to_vec()))
        .filter(invitation::Column::ExpiresAt.gt(now))
        .filter(is_open())
        .one(tx)
        .await?;
    Ok(row.map(Invitation::from))
}

/// Accepts an open invitation, if this is still its token and has not expired. Returns whether it
/// did.
pub(super) async fn accept(
    tx: &TenantTx,
    id: InvitationId,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let change = invitation::ActiveModel {
        accepted_at: Set(Some(now)),
        token_hash: Set(None),
        ..Default::default()
    };
    let accepted = invitation::Entity::update_many()
        .set(change)
        .filter(invitation::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(invitation::Column::Id.eq(id.uuid()))
        .filter(invitation::Column::TokenHash.eq(hash.to_vec()))
        .filter(invitation::Column::ExpiresAt.gt(now))
        .filter(is_open())
        .exec(tx)
        .await?;
    Ok(accepted.rows_affected == 1)
}

/// Replaces the token of an open invitation, or takes it away, and sets when it expires. Returns
/// false when the invitation is not open.
pub(super) async fn renew(
    tx: &TenantTx,
    id: InvitationId,
    hash: Option<&TokenHash>,
    expires_at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let change = invitation::ActiveModel {
        token_hash: Set(hash.map(|hash| hash.to_vec())),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    let renewed = invitation::Entity::update_many()
        .set(change)
        .filter(invitation::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(invitation::Column::Id.eq(id.uuid()))
        .filter(is_open())
        .exec(tx)
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// Records that a mail was handed over.
pub(super) async fn record_sent(
    tx: &TenantTx,
    id: InvitationId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = invitation::ActiveModel { sent_at: Set(Some(at)), ..Default::default() };
    update_in_tenant(tx, id, change).await.map(drop)
}

/// Withdraws the open invitation of a user, if there is one.
pub(super) async fn withdraw_of(
    tx: &TenantTx,
    user: UserId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    let change = invitation::ActiveModel {
        withdrawn_at: Set(Some(at)),
        token_hash: Set(None),
        ..Default::default()
    };
    invitation::Entity::update_many()
        .set(change)
        .filter(invitation::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(invitation::Column::UserId.eq(user.uuid()))
        .filter(is_open())
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes invitations that were accepted or withdrawn, or that expired, before `before`. Returns
/// how many.
pub(super) async fn delete_ended(tx: &TenantTx, before: DateTime<Utc>) -> Result<u64, DbError> {
    let ended = Condition::any()
        .add(invitation::Column::AcceptedAt.lt(before))
        .add(invitation::Column::WithdrawnAt.lt(before))
        .add(invitation::Column::ExpiresAt.lt(before));
    let deleted = invitation::Entity::delete_many()
        .filter(invitation::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(ended)
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected)
}

impl From<invitation::Model> for Invitation {
    fn from(row: invitation::Model) -> Self {
        let status = if row.accepted_at.is_some() {
            InvitationStatus::Accepted
        } else if row.withdrawn_at.is_some() {
            InvitationStatus::Withdrawn
        } else {
            InvitationStatus::Open
        };
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            status,
            created_at: row.created_at,
            expires_at: row.expires_at,
            sent_at: row.sent_at,
        }
    }
}
