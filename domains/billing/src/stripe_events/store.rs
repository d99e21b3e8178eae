//! Rows of `billing_stripe_events`. The API's role may only insert them and see, through functions,
//! what concerns its tenant; everything else is the worker's.

use bk_kernel::{Cursor, Limit, Page};
use bk_persistence::store::{sea_orm::UpdateMany, *};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    entity::stripe_event::{ActiveModel, Column, Entity},
    envelope::Envelope,
    event::{
        EventFilter, EventKey, EventOutcome, EventReason, EventState, EventSummary, FinishedEvent,
        PendingEvent,
    },
};

/// Keeps an event. Returns whether it was new.
pub(super) async fn insert(
    tx: &GlobalTx,
    envelope: &Envelope,
    body: &[u8],
    received_at: DateTime<Utc>,
    outcome: EventOutcome,
) -> Result<bool, DbError> {
    // Columns that are left out here are those that the API's role may not write.
    let row = ActiveModel {
        stripe_account: Set(envelope.account.clone()),
        event_id: Set(envelope.id.clone()),
        id: Set(Uuid::now_v7()),
        r#type: Set(envelope.kind.clone()),
        api_version: Set(envelope.api_version.clone()),
        livemode: Set(envelope.livemode),
        created: Set(envelope.created),
        object_type: Set(envelope.object_type.clone()),
        object_id: Set(envelope.object_id.clone()),
        payment_intent_id: Set(envelope.payment_intent.clone()),
        envelope: Set(body.to_vec()),
        received_at: Set(received_at),
        state: Set(outcome.state.as_str().to_owned()),
        reason: Set(reason(outcome)),
        ..Default::default()
    };
    // Without a conflict target, because naming one would need the right to read the table.
    let unless_kept = OnConflict::new().do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(unless_kept).exec_without_returning(tx).await? == 1)
}

/// Counts an attempt at an event that waits. Returns the event, or none when it does not wait (any
/// more).
pub(super) async fn begin_attempt(
    tx: &GlobalTx,
    key: &EventKey,
) -> Result<Option<PendingEvent>, DbError> {
    let counted = waiting(key).col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1));
    if counted.exec(tx).await?.rows_affected == 0 {
        return Ok(None);
    }
    let row: Option<PendingRow> = Entity::find_by_id((key.account.clone(), key.event_id.clone()))
        .select_only()
        .columns([Column::ObjectType, Column::ObjectId, Column::PaymentIntentId, Column::Attempts])
        .into_model()
        .one(tx)
        .await?;
    Ok(row.map(|row| PendingEvent {
        key: key.clone(),
        object_type: row.object_type,
        object_id: row.object_id,
        payment_intent: row.payment_intent_id,
        attempts: row.attempts,
    }))
}

/// Writes how the work on an event ended, if it waits. It runs in the tenant's transaction when it is
/// part of its effect.
pub(super) async fn finish(
    connection: &impl ConnectionTrait,
    key: &EventKey,
    finished: FinishedEvent,
) -> Result<(), DbError> {
    let mut change = ActiveModel {
        state: Set(finished.outcome.state.as_str().to_owned()),
        reason: Set(reason(finished.outcome)),
        processed_at: Set(Some(finished.at)),
        ..Default::default()
    };
    if let Some(tenant) = finished.tenant_id {
        change.tenant_id = Set(Some(tenant.uuid()));
    }
    if finished.outcome.state != EventState::Failed {
        change.last_error = Set(None);
    }
    waiting(key).set(change).exec(connection).await?;
    Ok(())
}

/// Writes why an attempt failed; `error` is one of our own sentences.
pub(super) async fn record_failure(
    tx: &GlobalTx,
    key: &EventKey,
    error: &str,
) -> Result<(), DbError> {
    let change = ActiveModel { last_error: Set(Some(error.to_owned())), ..Default::default() };
    waiting(key).set(change).exec(tx).await?;
    Ok(())
}

/// Finishes the events that still wait after `attempts` attempts and were received before
/// `received_before`. Returns how many there were.
pub(super) async fn finish_abandoned(
    tx: &GlobalTx,
    attempts: i16,
    received_before: DateTime<Utc>,
    outcome: EventOutcome,
    at: DateTime<Utc>,
) -> Result<u64, DbError> {
    let change = ActiveModel {
        state: Set(outcome.state.as_str().to_owned()),
        reason: Set(reason(outcome)),
        processed_at: Set(Some(at)),
        ..Default::default()
    };
    let finished = Entity::update_many()
        .set(change)
        // A literal, because with a parameter the plan could not use the index of waiting events.
        .filter(Expr::col(Column::State).eq(constant(EventState::Received)))
        .filter(Column::Attempts.gte(i32::from(attempts)))
        .filter(Column::ReceivedAt.lt(received_before));
    Ok(finished.exec(tx).await?.rows_affected)
}

/// Reads a page of the tenant's events, newest first.
pub(super) async fn list_summaries(
    tx: &TenantTx,
    filter: EventFilter,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<EventSummary>, DbError> {
    let before = cursor.map(|cursor| cursor.0);
    let rows = summaries(tx, None, filter.state, before, limit.rows() + 1).await?;
    Ok(Page::from_overfetch(rows, limit, |event| event.id))
}

/// Reads the event of the tenant with this id.
pub(super) async fn find_summary(tx: &TenantTx, id: Uuid) -> Result<Option<EventSummary>, DbError> {
    Ok(summaries(tx, Some(id), None, None, 1).await?.pop())
}

/// Makes an event of the tenant wait again. Returns its key and its object, or none when the event is
/// unknown or waits already.
pub(super) async fn requeue(
    tx: &TenantTx,
    id: Uuid,
) -> Result<Option<(EventKey, Option<String>)>, DbError> {
    let requeued: Option<RequeuedRow> =
        sql("SELECT * FROM billing_event_replay($1)").bind_id(id).one(tx).await?;
    Ok(requeued.map(|row| {
        (EventKey { account: row.stripe_account, event_id: row.event_id }, row.object_id)
    }))
}

/// A change of one event, if it waits.
fn waiting(key: &EventKey) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::StripeAccount.eq(key.account.as_str()))
        .filter(Column::EventId.eq(key.event_id.as_str()))
        .filter(Column::State.eq(EventState::Received.as_str()))
}

async fn summaries(
    tx: &TenantTx,
    id: Option<Uuid>,
    state: Option<EventState>,
    before: Option<Uuid>,
    rows: u64,
) -> Result<Vec<EventSummary>, DbError> {
    let rows: Vec<SummaryRow> = sql("SELECT * FROM billing_events_of_tenant($1, $2, $3, $4)")
        .bind_id_opt(id)
        .bind(state.map(EventState::as_str))
        .bind_id_opt(before)
        .bind(i32::try_from(rows).unwrap_or(i32::MAX))
        .all(tx)
        .await?;
    rows.into_iter().map(EventSummary::try_from).collect()
}

fn reason(outcome: EventOutcome) -> Option<String> {
    outcome.reason.map(|reason| reason.as_str().to_owned())
}

#[derive(FromQueryResult)]
struct PendingRow {
    object_type: String,
    object_id: Option<String>,
    payment_intent_id: Option<String>,
    attempts: i32,
}

#[derive(FromQueryResult)]
struct RequeuedRow {
    stripe_account: String,
    event_id: String,
    object_id: Option<String>,
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

impl TryFrom<SummaryRow> for EventSummary {
    type Error = DbError;

    fn try_from(row: SummaryRow) -> Result<Self, DbError> {
        let reason = row.reason.as_deref().map(|word| from_word::<EventReason>(word, "event"));
        Ok(Self {
            id: row.id,
            event_id: row.event_id,
            kind: row.r#type,
            object_type: row.object_type,
            object_id: row.object_id,
            livemode: row.livemode,
            created: row.created,
            received_at: row.received_at,
            state: from_word(&row.state, "event")?,
            reason: reason.transpose()?,
            attempts: row.attempts,
            last_error: row.last_error,
            processed_at: row.processed_at,
        })
    }
}
