//! Rows of sessions and of failed logins.

use bk_kernel::{Cursor, Limit, Page, SessionId, UserId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    entity::{login_attempt, session},
    session::{
        ActiveSession, Deadlines, EndReason, NewSession, SessionFilter, SessionSurface,
        StoredSession,
    },
    throttle::{Subject, ThrottleState},
    token::TokenHash,
};
use crate::users::UserStatus;

/// Inserts a session.
pub(super) async fn insert(tx: &TenantTx, new: NewSession) -> Result<(), DbError> {
    let row = session::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(new.id.uuid()),
        user_id: Set(new.user_id.uuid()),
        surface: Set(new.surface.as_str().to_owned()),
        token_hash: Set(new.token_hash.to_vec()),
        created_at: Set(new.deadlines.last_seen_at),
        last_seen_at: Set(new.deadlines.last_seen_at),
        expires_at: Set(new.deadlines.expires_at),
        aal2_at: Set(new.aal2_at),
        ip: Set(new.ip),
        user_agent: Set(new.user_agent),
        ended_at: Set(None),
        end_reason: Set(None),
    };
    session::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Returns the session with this token, its active user and their roles. One statement, because it
/// answers every request whose session is not cached.
pub(super) async fn find_by_token(
    tx: &TenantTx,
    hash: &TokenHash,
) -> Result<Option<StoredSession>, DbError> {
    let row: Option<SessionRow> = tenant_sql(
        tx,
        "SELECT s.id, s.user_id, s.door, s.last_seen_at, s.expires_at, s.aal2_at, u.email, u.display_name,
                (SELECT string_agg(r.role_key, ',' ORDER BY r.role_key) FROM identity_user_roles r
                 WHERE r.tenant_id = s.tenant_id AND r.user_id = s.user_id) AS roles
         FROM identity_sessions s
         JOIN identity_users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
         WHERE s.tenant_id = $1 AND s.token_hash = $2 AND s.ended_at IS NULL AND u.status = $3",
    )
    .bind(hash.to_vec())
    .bind_word(UserStatus::Active)
    .one(tx)
    .await?;
    row.map(StoredSession::try_from).transpose()
}

#[derive(FromQueryResult)]
struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    door: String,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    aal2_at: Option<DateTime<Utc>>,
    email: String,
    display_name: String,
    roles: Option<String>,
}

impl TryFrom<SessionRow> for StoredSession {
    type Error = DbError;

    fn try_from(row: SessionRow) -> Result<Self, DbError> {
        let roles = row.roles.unwrap_or_default();
        let mut roles: Vec<String> =
            roles.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect();
        // The database sorts by its own collation.
        roles.sort_unstable();
        Ok(Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            surface: from_word(&row.door, "session")?,
            deadlines: Deadlines { last_seen_at: row.last_seen_at, expires_at: row.expires_at },
            aal2_at: row.aal2_at,
            email: row.email,
            display_name: row.display_name,
            roles,
        })
    }
}

/// Records that the session is in use.
pub(super) async fn record_use(
    tx: &TenantTx,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    session::Entity::update_many()
        .col_expr(session::Column::LastSeenAt, Expr::value(now))
        .filter(session::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(session::Column::Id.eq(id.uuid()))
        .filter(session::Column::LastSeenAt.lt(now))
        .exec(tx)
        .await?;
    Ok(())
}

fn active(
    tx: &TenantTx,
    user: UserId,
    surface: SessionSurface,
    now: DateTime<Utc>,
) -> Select<session::Entity> {
    in_tenant::<session::Entity>(tx)
        .filter(session::Column::UserId.eq(user.uuid()))
        .filter(session::Column::Surface.eq(surface.as_str()))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(session::Column::LastSeenAt.gt(now - surface.limits().idle))
}

/// Returns the ids of a user's active sessions on a surface, the newest first.
pub(super) async fn find_active(
    tx: &TenantTx,
    user: UserId,
    surface: SessionSurface,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, DbError> {
    let rows = active(tx, user, surface, now)
        .order_by_desc(session::Column::CreatedAt)
        .order_by_desc(session::Column::Id)
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Returns a page of a user's active sessions on a surface, the newest first.
pub(super) async fn list_active(
    tx: &TenantTx,
    user: UserId,
    surface: SessionSurface,
    now: DateTime<Utc>,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<ActiveSession>, DbError> {
    let sessions = active(tx, user, surface, now);
    page_by_key(tx, sessions, session::Column::Id, Order::Desc, limit, cursor).await
}

impl From<session::Model> for ActiveSession {
    fn from(row: session::Model) -> Self {
        Self {
            id: row.id.into(),
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            ip: row.ip,
            user_agent: row.user_agent,
        }
    }
}

/// Ends sessions of a user that were not ended yet. Returns the hashes of their tokens.
pub(super) async fn end(
    tx: &TenantTx,
    user: UserId,
    which: SessionFilter,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<Vec<TokenHash>, DbError> {
    let (id, surface) = match which {
        SessionFilter::All => (None, None),
        SessionFilter::OnSurface(surface) => (None, Some(surface)),
        SessionFilter::One(id, surface) => (Some(id), Some(surface)),
    };
    let mut update = session::Entity::update_many()
        .set(ending(reason, now))
        .filter(session::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(session::Column::UserId.eq(user.uuid()))
        .filter(session::Column::EndedAt.is_null());
    if let Some(id) = id {
        update = update.filter(session::Column::Id.eq(id.uuid()));
    }
    if let Some(surface) = surface {
        update = update.filter(session::Column::Surface.eq(surface.as_str()));
    }
    let rows = update.exec_with_returning(tx).await?;
    rows.into_iter().map(|row| hash_of_row(row.token_hash)).collect()
}

/// Ends the session with this token, if it was not ended yet and opens `surface`. Returns whether
/// it did.
pub(super) async fn end_by_token(
    tx: &TenantTx,
    hash: &TokenHash,
    surface: SessionSurface,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let ended = session::Entity::update_many()
        .set(ending(reason, now))
        .filter(session::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(session::Column::TokenHash.eq(hash.to_vec()))
        .filter(session::Column::Surface.eq(surface.as_str()))
        .filter(session::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

fn ending(reason: EndReason, now: DateTime<Utc>) -> session::ActiveModel {
    session::ActiveModel {
        ended_at: Set(Some(now)),
        end_reason: Set(Some(reason.as_str().to_owned())),
        ..Default::default()
    }
}

/// Returns the hashes of the tokens of a user's sessions that were not ended.
pub(super) async fn find_hashes(tx: &TenantTx, user: UserId) -> Result<Vec<TokenHash>, DbError> {
    let hashes: Vec<Vec<u8>> = in_tenant::<session::Entity>(tx)
        .filter(session::Column::UserId.eq(user.uuid()))
        .filter(session::Column::EndedAt.is_null())
        .select_only()
        .column(session::Column::TokenHash)
        .into_tuple()
        .all(tx)
        .await?;
    hashes.into_iter().map(hash_of_row).collect()
}

fn hash_of_row(bytes: Vec<u8>) -> Result<TokenHash, DbError> {
    bytes.try_into().map_err(|_| corrupt_row("session"))
}

/// Deletes sessions that were ended, or expired, before `before`. Returns how many.
pub(super) async fn delete_ended(tx: &TenantTx, before: DateTime<Utc>) -> Result<u64, DbError> {
    let deleted = session::Entity::delete_many()
        .filter(session::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(session::Column::EndedAt.lt(before).or(session::Column::ExpiresAt.lt(before)))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected)
}

/// Returns what is stored for the subjects and has not expired at `now`.
pub(super) async fn throttle_states(
    tx: &TenantTx,
    subjects: &[Subject; 2],
    now: DateTime<Utc>,
) -> Result<Vec<ThrottleState>, DbError> {
    let mut states = Vec::new();
    for subject in subjects {
        states.extend(unexpired(tx, subject, now).one(tx).await?.map(ThrottleState::from));
    }
    Ok(states)
}

/// Returns the same, and keeps others from changing it until the transaction ends. The subjects are
/// locked one after the other, so that every transaction locks them in the same order.
pub(super) async fn lock_throttle_states(
    tx: &TenantTx,
    subjects: &[Subject; 2],
    now: DateTime<Utc>,
) -> Result<Vec<ThrottleState>, DbError> {
    let mut states = Vec::new();
    for subject in subjects {
        let locked = unexpired(tx, subject, now).lock_exclusive().one(tx).await?;
        states.extend(locked.map(ThrottleState::from));
    }
    Ok(states)
}

fn unexpired(
    tx: &TenantTx,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Select<login_attempt::Entity> {
    in_tenant::<login_attempt::Entity>(tx)
        .filter(login_attempt::Column::Subject.eq(subject.key.to_vec()))
        .filter(login_attempt::Column::ExpiresAt.gt(now))
}

impl From<login_attempt::Model> for ThrottleState {
    fn from(row: login_attempt::Model) -> Self {
        Self { blocked_until: row.blocked_until, expires_at: row.expires_at }
    }
}

/// Counts one more failure of a subject.
pub(super) async fn count_failure(
    tx: &TenantTx,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let first = subject.state_after(1, now);
    let failures: i32 = tenant_sql(
        tx,
        "INSERT INTO identity_login_attempts AS a (tenant_id, subject, failures, blocked_until, forgotten_at)
         VALUES ($1, $2, 1, $3, $4)
         ON CONFLICT (tenant_id, subject) DO UPDATE
         SET failures = CASE WHEN a.forgotten_at <= $5 THEN 1 ELSE a.failures + 1 END
         RETURNING failures",
    )
    .bind(subject.key.to_vec())
    .bind(first.blocked_until)
    .bind(first.expires_at)
    .bind(now)
    .value(tx)
    .await?;
    let state = subject.state_after(failures, now);
    login_attempt::Entity::update_many()
        .col_expr(login_attempt::Column::BlockedUntil, Expr::value(state.blocked_until))
        .col_expr(login_attempt::Column::ExpiresAt, Expr::value(state.expires_at))
        .filter(login_attempt::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(login_attempt::Column::Subject.eq(subject.key.to_vec()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes the failures of a subject.
pub(super) async fn delete_failures(tx: &TenantTx, subject: &Subject) -> Result<(), DbError> {
    login_attempt::Entity::delete_many()
        .filter(login_attempt::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(login_attempt::Column::Subject.eq(subject.key.to_vec()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes the failures that no longer count. Returns how many subjects they were of.
pub(super) async fn delete_expired_attempts(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let deleted = login_attempt::Entity::delete_many()
        .filter(login_attempt::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(login_attempt::Column::ExpiresAt.lte(now))
        .exec(tx)
        .await?;
    Ok(deleted.rows_affected)
}
