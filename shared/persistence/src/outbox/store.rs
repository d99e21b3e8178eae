//! The outbox's rows.

use bk_kernel::{RequestId, TenantId};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::OutboxEvent;
use crate::{DbError, GlobalTx, TenantTx};

/// How much of a tenant's outbox waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Backlog {
    /// Events not delivered yet, those that failed before included.
    pub pending: i64,
    /// Events given up, each holding back its aggregate.
    pub dead: i64,
}

/// How much of the tenant's outbox waits, for dashboards.
pub async fn backlog(tx: &TenantTx) -> Result<Backlog, DbError> {
    let counts = statement(
        "SELECT count(*) FILTER (WHERE status = 'PENDING') AS pending,
                count(*) FILTER (WHERE status = 'DEAD') AS dead
         FROM outbox WHERE tenant_id = $1 AND status <> 'DELIVERED'",
        [tx.tenant_id().uuid().into()],
    );
    let row = Backlog::find_by_statement(counts).one(tx).await?;
    Ok(row.unwrap_or(Backlog { pending: 0, dead: 0 }))
}

/// Gives a dead event, and with it its aggregate, another ten attempts. Worker role only. Returns
/// whether there was such an event.
pub async fn revive(tx: &TenantTx, event: Uuid) -> Result<bool, DbError> {
    let revived = statement(
        "UPDATE outbox SET status = 'PENDING', attempts = 0, next_attempt_at = NULL
         WHERE tenant_id = $1 AND id = $2 AND status = 'DEAD'",
        [tx.tenant_id().uuid().into(), event.into()],
    );
    let revived = tx.execute_raw(revived).await?.rows_affected() == 1;
    if revived {
        let wake = "INSERT INTO outbox_wake (tenant_id) VALUES ($1)";
        tx.execute_raw(statement(wake, [tx.tenant_id().uuid().into()])).await?;
        tx.told();
    }
    Ok(revived)
}

/// Removes events delivered before `before`, at most `limit`, with their marks. Worker role only.
/// Returns how many.
pub async fn prune(tx: &TenantTx, before: DateTime<Utc>, limit: i64) -> Result<u64, DbError> {
    let prune = statement(
        "DELETE FROM outbox WHERE tenant_id = $1 AND id IN (
             SELECT id FROM outbox
             WHERE tenant_id = $1 AND status = 'DELIVERED' AND delivered_at < $2
             ORDER BY delivered_at LIMIT $3)",
        [tx.tenant_id().uuid().into(), before.into(), limit.into()],
    );
    Ok(tx.execute_raw(prune).await?.rows_affected())
}

/// Takes all wake-ups: whose outbox has something new.
pub(super) async fn take_wakes(tx: &GlobalTx) -> Result<Vec<TenantId>, DbError> {
    tenants(tx, "DELETE FROM outbox_wake RETURNING tenant_id").await
}

/// Every tenant of the directory, for the sweep.
pub(super) async fn all_tenants(tx: &GlobalTx) -> Result<Vec<TenantId>, DbError> {
    tenants(tx, "SELECT tenant_id FROM tenant_directory ORDER BY tenant_id").await
}

/// Keeps other relays away from the tenant until the transaction ends. False: one is at work.
pub(super) async fn take_turn(tx: &TenantTx) -> Result<bool, DbError> {
    let turn = statement(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('outbox ' || $1::text, 0)) AS mine",
        [tx.tenant_id().uuid().into()],
    );
    let row = tx.query_one_raw(turn).await?;
    Ok(row.map(|row| row.try_get("", "mine")).transpose()?.unwrap_or(false))
}

/// The first event that may be delivered now: due, and the head of its aggregate.
pub(super) async fn next_due(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Option<OutboxEvent>, DbError> {
    let next = statement(
        "SELECT e.tenant_id, e.id, e.seq, e.aggregate, e.kind, e.payload, e.request_id, e.occurred_at, e.attempts
         FROM outbox e
         WHERE e.tenant_id = $1 AND e.status = 'PENDING'
           AND (e.next_attempt_at IS NULL OR e.next_attempt_at <= $2)
           AND NOT EXISTS (
               SELECT FROM outbox earlier
               WHERE earlier.tenant_id = $1 AND earlier.aggregate = e.aggregate
                 AND earlier.status <> 'DELIVERED' AND earlier.seq < e.seq)
         ORDER BY e.seq LIMIT 1",
        [tx.tenant_id().uuid().into(), now.into()],
    );
    Ok(Row::find_by_statement(next).one(tx).await?.map(Into::into))
}

/// When the tenant's next failed event comes again, if one waits.
pub(super) async fn next_retry(tx: &TenantTx) -> Result<Option<DateTime<Utc>>, DbError> {
    let next = statement(
        "SELECT min(next_attempt_at) AS next FROM outbox
         WHERE tenant_id = $1 AND status = 'PENDING' AND next_attempt_at IS NOT NULL",
        [tx.tenant_id().uuid().into()],
    );
    let row = tx.query_one_raw(next).await?;
    Ok(row.map(|row| row.try_get("", "next")).transpose()?.flatten())
}

/// Marks the event as consumed. False: it was before.
pub(super) async fn mark_consumed(
    tx: &TenantTx,
    event: &OutboxEvent,
    consumer: &str,
) -> Result<bool, DbError> {
    let mark = statement(
        "INSERT INTO outbox_consumed (tenant_id, event_id, consumer) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
        [tx.tenant_id().uuid().into(), event.id.into(), consumer.into()],
    );
    Ok(tx.execute_raw(mark).await?.rows_affected() == 1)
}

/// Every consumer has handled it.
pub(super) async fn mark_delivered(
    tx: &TenantTx,
    event: &OutboxEvent,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let mark = statement(
        "UPDATE outbox SET status = 'DELIVERED', delivered_at = $3, next_attempt_at = NULL
         WHERE tenant_id = $1 AND id = $2 AND status = 'PENDING'",
        [tx.tenant_id().uuid().into(), event.id.into(), now.into()],
    );
    Ok(tx.execute_raw(mark).await?.rows_affected() == 1)
}

/// What a failed delivery leaves behind.
pub(super) struct Failure<'a> {
    /// When it is tried again; none: never.
    pub(super) again_at: Option<DateTime<Utc>>,
    /// Why, for operators.
    pub(super) why: &'a str,
}

/// Counts a failed attempt, unless another relay has counted this one.
pub(super) async fn mark_failed(
    tx: &TenantTx,
    event: &OutboxEvent,
    failure: &Failure<'_>,
) -> Result<(), DbError> {
    let status = if failure.again_at.is_some() { "PENDING" } else { "DEAD" };
    let mark = statement(
        "UPDATE outbox SET status = $4, attempts = attempts + 1, next_attempt_at = $5, last_error = $6
         WHERE tenant_id = $1 AND id = $2 AND status = 'PENDING' AND attempts = $3",
        [
            tx.tenant_id().uuid().into(),
            event.id.into(),
            event.attempts.into(),
            status.into(),
            failure.again_at.into(),
            failure.why.into(),
        ],
    );
    tx.execute_raw(mark).await?;
    Ok(())
}

async fn tenants(tx: &GlobalTx, sql: &str) -> Result<Vec<TenantId>, DbError> {
    let rows = tx.query_all_raw(statement(sql, [])).await?;
    rows.iter().map(|row| Ok(TenantId::from(row.try_get::<Uuid>("", "tenant_id")?))).collect()
}

fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    seq: i64,
    aggregate: String,
    kind: String,
    payload: serde_json::Value,
    request_id: Option<Uuid>,
    occurred_at: DateTime<Utc>,
    attempts: i32,
}

impl From<Row> for OutboxEvent {
    fn from(row: Row) -> Self {
        Self {
            tenant_id: row.tenant_id.into(),
            id: row.id,
            seq: row.seq,
            aggregate: row.aggregate,
            kind: row.kind,
            payload: row.payload,
            request_id: row.request_id.map(RequestId::from),
            occurred_at: row.occurred_at,
            attempts: row.attempts,
        }
    }
}
