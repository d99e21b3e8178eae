//! The rows of idempotency keys: claim, complete, release, prune. The only place of the guard with
//! SQL. A row belongs to one tenant, actor, route and key; whoever holds its `claim` may change it.

use bk_kernel::{TenantId, UserId};
use bk_persistence::{Database, DbError, TenantTx};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

/// How long an answer is kept (api page, "Conventions").
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// How long a claim is believed without an answer.
const LOCKED_FOR: TimeDelta = TimeDelta::seconds(60);
/// Rows removed per call and transaction.
const PRUNED_AT_ONCE: i64 = 5_000;

/// A request that wants a key.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) tenant: TenantId,
    pub(crate) user: UserId,
    /// `POST /api/v1/…/{id}`.
    pub(crate) route: String,
    pub(crate) key: String,
    /// SHA-256 of what was asked.
    pub(crate) fingerprint: [u8; 32],
    /// Names this attempt.
    pub(crate) attempt: Uuid,
    pub(crate) at: DateTime<Utc>,
}

/// What came of it.
pub(crate) enum Claimed {
    /// The key is this attempt's.
    Mine,
    /// Another attempt is at it.
    Running,
    /// The key was used for something else.
    Other,
    /// It has been done.
    Done(Outcome),
}

/// A kept answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Inserts the key, or takes over one that is expired or whose holder died, or else reads it.
const CLAIM: &str = "
    WITH claimed AS (
        INSERT INTO idempotency_keys AS kept
            (tenant_id, id, user_id, route, key, fingerprint, claim, state,
             locked_until, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $2, 'RUNNING', $7, $8, $9)
        ON CONFLICT ON CONSTRAINT idempotency_keys_key DO UPDATE SET
            fingerprint = excluded.fingerprint, claim = excluded.claim, state = 'RUNNING',
            locked_until = excluded.locked_until, created_at = excluded.created_at,
            expires_at = excluded.expires_at, status = NULL, headers = NULL, body = NULL
        WHERE kept.expires_at <= excluded.created_at
           OR (kept.state = 'RUNNING' AND kept.locked_until <= excluded.created_at
               AND kept.fingerprint = excluded.fingerprint)
        RETURNING tenant_id)
    SELECT true AS mine, NULL::bytea AS fingerprint, NULL::text AS state, NULL::int4 AS status,
           NULL::jsonb AS headers, NULL::bytea AS body
    FROM claimed
    UNION ALL
    SELECT false, fingerprint, state, status, headers, body
    FROM idempotency_keys
    WHERE tenant_id = $1 AND user_id = $3 AND route = $4 AND key = $5
      AND NOT EXISTS (SELECT FROM claimed)";

/// Claims a key.
pub(crate) async fn claim(db: &Database, claim: Claim) -> Result<Claimed, DbError> {
    db.tenant(claim.tenant)
        .run(async move |tx: TenantTx| -> Result<Claimed, DbError> {
            let values: [Value; 9] = [
                claim.tenant.uuid().into(),
                claim.attempt.into(),
                claim.user.uuid().into(),
                claim.route.into(),
                claim.key.into(),
                claim.fingerprint.to_vec().into(),
                (claim.at + LOCKED_FOR).into(),
                claim.at.into(),
                (claim.at + KEPT_FOR).into(),
            ];
            let row = tx.query_one_raw(statement(CLAIM, values)).await?;
            // Neither inserted nor visible: somebody else has claimed it this very moment.
            row.map_or(Ok(Claimed::Running), |row| read(&row, claim.fingerprint))
        })
        .await
}

fn read(row: &QueryResult, fingerprint: [u8; 32]) -> Result<Claimed, DbError> {
    if row.try_get("", "mine")? {
        return Ok(Claimed::Mine);
    }
    if row.try_get::<Vec<u8>>("", "fingerprint")? != fingerprint {
        return Ok(Claimed::Other);
    }
    if row.try_get::<String>("", "state")? == "RUNNING" {
        return Ok(Claimed::Running);
    }
    let headers: serde_json::Value = row.try_get("", "headers")?;
    Ok(Claimed::Done(Outcome {
        status: u16::try_from(row.try_get::<i32>("", "status")?).unwrap_or(500),
        headers: serde_json::from_value(headers).map_err(DbError::encoding)?,
        body: row.try_get("", "body")?,
    }))
}

/// Keeps the answer of the attempt that holds the claim.
pub(crate) async fn complete(db: &Database, claim: Claim, outcome: Outcome) -> Result<(), DbError> {
    let headers = serde_json::to_value(&outcome.headers).map_err(DbError::encoding)?;
    db.tenant(claim.tenant)
        .run(async move |tx: TenantTx| -> Result<(), DbError> {
            let sql = "UPDATE idempotency_keys
                SET state = 'DONE', status = $6, headers = $7, body = $8
                WHERE tenant_id = $1 AND user_id = $2 AND route = $3 AND key = $4 AND claim = $5";
            let values: [Value; 8] = [
                claim.tenant.uuid().into(),
                claim.user.uuid().into(),
                claim.route.into(),
                claim.key.into(),
                claim.attempt.into(),
                i32::from(outcome.status).into(),
                headers.into(),
                outcome.body.into(),
            ];
            tx.execute_raw(statement(sql, values)).await?;
            Ok(())
        })
        .await
}

/// Removes the claim, so that the next attempt runs.
pub(crate) async fn release(db: &Database, claim: Claim) -> Result<(), DbError> {
    db.tenant(claim.tenant)
        .run(async move |tx: TenantTx| -> Result<(), DbError> {
            let sql = "DELETE FROM idempotency_keys
                WHERE tenant_id = $1 AND user_id = $2 AND route = $3 AND key = $4 AND claim = $5";
            let values: [Value; 5] = [
                claim.tenant.uuid().into(),
                claim.user.uuid().into(),
                claim.route.into(),
                claim.key.into(),
                claim.attempt.into(),
            ];
            tx.execute_raw(statement(sql, values)).await?;
            Ok(())
        })
        .await
}

/// Forgets a tenant's expired keys; returns how many. A job, called for every tenant.
pub async fn prune_idempotency_keys(
    db: &Database,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let mut pruned = 0;
    loop {
        let removed = db
            .tenant(tenant)
            .run(async move |tx: TenantTx| -> Result<u64, DbError> {
                let sql = "DELETE FROM idempotency_keys
                    WHERE tenant_id = $1 AND id IN (
                        SELECT id FROM idempotency_keys
                        WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)";
                let values: [Value; 3] = [tenant.uuid().into(), now.into(), PRUNED_AT_ONCE.into()];
                Ok(tx.execute_raw(statement(sql, values)).await?.rows_affected())
            })
            .await?;
        pruned += removed;
        if removed < PRUNED_AT_ONCE.unsigned_abs() {
            return Ok(pruned);
        }
    }
}

fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
