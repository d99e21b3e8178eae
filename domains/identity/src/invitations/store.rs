//! Rows of invitations.

use bk_kernel::{Cursor, InvitationId, Limit, UserId};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    Select, Set,
};

use super::{entity::invitation, invitation::TokenHash, open::StillOpen};
use crate::store::sql;

/// An invitation to insert.
#[derive(Debug)]
pub(super) struct NewInvitation {
    pub(super) id: InvitationId,
    pub(super) user_id: UserId,
    pub(super) invited_by: Option<UserId>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// An open invitation, without its user.
#[derive(Debug)]
pub(super) struct OpenRow {
    pub(super) id: InvitationId,
    pub(super) user_id: UserId,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) sent_at: Option<DateTime<Utc>>,
}

impl From<invitation::Model> for OpenRow {
    fn from(row: invitation::Model) -> Self {
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            sent_at: row.sent_at,
        }
    }
}

/// Inserts an open invitation without a token.
pub(super) async fn insert(tx: &TenantTx, new: NewInvitation) -> Result<(), DbError> {
    let row = invitation::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(new.id.uuid()),
        user_id: Set(new.user_id.uuid()),
        token_hash: Set(None),
        invited_by: Set(new.invited_by.map(UserId::uuid)),
        created_at: Set(new.created_at),
        expires_at: Set(new.expires_at),
        sent_at: Set(None),
        accepted_at: Set(None),
        revoked_at: Set(None),
    };
    invitation::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

fn open_rows(tx: &TenantTx) -> Select<invitation::Entity> {
    invitation::Entity::find()
        .filter(invitation::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null())
}

/// Open invitations in the order of their ids.
pub(super) async fn open(
    tx: &TenantTx,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Vec<OpenRow>, DbError> {
    let mut query = open_rows(tx).order_by_asc(invitation::Column::Id).limit(limit.rows() + 1);
    if let Some(Cursor(id)) = after {
        query = query.filter(invitation::Column::Id.gt(id));
    }
    Ok(query.all(tx).await?.into_iter().map(OpenRow::from).collect())
}

/// One open invitation.
pub(super) async fn one_open(tx: &TenantTx, id: InvitationId) -> Result<Option<OpenRow>, DbError> {
    let row = open_rows(tx).filter(invitation::Column::Id.eq(id.uuid())).one(tx).await?;
    Ok(row.map(OpenRow::from))
}

/// Where an invitation stands.
pub(super) async fn state(tx: &TenantTx, id: InvitationId) -> Result<StillOpen, DbError> {
    let row = invitation::Entity::find_by_id((tx.tenant_id().uuid(), id.uuid())).one(tx).await?;
    Ok(match row {
        None => StillOpen::Unknown,
        Some(row) if row.accepted_at.is_some() => StillOpen::Accepted,
        Some(row) if row.revoked_at.is_some() => StillOpen::Withdrawn,
        Some(row) => StillOpen::Yes(row.user_id.into()),
    })
}

/// The open invitation with this token that has not expired, and its user.
pub(super) async fn by_token(
    tx: &TenantTx,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<(InvitationId, UserId)>, DbError> {
    let row = open_rows(tx)
        .filter(invitation::Column::TokenHash.eq(hash.to_vec()))
        .filter(invitation::Column::ExpiresAt.gt(now))
        .one(tx)
        .await?;
    Ok(row.map(|row| (row.id.into(), row.user_id.into())))
}

/// Accepts, if the token is still the one and good. False when somebody was faster.
pub(super) async fn use_up(
    tx: &TenantTx,
    id: InvitationId,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = tx
        .execute_raw(sql(
            "UPDATE identity_invitations SET accepted_at = $4, token_hash = NULL
             WHERE tenant_id = $1 AND id = $2 AND token_hash = $3 AND expires_at > $4
               AND accepted_at IS NULL AND revoked_at IS NULL",
            [tx.tenant_id().uuid().into(), id.uuid().into(), hash.to_vec().into(), now.into()],
        ))
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Replaces the token of an open invitation, or takes it away, and its end. False when it is not
/// open.
pub(super) async fn renew(
    tx: &TenantTx,
    id: InvitationId,
    hash: Option<&TokenHash>,
    expires_at: DateTime<Utc>,
) -> Result<bool, DbError> {
    let done = tx
        .execute_raw(sql(
            "UPDATE identity_invitations SET token_hash = $3, expires_at = $4
         WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            [
                tx.tenant_id().uuid().into(),
                id.uuid().into(),
                hash.map(|hash| hash.to_vec()).into(),
                expires_at.into(),
            ],
        ))
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a mail was handed over.
pub(super) async fn sent(
    tx: &TenantTx,
    id: InvitationId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.execute_raw(sql(
        "UPDATE identity_invitations SET sent_at = $3 WHERE tenant_id = $1 AND id = $2",
        [tx.tenant_id().uuid().into(), id.uuid().into(), now.into()],
    ))
    .await?;
    Ok(())
}

/// Withdraws the open invitation of a user, if there is one.
pub(super) async fn withdraw_of(
    tx: &TenantTx,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.execute_raw(sql(
        "UPDATE identity_invitations SET revoked_at = $3, token_hash = NULL
         WHERE tenant_id = $1 AND user_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
        [tx.tenant_id().uuid().into(), user.uuid().into(), now.into()],
    ))
    .await?;
    Ok(())
}

/// Deletes invitations that ended or expired before `before`.
pub(super) async fn delete_over(tx: &TenantTx, before: DateTime<Utc>) -> Result<u64, DbError> {
    let gone = invitation::Entity::delete_many()
        .filter(invitation::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(
            invitation::Column::AcceptedAt
                .lt(before)
                .or(invitation::Column::RevokedAt.lt(before))
                .or(invitation::Column::ExpiresAt.lt(before)),
        )
        .exec(tx)
        .await?;
    Ok(gone.rows_affected)
}
