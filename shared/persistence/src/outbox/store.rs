//! The outbox's rows.

use bk_kernel::{RequestId, TenantId, string_enum};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::OutboxEvent;
use crate::{
    DbError, GlobalTx, TenantTx,
    store::{sql, tenant_sql},
};

string_enum! {
    /// How far the delivery of an event got.
    pub(super) enum EventStatus: "a status of an event" {
        /// A handler still has to handle it.
        Pending = "PENDING",
        /// Every handler has handled it.
        Delivered = "DELIVERED",
        /// It was given up, and holds back its aggregate.
        Dead = "DEAD",
    }
}

/// How much of a tenant's outbox waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Backlog {
    /// Events not delivered yet, those that failed before included.
    pub pending: i64,
    /// Events given up, each holding back its aggregate.
    pub dead: i64,
}

/// Counts what waits in the tenant's outbox, for dashboards.
pub async fn backlog(tx: &TenantTx) -> Result<Backlog, DbError> {
    let counts = tenant_sql(
        tx,
        "SELECT count(*) FILTER (WHERE status = $2) AS pending,
                count(*) FILTER (WHERE status = $3) AS dead
         FROM outbox WHERE tenant_id = $1 AND status <> {delivered}",
    );
    let row = counts
        .bind_word(EventStatus::Pending)
        .bind_word(EventStatus::Dead)
        .constant("delivered", EventStatus::Delivered)
        .one(tx)
        .await?;
    Ok(row.unwrap_or(Backlog { pending: 0, dead: 0 }))
}

/// Gives a dead event, and with it its aggregate, another ten attempts. Worker role only. Returns
/// whether there was such an event.
pub async fn revive(tx: &TenantTx, event: Uuid) -> Result<bool, DbError> {
    let revived = tenant_sql(
        tx,
        "UPDATE outbox SET status = $4, attempts = 0, next_attempt_at = NULL
         WHERE tenant_id = $1 AND id = $2 AND status = $3",
    );
    let revived = revived
        .bind(event)
        .bind_word(EventStatus::Dead)
        .bind_word(EventStatus::Pending)
        .execute(tx)
        .await?;
    if revived == 1 {
        tenant_sql(tx, "INSERT INTO outbox_wake (tenant_id) VALUES ($1)").execute(tx).await?;
        tx.mark_events();
    }
    Ok(revived == 1)
}

/// Deletes events delivered before `before`, at most `limit`, with their marks. Worker role only.
/// Returns how many.
pub async fn prune(tx: &TenantTx, before: DateTime<Utc>, limit: i64) -> Result<u64, DbError> {
    tenant_sql(
        tx,
        "DELETE FROM outbox WHERE tenant_id = $1 AND id IN (
             SELECT id FROM outbox
             WHERE tenant_id = $1 AND status = {delivered} AND delivered_at < $2
             ORDER BY delivered_at LIMIT $3)",
    )
    .bind(before)
    .bind(limit)
    .constant("delivered", EventStatus::Delivered)
    .execute(tx)
    .await
}

/// Takes all wake-ups: which tenants have something new.
pub(super) async fn take_wakes(tx: &GlobalTx) -> Result<Vec<TenantId>, DbError> {
    let woken = sql("DELETE FROM outbox_wake RETURNING tenant_id").values::<Uuid>(tx).await?;
    Ok(woken.into_iter().map(TenantId::from).collect())
}

/// Every tenant of the directory, for the sweep.
pub(super) async fn all_tenants(tx: &GlobalTx) -> Result<Vec<TenantId>, DbError> {
    let all = sql("SELECT tenant_id FROM tenant_directory ORDER BY tenant_id");
    Ok(all.values::<Uuid>(tx).await?.into_iter().map(TenantId::from).collect())
}

/// Keeps other relays away from the tenant until the transaction ends. Returns false when one is at
/// work.
pub(super) async fn try_lock(tx: &TenantTx) -> Result<bool, DbError> {
    tenant_sql(tx, "SELECT pg_try_advisory_xact_lock(hashtextextended('outbox ' || $1::text, 0))")
        .value(tx)
        .await
}

/// The first event that may be delivered now: due, and the head of its aggregate.
pub(super) async fn next_due(
    tx: &TenantTx,
    now: DateTime<Utc>,
) -> Result<Option<OutboxEvent>, DbError> {
    let next = tenant_sql(
        tx,
        "SELECT e.tenant_id, e.id, e.seq, e.aggregate, e.kind, e.payload, e.request_id, e.occurred_at, e.attempts
         FROM outbox e
         WHERE e.tenant_id = $1 AND e.status <> {delivered} AND e.status = $3
           AND (e.next_attempt_at IS NULL OR e.next_attempt_at <= $2)
           AND NOT EXISTS (
               SELECT FROM outbox earlier
               WHERE earlier.tenant_id = $1 AND earlier.aggregate = e.aggregate
                 AND earlier.status <> {delivered} AND earlier.seq < e.seq)
         ORDER BY e.seq LIMIT 1",
    );
    let row: Option<Row> = next
        .bind(now)
        .bind_word(EventStatus::Pending)
        .constant("delivered", EventStatus::Delivered)
        .one(tx)
        .await?;
    Ok(row.map(Into::into))
}

/// When the tenant's next failed event comes again, if one waits.
pub(super) async fn next_retry(tx: &TenantTx) -> Result<Option<DateTime<Utc>>, DbError> {
    tenant_sql(
        tx,
        "SELECT min(next_attempt_at) FROM outbox
         WHERE tenant_id = $1 AND status <> {delivered} AND status = $2 AND next_attempt_at IS NOT NULL",
    )
    .bind_word(EventStatus::Pending)
    .constant("delivered", EventStatus::Delivered)
    .value(tx)
    .await
}

/// Marks the event as consumed. Returns false when it was before.
pub(super) async fn mark_consumed(
    tx: &TenantTx,
    event: &OutboxEvent,
    consumer: &str,
) -> Result<bool, DbError> {
    let mark = tenant_sql(
        tx,
        "INSERT INTO outbox_consumed (tenant_id, event_id, consumer) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
    );
    Ok(mark.bind(event.id).bind(consumer).execute(tx).await? == 1)
}

/// Records that every consumer has handled the event.
pub(super) async fn mark_delivered(
    tx: &TenantTx,
    event: &OutboxEvent,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let mark = tenant_sql(
        tx,
        "UPDATE outbox SET status = $5, delivered_at = $3, next_attempt_at = NULL
         WHERE tenant_id = $1 AND id = $2 AND status = $4",
    );
    let marked = mark
        .bind(event.id)
        .bind(now)
        .bind_word(EventStatus::Pending)
        .bind_word(EventStatus::Delivered)
        .execute(tx)
        .await?;
    Ok(marked == 1)
}

/// A failed delivery.
#[derive(Clone)]
pub(super) struct Failure {
    /// When it is tried again; never, when absent.
    pub(super) again_at: Option<DateTime<Utc>>,
    /// What the handler said, for operators.
    pub(super) why: String,
}

/// Counts a failed attempt, unless another relay has counted this one.
pub(super) async fn mark_failed(
    tx: &TenantTx,
    event: &OutboxEvent,
    failure: Failure,
) -> Result<(), DbError> {
    let after = if failure.again_at.is_some() { EventStatus::Pending } else { EventStatus::Dead };
    tenant_sql(
        tx,
        "UPDATE outbox SET status = $5, attempts = attempts + 1, next_attempt_at = $6, last_error = $7
         WHERE tenant_id = $1 AND id = $2 AND status = $4 AND attempts = $3",
    )
    .bind(event.id)
    .bind(event.attempts)
    .bind_word(EventStatus::Pending)
    .bind_word(after)
    .bind(failure.again_at)
    .bind(failure.why)
    .execute(tx)
    .await?;
    Ok(())
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
