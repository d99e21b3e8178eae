//! Deliveries from Stripe, and what staff see of them.

use actix_web::{HttpRequest, get, post, web};
use bk_guard::{Allowed, Guarded, Json, PageQuery, Path, Policy, Problem, Query, Routes};
use bk_kernel::Code;
use bk_persistence::DbError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{
    inbox::{EventState, EventSummary},
    read_events::{get_event, list_events},
    receive_event::ReceiveError,
    replay_event::{ReplayError, ReplayEvent, replay_event},
};
use crate::{Billing, permissions::BillingOperate};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_billing_events)
        .mount(get_billing_event)
        .mount(replay_billing_event)
        .mount(reconcile_billing);
}

pub(crate) fn root_routes(routes: &mut Routes<'_>) {
    routes.mount(receive_stripe_event);
}

/// Receive an event from Stripe
///
/// The `Stripe-Signature` header is verified over the raw bytes before they are read. The event is
/// kept, once, and worked on later; the answer comes after that is committed.
#[utoipa::path(
    tag = "webhooks",
    params(("Stripe-Signature" = String, Header, description = "`t=<unix seconds>,v1=<hex>`", max_length = 2048,
        example = "t=1795737600,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd")),
    request_body(content = StripeEventDto, content_type = "application/json", description = "Stripe's event, as it is"),
    responses((status = 200, description = "The event is kept", body = ReceivedDto))
)]
#[post("/webhooks/stripe")]
pub(crate) async fn receive_stripe_event(
    req: HttpRequest,
    body: web::Bytes,
    billing: web::Data<Billing>,
) -> Result<Json<ReceivedDto>, Problem> {
    let mut signatures = req.headers().get_all("stripe-signature");
    let signature = match (signatures.next(), signatures.next()) {
        (Some(one), None) => one.to_str().unwrap_or_default(),
        _ => "",
    };
    billing.receive().receive(signature, body.to_vec()).await?;
    Ok(Json(ReceivedDto { received: true }))
}

impl Guarded for receive_stripe_event {
    const POLICY: Policy = Policy::webhook();
}

/// List payment events
///
/// The payment provider's events that concern this kitchen, newest first. What they contain is not
/// shown.
#[utoipa::path(
    tag = "webhooks",
    params(EventFilter, PageQuery),
    responses((status = 200, description = "A page of events", body = EventPageDto))
)]
#[get("/admin/billing/events")]
pub(crate) async fn list_billing_events(
    who: Allowed<BillingOperate>,
    query: Query<EventQuery>,
    billing: web::Data<Billing>,
) -> Result<Json<EventPageDto>, Problem> {
    let EventQuery { state, limit, cursor } = query.0;
    let page = PageQuery { limit, cursor }.page()?;
    let tenant = who.caller.tenant_id();
    let page = list_events(billing.db(), who.permit, tenant, state.map(Into::into), page)
        .await?
        .map(EventDto::from);
    Ok(Json(EventPageDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_billing_events {
    const POLICY: Policy = Policy::admin::<BillingOperate>();
}

/// Read a payment event
#[utoipa::path(
    tag = "webhooks",
    params(("id" = Uuid, Path, description = "The event")),
    responses((status = 200, description = "The event", body = EventDto))
)]
#[get("/admin/billing/events/{id}")]
pub(crate) async fn get_billing_event(
    who: Allowed<BillingOperate>,
    id: Path<Uuid>,
    billing: web::Data<Billing>,
) -> Result<Json<EventDto>, Problem> {
    let found = get_event(billing.db(), who.permit, who.caller.tenant_id(), id.0).await?;
    let event = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Json(event.into()))
}

impl Guarded for get_billing_event {
    const POLICY: Policy = Policy::admin::<BillingOperate>();
}

/// Replay a payment event
///
/// Works on the event again. Its object is compared with the payment provider anew, so nothing is
/// posted twice.
#[utoipa::path(
    tag = "webhooks",
    params(("id" = Uuid, Path, description = "The event")),
    responses((status = 200, description = "The event, waiting again", body = EventDto))
)]
#[post("/admin/billing/events/{id}/replay")]
pub(crate) async fn replay_billing_event(
    who: Allowed<BillingOperate>,
    id: Path<Uuid>,
    billing: web::Data<Billing>,
) -> Result<Json<EventDto>, Problem> {
    let command = ReplayEvent {
        id: id.0,
        actor: who.caller.actor.clone(),
        request_id: who.caller.ctx.request_id,
        at: who.caller.now(),
    };
    Ok(Json(replay_event(billing.db(), who.permit, command).await?.into()))
}

impl Guarded for replay_billing_event {
    const POLICY: Policy = Policy::admin::<BillingOperate>().writes();
}

/// Reconcile with the payment provider
///
/// Asks the payment provider about every purchase that waits for its payment, soon.
#[utoipa::path(
    tag = "webhooks",
    responses((status = 200, description = "The comparison is queued", body = QueuedDto))
)]
#[post("/admin/billing/reconcile")]
pub(crate) async fn reconcile_billing(
    who: Allowed<BillingOperate>,
    billing: web::Data<Billing>,
) -> Result<Json<QueuedDto>, Problem> {
    let tenant = who.caller.tenant_id();
    let queued = billing
        .db()
        .tenant(tenant)
        .run(move |tx| async move { super::enqueue_reconcile(&tx, tenant).await });
    let queued: Result<(), DbError> = queued.await;
    queued?;
    Ok(Json(QueuedDto { queued: true }))
}

impl Guarded for reconcile_billing {
    const POLICY: Policy = Policy::admin::<BillingOperate>().writes();
}

impl From<ReceiveError> for Problem {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Signature => Self::new(Code::SignatureInvalid),
            ReceiveError::Malformed => {
                Self::new(Code::BodyMalformed).detail("The body is not a Stripe event.")
            }
            ReceiveError::Db(error) => error.into(),
        }
    }
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound => Self::new(Code::NotFound),
            ReplayError::Waiting(state) => Self::state(state),
            ReplayError::Db(error) => error.into(),
        }
    }
}

/// An event of Stripe. Only what is named here is read.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "for the document; the bytes are verified before they are parsed")]
pub(crate) struct StripeEventDto {
    /// Stripe's id of the event.
    #[schema(example = "evt_1TestEvent", pattern = "^evt_[A-Za-z0-9_]{1,251}$")]
    id: String,
    /// Always `event`.
    #[schema(example = "event", pattern = "^event$")]
    object: String,
    /// What happened.
    #[schema(example = "checkout.session.completed", min_length = 1, max_length = 100)]
    r#type: String,
    /// The API version the event was made with.
    #[schema(example = "2026-09-30.endive", max_length = 100)]
    api_version: Option<String>,
    /// Whether real money moved.
    #[schema(example = false)]
    livemode: bool,
    /// Unix seconds.
    #[schema(example = 1_795_737_600, minimum = 0)]
    created: i64,
    /// The object it happened to.
    data: StripeEventDataDto,
}

/// The object an event is about.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "for the document; the bytes are verified before they are parsed")]
pub(crate) struct StripeEventDataDto {
    /// Its id and kind; everything else is fetched from Stripe.
    #[schema(value_type = Object, example = json!({"id": "cs_test_1", "object": "checkout.session"}))]
    object: serde_json::Value,
}

/// The event is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceivedDto {
    /// Always true.
    #[schema(example = true)]
    received: bool,
}

/// The work is queued.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueuedDto {
    /// Always true.
    #[schema(example = true)]
    queued: bool,
}

/// How far the work on an event got.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(example = "PROCESSED")]
pub(crate) enum EventStateDto {
    /// Kept; its work waits or will be tried again.
    Received,
    /// Its object was compared and everything recorded.
    Processed,
    /// Nothing of this kitchen's, or nothing that matters.
    Ignored,
    /// It contradicts what is known: somebody has to look.
    Parked,
    /// Its work failed as often as it may; it can be replayed.
    Failed,
}

/// Which events.
#[derive(Debug, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventQuery {
    state: Option<EventStateDto>,
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    limit: Option<u16>,
    cursor: Option<String>,
}

/// The filter of the list, for the document; [`PageQuery`] describes the rest of [`EventQuery`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "for the document")]
pub(crate) struct EventFilter {
    /// Only events in this state.
    #[param(inline, example = "PROCESSED")]
    state: Option<EventStateDto>,
}

/// A page of events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventPageDto {
    /// The events.
    items: Vec<EventDto>,
    /// Where the next page starts, or null at the end.
    #[schema(example = json!(null))]
    next_cursor: Option<String>,
}

/// An event of the payment provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventDto {
    /// Our id of the event.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    id: Uuid,
    /// The provider's id of it.
    #[schema(example = "evt_1TestEvent")]
    event_id: String,
    /// What happened.
    #[schema(example = "checkout.session.completed")]
    r#type: String,
    /// The kind of object it happened to.
    #[schema(example = "checkout.session")]
    object_type: String,
    /// The provider's id of the object.
    #[schema(example = "cs_test_1")]
    object_id: Option<String>,
    /// Whether real money moved.
    #[schema(example = false)]
    livemode: bool,
    /// When the provider made it.
    created_at: DateTime<Utc>,
    /// When it arrived.
    received_at: DateTime<Utc>,
    /// How far the work on it got.
    state: EventStateDto,
    /// Why it was ignored, parked or failed.
    #[schema(example = json!(null))]
    reason: Option<String>,
    /// Attempts made.
    #[schema(example = 1, minimum = 0)]
    attempts: i32,
    /// What kept the last attempt from succeeding.
    #[schema(example = json!(null))]
    last_error: Option<String>,
    /// When the work ended.
    processed_at: Option<DateTime<Utc>>,
}

impl From<EventSummary> for EventDto {
    fn from(event: EventSummary) -> Self {
        Self {
            id: event.id,
            event_id: event.event_id,
            r#type: event.kind,
            object_type: event.object_type,
            object_id: event.object_id,
            livemode: event.livemode,
            created_at: event.created,
            received_at: event.received_at,
            state: event.state.into(),
            reason: event.reason,
            attempts: event.attempts,
            last_error: event.last_error,
            processed_at: event.processed_at,
        }
    }
}

impl From<EventState> for EventStateDto {
    fn from(value: EventState) -> Self {
        match value {
            EventState::Received => Self::Received,
            EventState::Processed => Self::Processed,
            EventState::Ignored => Self::Ignored,
            EventState::Parked => Self::Parked,
            EventState::Failed => Self::Failed,
        }
    }
}

impl From<EventStateDto> for EventState {
    fn from(value: EventStateDto) -> Self {
        match value {
            EventStateDto::Received => Self::Received,
            EventStateDto::Processed => Self::Processed,
            EventStateDto::Ignored => Self::Ignored,
            EventStateDto::Parked => Self::Parked,
            EventStateDto::Failed => Self::Failed,
        }
    }
}
