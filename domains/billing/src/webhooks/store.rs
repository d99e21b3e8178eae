//! The inbox and the directory of objects.

use bk_kernel::{PurchaseId, TenantId};
use bk_persistence::{
    DbError, GlobalTx, TenantTx,
    jobs::{self, NewJob},
};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use super::{
    envelope::Envelope,
    inbox::{Ending, EventKey, EventState, EventSummary, InboxEvent, Reason},
    jobs::RECONCILE_TENANT,
};

/// Queues a reconciliation of one tenant, unless one waits already.
pub(crate) async fn enqueue_reconcile(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
) -> Result<(), DbError> {
    let job = NewJob {
        key: Some(format!("{RECONCILE_TENANT}:{tenant}")),
        max_attempts: Some(3),
        ..NewJob::now(RECONCILE_TENANT, json!({ "tenant_id": tenant }))
    };
    jobs::enqueue(connection, job).await
}

/// Keeps an event; false when it was kept before.
pub(super) async fn insert(
    tx: &GlobalTx,
    envelope: &Envelope,
    body: &[u8],
    received_at: DateTime<Utc>,
    (state, reason): (EventState, Option<Reason>),
) -> Result<bool, DbError> {
    // Without a conflict target, because naming one would need the right to read the table.
    let sql = "INSERT INTO billing_stripe_events (stripe_account, event_id, id, type, api_version, livemode,
                   created, object_type, object_id, payment_intent_id, envelope, received_at, state, reason)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
               ON CONFLICT DO NOTHING";
    let values: [Value; 14] = [
        envelope.account.clone().into(),
        envelope.id.clone().into(),
        Uuid::now_v7().into(),
        envelope.kind.clone().into(),
        envelope.api_version.clone().into(),
        envelope.livemode.into(),
        envelope.created.into(),
        envelope.object_type.clone().into(),
        envelope.object_id.clone().into(),
        envelope.payment_intent.clone().into(),
        body.to_vec().into(),
        received_at.into(),
        state.as_str().into(),
        reason.map(Reason::as_str).into(),
    ];
    Ok(tx.execute_raw(statement(sql, values)).await?.rows_affected() == 1)
}

/// Counts an attempt on an event that waits; none when it does not wait (any more).
pub(super) async fn begin(tx: &GlobalTx, key: &EventKey) -> Result<Option<InboxEvent>, DbError> {
    let sql = "UPDATE billing_stripe_events SET attempts = attempts + 1
               WHERE stripe_account = $1 AND event_id = $2 AND state = 'RECEIVED'
               RETURNING object_type, object_id, payment_intent_id, attempts";
    let values = [key.account.clone().into(), key.event_id.clone().into()];
    let Some(row) = tx.query_one_raw(statement(sql, values)).await? else { return Ok(None) };
    Ok(Some(InboxEvent {
        key: key.clone(),
        object_type: row.try_get("", "object_type")?,
        object_id: row.try_get("", "object_id")?,
        payment_intent: row.try_get("", "payment_intent_id")?,
        attempts: row.try_get("", "attempts")?,
    }))
}

/// The work on an event is over. In a tenant's transaction that is part of its effect.
pub(super) async fn finish(
    connection: &impl ConnectionTrait,
    key: &EventKey,
    ending: Ending,
) -> Result<(), DbError> {
    let sql = "UPDATE billing_stripe_events
               SET state = $3, reason = $4, tenant_id = coalesce($5, tenant_id), processed_at = $6,
                   last_error = CASE WHEN $3 = 'FAILED' THEN last_error END
               WHERE stripe_account = $1 AND event_id = $2 AND state = 'RECEIVED'";
    let values: [Value; 6] = [
        key.account.clone().into(),
        key.event_id.clone().into(),
        ending.state.as_str().into(),
        ending.reason.map(Reason::as_str).into(),
        ending.tenant.map(TenantId::uuid).into(),
        ending.at.into(),
    ];
    connection.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// An attempt failed; `error` is one of our own sentences.
pub(super) async fn note_failure(
    tx: &GlobalTx,
    key: &EventKey,
    error: &str,
) -> Result<(), DbError> {
    let sql = "UPDATE billing_stripe_events SET last_error = $3
               WHERE stripe_account = $1 AND event_id = $2 AND state = 'RECEIVED'";
    let values: [Value; 3] =
        [key.account.clone().into(), key.event_id.clone().into(), error.into()];
    tx.execute_raw(statement(sql, values)).await?;
    Ok(())
}

/// Events that were being worked on for the last time when the worker died: nobody will come back
/// to them, so they are shown as failed.
pub(super) async fn fail_abandoned(
    tx: &GlobalTx,
    attempts: i16,
    received_before: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<u64, DbError> {
    let sql = "UPDATE billing_stripe_events SET state = 'FAILED', reason = $4, processed_at = $3
               WHERE state = 'RECEIVED' AND attempts >= $1 AND received_at < $2";
    let values: [Value; 4] = [
        i32::from(attempts).into(),
        received_before.into(),
        at.into(),
        Reason::AttemptsExhausted.as_str().into(),
    ];
    Ok(tx.execute_raw(statement(sql, values)).await?.rows_affected())
}

/// Whose an object of Stripe is, by our own records.
pub(super) async fn owner_of(
    tx: &GlobalTx,
    object: &str,
) -> Result<Option<(TenantId, PurchaseId)>, DbError> {
    let sql =
        "SELECT tenant_id, purchase_id FROM billing_session_directory WHERE stripe_object = $1";
    let Some(row) = tx.query_one_raw(statement(sql, [object.into()])).await? else {
        return Ok(None);
    };
    let tenant: Uuid = row.try_get("", "tenant_id")?;
    let purchase: Uuid = row.try_get("", "purchase_id")?;
    Ok(Some((tenant.into(), purchase.into())))
}

/// Events of the tenant, newest first: one by id, or those of a state before a position.
pub(super) async fn summaries(
    tx: &TenantTx,
    id: Option<Uuid>,
    state: Option<EventState>,
    before: Option<Uuid>,
    most: u64,
) -> Result<Vec<EventSummary>, DbError> {
    let sql = "SELECT * FROM billing_events_of_tenant($1, $2, $3, $4)";
    let values: [Value; 4] = [
        id.into(),
        state.map(EventState::as_str).into(),
        before.into(),
        i32::try_from(most).unwrap_or(i32::MAX).into(),
    ];
    tx.query_all_raw(statement(sql, values)).await?.iter().map(summary).collect()
}

/// Makes an event of the tenant wait again; none when it is unknown or waits already. Answers its
/// key and its object.
pub(super) async fn revive(
    tx: &TenantTx,
    id: Uuid,
) -> Result<Option<(EventKey, Option<String>)>, DbError> {
    let sql = "SELECT * FROM billing_event_replay($1)";
    let Some(row) = tx.query_one_raw(statement(sql, [id.into()])).await? else { return Ok(None) };
    let key = EventKey {
        account: row.try_get("", "stripe_account")?,
        event_id: row.try_get("", "event_id")?,
    };
    Ok(Some((key, row.try_get("", "object_id")?)))
}

fn summary(row: &QueryResult) -> Result<EventSummary, DbError> {
    let row = SummaryRow::from_query_result(row, "")?;
    Ok(EventSummary {
        id: row.id,
        event_id: row.event_id,
        kind: row.r#type,
        object_type: row.object_type,
        object_id: row.object_id,
        livemode: row.livemode,
        created: row.created,
        received_at: row.received_at,
        state: row
            .state
            .parse()
            .map_err(|_| DbError::other("an event holds a state this version does not know"))?,
        reason: row.reason,
        attempts: row.attempts,
        last_error: row.last_error,
        processed_at: row.processed_at,
    })
}

#[derive(FromQueryResult)]
struct SummaryRow {
    id: Uuid,
    event_id: String,
    r#type: String,
    object_type: String,
    object_id: Option<String>,
    livemode: bool,
    created: DateTime<Utc>,
    received_at: DateTime<Utc>,
    state: String,
    reason: Option<String>,
    attempts: i32,
    last_error: Option<String>,
    processed_at: Option<DateTime<Utc>>,
}

fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
