//! The rows of idempotency keys: claim, complete, release, prune. The only file of the guard that
//! speaks to the database. A row belongs to one tenant, actor, route and key; only the attempt that
//! claimed it may change it.

use bk_kernel::{OperationContext, UserId};
use bk_persistence::{
    Database, DbError,
    store::{Sql, tenant_sql},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use serde_json::Value;
use uuid::Uuid;

/// How long a stored answer is replayed (docs/http.md, "Idempotency").
const ANSWER_RETENTION: TimeDelta = TimeDelta::hours(24);
/// How long a claim without an answer holds off others; then its process is taken for dead.
const CLAIM_TIMEOUT: TimeDelta = TimeDelta::seconds(60);
/// Rows that are deleted in one transaction.
const PRUNE_BATCH_ROWS: i64 = 5_000;

bk_kernel::string_enum! {
    /// How far the request with a key has come.
    pub(crate) enum KeyState: "the state of an idempotency key" {
        /// Its handler runs, or its process died.
        Running = "RUNNING",
        /// Its answer is stored.
        Done = "DONE",
    }
}

/// One attempt to use a key.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    /// The operation of the request: its tenant, and its instant.
    pub(crate) operation: OperationContext,
    pub(crate) user: UserId,
    /// The method and the pattern: `POST /api/v1/…/{id}`.
    pub(crate) route: String,
    pub(crate) key: String,
    /// The SHA-256 of what makes two requests the same.
    pub(crate) fingerprint: [u8; 32],
    /// The id of this attempt.
    pub(crate) attempt: Uuid,
}

impl Claim {
    /// A statement about the key: `$1` to `$4` name its row, `$5` is the attempt.
    fn sql(&self, tx: &bk_persistence::TenantTx, text: &'static str) -> Sql {
        tenant_sql(tx, text)
            .bind_id(self.user)
            .bind(self.route.clone())
            .bind(self.key.clone())
            .bind(self.attempt)
    }
}

/// What came of a claim.
pub(crate) enum ClaimResult {
    /// The key belongs to this attempt.
    Claimed,
    /// Another attempt is running.
    InProgress,
    /// The key was used for a different request.
    DifferentRequest,
    /// The request was answered before.
    Completed(StoredAnswer),
}

/// An answer as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Inserts the key, or takes over one that is expired or whose process died, or else reads it.
const CLAIM: &str = "
    WITH claimed AS (
        INSERT INTO idempotency_keys AS stored
            (tenant_id, id, user_id, route, key, fingerprint, claim, state,
             locked_until, created_at, expires_at)
        VALUES ($1, $5, $2, $3, $4, $6, $5, {running}, $7, $8, $9)
        ON CONFLICT ON CONSTRAINT idempotency_keys_key DO UPDATE SET
            fingerprint = excluded.fingerprint, claim = excluded.claim, state = excluded.state,
            locked_until = excluded.locked_until, created_at = excluded.created_at,
            expires_at = excluded.expires_at, status = NULL, headers = NULL, body = NULL
        WHERE stored.expires_at <= excluded.created_at
           OR (stored.state = {running} AND stored.locked_until <= excluded.created_at
               AND stored.fingerprint = excluded.fingerprint)
        RETURNING tenant_id)
    SELECT true AS claimed, NULL::bytea AS fingerprint, NULL::text AS state, NULL::int4 AS status,
           NULL::jsonb AS headers, NULL::bytea AS body
    FROM claimed
    UNION ALL
    SELECT false, fingerprint, state, status, headers, body
    FROM idempotency_keys
    WHERE tenant_id = $1 AND user_id = $2 AND route = $3 AND key = $4
      AND NOT EXISTS (SELECT FROM claimed)";

const COMPLETE: &str = "
    UPDATE idempotency_keys
    SET state = {done}, status = $6, headers = $7, body = $8
    WHERE tenant_id = $1 AND user_id = $2 AND route = $3 AND key = $4 AND claim = $5";

const RELEASE: &str = "
    DELETE FROM idempotency_keys
    WHERE tenant_id = $1 AND user_id = $2 AND route = $3 AND key = $4 AND claim = $5";

const PRUNE: &str = "
    DELETE FROM idempotency_keys
    WHERE tenant_id = $1 AND id IN (
        SELECT id FROM idempotency_keys
        WHERE tenant_id = $1 AND expires_at <= $2 LIMIT $3)";

/// A row of [`CLAIM`].
#[derive(FromQueryResult)]
struct Row {
    claimed: bool,
    fingerprint: Option<Vec<u8>>,
    state: Option<String>,
    status: Option<i32>,
    headers: Option<Value>,
    body: Option<Vec<u8>>,
}

/// Claims a key.
///
/// Fails when the database does.
pub(crate) async fn claim(db: &Database, claim: Claim) -> Result<ClaimResult, DbError> {
    let operation = claim.operation.clone();
    db.transaction(&operation, claim, async |tx, claim| {
        let at = claim.operation.at();
        let row = claim
            .sql(&tx, CLAIM)
            .constant("running", KeyState::Running)
            .bind(claim.fingerprint.to_vec())
            .bind(at + CLAIM_TIMEOUT)
            .bind(at)
            .bind(at + ANSWER_RETENTION)
            .one::<Row>(&tx)
            .await?;
        // Neither inserted nor visible: another attempt has claimed it this very moment.
        row.map_or(Ok(ClaimResult::InProgress), |row| from_row(row, claim.fingerprint))
    })
    .await
}

fn from_row(row: Row, fingerprint: [u8; 32]) -> Result<ClaimResult, DbError> {
    if row.claimed {
        return Ok(ClaimResult::Claimed);
    }
    if row.fingerprint.as_deref() != Some(&fingerprint) {
        return Ok(ClaimResult::DifferentRequest);
    }
    if row.state.as_deref() == Some(KeyState::Running.as_str()) {
        return Ok(ClaimResult::InProgress);
    }
    Ok(ClaimResult::Completed(StoredAnswer {
        status: row.status.and_then(|status| u16::try_from(status).ok()).unwrap_or(500),
        headers: serde_json::from_value(row.headers.unwrap_or_default())
            .map_err(DbError::encoding)?,
        body: row.body.unwrap_or_default(),
    }))
}

/// Stores the answer, if the attempt still holds the key.
///
/// Fails when the database does.
pub(crate) async fn complete(
    db: &Database,
    claim: Claim,
    answer: StoredAnswer,
) -> Result<(), DbError> {
    let headers = serde_json::to_value(&answer.headers).map_err(DbError::encoding)?;
    let operation = claim.operation.clone();
    let input = (claim, i32::from(answer.status), headers, answer.body);
    db.transaction(&operation, input, async |tx, (claim, status, headers, body)| {
        claim
            .sql(&tx, COMPLETE)
            .constant("done", KeyState::Done)
            .bind(status)
            .bind(headers)
            .bind(body)
            .execute(&tx)
            .await
    })
    .await?;
    Ok(())
}

/// Removes the claim, so that the next attempt runs.
///
/// Fails when the database does.
pub(crate) async fn release(db: &Database, claim: Claim) -> Result<(), DbError> {
    let operation = claim.operation.clone();
    db.transaction(&operation, claim, async |tx, claim| claim.sql(&tx, RELEASE).execute(&tx).await)
        .await?;
    Ok(())
}

/// Deletes the expired keys of the operation's tenant and returns how many there were. A maintenance
/// job, called for every tenant.
///
/// Fails when the database does; what was deleted until then stays deleted.
pub async fn prune_idempotency_keys(
    db: &Database,
    operation: &OperationContext,
) -> Result<u64, DbError> {
    let mut pruned = 0;
    loop {
        let deleted = db
            .transaction(operation, operation.at(), async |tx, at: DateTime<Utc>| {
                tenant_sql(&tx, PRUNE).bind(at).bind(PRUNE_BATCH_ROWS).execute(&tx).await
            })
            .await?;
        pruned += deleted;
        if deleted < PRUNE_BATCH_ROWS.unsigned_abs() {
            return Ok(pruned);
        }
    }
}
