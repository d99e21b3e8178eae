//! Rows of sessions and of failed logins.

use bk_kernel::{SessionId, UserId};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult,
    QueryFilter, QueryOrder, QueryResult, Set,
};

use super::{
    entity::{login_attempt, session},
    session::{Deadlines, Device, Door, EndReason},
    throttle::{Subject, Waiting},
    token::TokenHash,
};
use crate::store::sql;

/// A session to insert.
#[derive(Debug)]
pub(super) struct NewSession {
    pub(super) id: SessionId,
    pub(super) user_id: UserId,
    pub(super) door: Door,
    pub(super) token_hash: TokenHash,
    pub(super) deadlines: Deadlines,
    pub(super) aal2_at: Option<DateTime<Utc>>,
    pub(super) ip: String,
    pub(super) user_agent: Option<String>,
}

/// A session that was not ended, of an active user.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: SessionId,
    pub(super) user_id: UserId,
    pub(super) door: Door,
    pub(super) deadlines: Deadlines,
    pub(super) aal2_at: Option<DateTime<Utc>>,
    pub(super) email: String,
    pub(super) display_name: String,
    /// Sorted.
    pub(super) roles: Vec<String>,
}

/// Which sessions of one user.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// All, through every door.
    All,
    /// All through one door.
    Through(Door),
    /// One, through this door.
    One(SessionId, Door),
}

/// Begins a session.
pub(super) async fn insert(tx: &TenantTx, new: NewSession) -> Result<(), DbError> {
    let row = session::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(new.id.uuid()),
        user_id: Set(new.user_id.uuid()),
        door: Set(new.door.as_str().to_owned()),
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

/// The session with this token, its active user and their roles, in one statement.
pub(super) async fn by_token(tx: &TenantTx, hash: &TokenHash) -> Result<Option<Found>, DbError> {
    let row = tx
        .query_one_raw(sql(
            "SELECT s.id, s.user_id, s.door, s.last_seen_at, s.expires_at, s.aal2_at, u.email, u.display_name,
                    (SELECT string_agg(r.role_key, ',' ORDER BY r.role_key) FROM identity_user_roles r
                     WHERE r.tenant_id = s.tenant_id AND r.user_id = s.user_id) AS roles
             FROM identity_sessions s
             JOIN identity_users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
             WHERE s.tenant_id = $1 AND s.token_hash = $2 AND s.ended_at IS NULL AND u.status = 'ACTIVE'",
            [tx.tenant_id().uuid().into(), hash.to_vec().into()],
        ))
        .await?;
    row.as_ref().map(found).transpose()
}

#[derive(FromQueryResult)]
struct FoundRow {
    id: uuid::Uuid,
    user_id: uuid::Uuid,
    door: String,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    aal2_at: Option<DateTime<Utc>>,
    email: String,
    display_name: String,
    roles: Option<String>,
}

fn found(row: &QueryResult) -> Result<Found, DbError> {
    let row = FoundRow::from_query_result(row, "")?;
    let mut roles: Vec<String> = row
        .roles
        .unwrap_or_default()
        .split(',')
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
        .collect();
    // The database sorts by its own collation.
    roles.sort_unstable();
    Ok(Found {
        id: row.id.into(),
        user_id: row.user_id.into(),
        door: row.door.parse().map_err(|_| DbError::other("a session's door is unknown"))?,
        deadlines: Deadlines { last_seen_at: row.last_seen_at, expires_at: row.expires_at },
        aal2_at: row.aal2_at,
        email: row.email,
        display_name: row.display_name,
        roles,
    })
}

/// Notes that the session is in use.
pub(super) async fn touch(tx: &TenantTx, id: SessionId, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.execute_raw(sql(
        "UPDATE identity_sessions SET last_seen_at = $3
         WHERE tenant_id = $1 AND id = $2 AND last_seen_at < $3",
        [tx.tenant_id().uuid().into(), id.uuid().into(), now.into()],
    ))
    .await?;
    Ok(())
}

/// The live sessions of a user through a door, the newest first.
pub(super) async fn live_of(
    tx: &TenantTx,
    user: UserId,
    door: Door,
    now: DateTime<Utc>,
) -> Result<Vec<Device>, DbError> {
    let rows = session::Entity::find()
        .filter(session::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(session::Column::UserId.eq(user.uuid()))
        .filter(session::Column::Door.eq(door.as_str()))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(session::Column::LastSeenAt.gt(now - door.limits().idle))
        .order_by_desc(session::Column::CreatedAt)
        .order_by_desc(session::Column::Id)
        .all(tx)
        .await?;
    let device = |row: session::Model| Device {
        id: row.id.into(),
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        ip: row.ip,
        user_agent: row.user_agent,
    };
    Ok(rows.into_iter().map(device).collect())
}

/// Ends sessions of a user that were not ended yet; the hashes of their tokens.
pub(super) async fn end(
    tx: &TenantTx,
    user: UserId,
    which: Which,
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<Vec<TokenHash>, DbError> {
    let (one, door) = match which {
        Which::All => (None, None),
        Which::Through(door) => (None, Some(door.as_str())),
        Which::One(id, door) => (Some(id.uuid()), Some(door.as_str())),
    };
    let rows = tx
        .query_all_raw(sql(
            "UPDATE identity_sessions SET ended_at = $5, end_reason = $6
             WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL
               AND ($3::uuid IS NULL OR id = $3) AND ($4::text IS NULL OR door = $4)
             RETURNING token_hash",
            [
                tx.tenant_id().uuid().into(),
                user.uuid().into(),
                one.into(),
                door.into(),
                now.into(),
                reason.as_str().into(),
            ],
        ))
        .await?;
    rows.iter().map(hash_of).collect()
}

/// The hashes of the tokens of a user's sessions that were not ended.
pub(super) async fn not_ended(tx: &TenantTx, user: UserId) -> Result<Vec<TokenHash>, DbError> {
    let rows = tx
        .query_all_raw(sql(
            "SELECT token_hash FROM identity_sessions
             WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL",
            [tx.tenant_id().uuid().into(), user.uuid().into()],
        ))
        .await?;
    rows.iter().map(hash_of).collect()
}

/// Ends the session with this token, whoever's it is, if it came through the surface's doors.
pub(super) async fn end_by_token(
    tx: &TenantTx,
    hash: &TokenHash,
    doors: [Door; 2],
    reason: EndReason,
    now: DateTime<Utc>,
) -> Result<Option<TokenHash>, DbError> {
    let [door, other] = doors;
    let row = tx
        .query_one_raw(sql(
            "UPDATE identity_sessions SET ended_at = $5, end_reason = $6
             WHERE tenant_id = $1 AND token_hash = $2 AND ended_at IS NULL AND door IN ($3, $4)
             RETURNING token_hash",
            [
                tx.tenant_id().uuid().into(),
                hash.to_vec().into(),
                door.as_str().into(),
                other.as_str().into(),
                now.into(),
                reason.as_str().into(),
            ],
        ))
        .await?;
    row.as_ref().map(hash_of).transpose()
}

fn hash_of(row: &QueryResult) -> Result<TokenHash, DbError> {
    let bytes: Vec<u8> = row.try_get("", "token_hash")?;
    bytes.try_into().map_err(|_| DbError::other("a token hash has not 32 bytes"))
}

/// Deletes sessions that were ended, or expired, before `before`.
pub(super) async fn delete_ended(tx: &TenantTx, before: DateTime<Utc>) -> Result<u64, DbError> {
    let ended = session::Entity::delete_many()
        .filter(session::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(session::Column::EndedAt.lt(before).or(session::Column::ExpiresAt.lt(before)))
        .exec(tx)
        .await?;
    Ok(ended.rows_affected)
}

/// What is counted against the subjects at `now`; with `lock`, until the transaction ends.
pub(super) async fn waiting(
    tx: &TenantTx,
    subjects: &[Subject; 2],
    now: DateTime<Utc>,
    lock: bool,
) -> Result<Vec<Waiting>, DbError> {
    let mut found = Vec::new();
    // One after the other, so that every transaction locks them in the same order.
    for subject in subjects {
        let query =
            login_attempt::Entity::find_by_id((tx.tenant_id().uuid(), subject.key.to_vec()))
                .filter(login_attempt::Column::ForgottenAt.gt(now));
        let query = if lock { sea_orm::QuerySelect::lock_exclusive(query) } else { query };
        if let Some(row) = query.one(tx).await? {
            found
                .push(Waiting { blocked_until: row.blocked_until, forgotten_at: row.forgotten_at });
        }
    }
    Ok(found)
}

/// Counts one more failure.
pub(super) async fn count_failure(
    tx: &TenantTx,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let fresh = subject.after(1, now);
    let row = tx
        .query_one_raw(sql(
            "INSERT INTO identity_login_attempts AS a (tenant_id, subject, failures, blocked_until, forgotten_at)
             VALUES ($1, $2, 1, $3, $4)
             ON CONFLICT (tenant_id, subject) DO UPDATE
             SET failures = CASE WHEN a.forgotten_at <= $5 THEN 1 ELSE a.failures + 1 END
             RETURNING failures",
            [
                tx.tenant_id().uuid().into(),
                subject.key.to_vec().into(),
                fresh.blocked_until.into(),
                fresh.forgotten_at.into(),
                now.into(),
            ],
        ))
        .await?
        .ok_or_else(|| DbError::other("a failure was not counted"))?;
    let waiting = subject.after(row.try_get("", "failures")?, now);
    login_attempt::ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        subject: Set(subject.key.to_vec()),
        blocked_until: Set(waiting.blocked_until),
        forgotten_at: Set(waiting.forgotten_at),
        ..Default::default()
    }
    .update(tx)
    .await?;
    Ok(())
}

/// Forgets the failures of a subject.
pub(super) async fn forget_failures(tx: &TenantTx, subject: &Subject) -> Result<(), DbError> {
    login_attempt::Entity::delete_by_id((tx.tenant_id().uuid(), subject.key.to_vec()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes counters that mean nothing any more.
pub(super) async fn delete_forgotten(tx: &TenantTx, now: DateTime<Utc>) -> Result<u64, DbError> {
    let gone = login_attempt::Entity::delete_many()
        .filter(login_attempt::Column::TenantId.eq(tx.tenant_id().uuid()))
        .filter(login_attempt::Column::ForgottenAt.lte(now))
        .exec(tx)
        .await?;
    Ok(gone.rows_affected)
}
