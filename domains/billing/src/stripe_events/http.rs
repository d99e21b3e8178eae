//! Deliveries from Stripe, and what staff see of them.

use actix_web::{HttpRequest, get, post, web};
use bk_guard::{
    Allowed, Guarded, Json, ListQuery, Page, Path, Policy, Problem, RequestContext, Routes, Word,
};
use bk_kernel::{self as kernel, Code};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{
    event::{EventFilter, EventState, EventSummary},
    read_events,
    receive_event::ReceiveError,
    replay_event::{self, ReplayError},
};
use crate::{Billing, permissions::BillingOperate};

pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_billing_events).mount(get_billing_event).mount(replay_billing_event);
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
    request_body(content = StripeEvent, content_type = "application/json", description = "Stripe's event, as it is"),
    responses(Json<StripeEventReceipt>)
)]
#[post("/webhooks/stripe")]
pub(crate) async fn receive_stripe_event(
    request: RequestContext,
    http: HttpRequest,
    body: web::Bytes,
    billing: web::Data<Billing>,
) -> Result<Json<StripeEventReceipt>, Problem> {
    let mut signatures = http.headers().get_all("stripe-signature");
    let signature = match (signatures.next(), signatures.next()) {
        (Some(one), None) => one.to_str().unwrap_or_default(),
        _ => "",
    };
    billing.receive().receive(request.request_id, signature, body.to_vec()).await?;
    Ok(Json(StripeEventReceipt { received: true }))
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
    params(ListQuery<BillingEventFilter>),
    responses(Page<BillingEvent>)
)]
#[get("/admin/billing/events")]
pub(crate) async fn list_billing_events(
    who: Allowed<BillingOperate>,
    query: ListQuery<BillingEventFilter>,
    billing: web::Data<Billing>,
) -> Result<Page<BillingEvent>, Problem> {
    let page = query.page();
    let filter = EventFilter { state: query.filter.state.map(|word| word.0) };
    let input = (who.clone(), filter, page);
    let page = billing.db().read(&who, input, async |tx, (who, filter, (limit, cursor))| {
        read_events::list_events(&who, &tx, filter, limit, cursor).await
    });
    let page: kernel::Page<EventSummary> = page.await?;
    Ok(page.map(BillingEvent::from).into())
}

impl Guarded for list_billing_events {
    const POLICY: Policy = Policy::admin::<BillingOperate>();
}

/// Get a payment event
#[utoipa::path(
    tag = "webhooks",
    params(("id" = Uuid, Path, description = "The event")),
    responses(Json<BillingEvent>)
)]
#[get("/admin/billing/events/{id}")]
pub(crate) async fn get_billing_event(
    who: Allowed<BillingOperate>,
    id: Path<Uuid>,
    billing: web::Data<Billing>,
) -> Result<Json<BillingEvent>, Problem> {
    let found = billing.db().read(&who, (who.clone(), id.0), async |tx, (who, id)| {
        read_events::get_event(&who, &tx, id).await
    });
    let found: Option<EventSummary> = found.await?;
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
    responses(Json<BillingEvent>)
)]
#[post("/admin/billing/events/{id}/replay")]
pub(crate) async fn replay_billing_event(
    who: Allowed<BillingOperate>,
    id: Path<Uuid>,
    billing: web::Data<Billing>,
) -> Result<Json<BillingEvent>, Problem> {
    let replayed = billing.db().transaction(&who, (who.clone(), id.0), async |tx, (who, id)| {
        replay_event::replay_event(&who, &tx, id).await
    });
    Ok(Json(replayed.await?.into()))
}

impl Guarded for replay_billing_event {
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
pub(crate) struct StripeEvent {
    /// Stripe's id of the event.
    #[schema(example = "evt_1TestEvent", pattern = "^evt_[A-Za-z0-9_]{1,251}$")]
    id: String,
    /// Always `event`.
    #[schema(example = "event", pattern = "^event$")]
    object: String,
    /// What happened.
    #[schema(example = "checkout.session.completed", min_length = 1, max_length = 100)]
    r#type: String,
    /// The API version that the event was made with.
    #[schema(example = "2026-09-30.endive", max_length = 100)]
    api_version: Option<String>,
    /// Whether real money moved.
    #[schema(example = false)]
    livemode: bool,
    /// When Stripe made the event, in Unix seconds.
    #[schema(example = 1_795_737_600, minimum = 0)]
    created: i64,
    /// The object that it happened to.
    data: StripeEventData,
}

/// The object that an event is about.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "for the document; the bytes are verified before they are parsed")]
pub(crate) struct StripeEventData {
    /// The id and the kind of the object; everything else is fetched from Stripe.
    #[schema(value_type = Object, example = json!({"id": "cs_test_1", "object": "checkout.session"}))]
    object: serde_json::Value,
}

/// The event is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StripeEventReceipt {
    /// Always true.
    #[schema(example = true)]
    received: bool,
}

/// How far the work on an event got.
type EventStateWord = Word<EventState>;

/// Which events to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct BillingEventFilter {
    /// Only events in this state.
    #[param(inline, example = "PROCESSED")]
    state: Option<EventStateWord>,
}

/// An event of the payment provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BillingEvent {
    /// Our id of the event.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    id: Uuid,
    /// The provider's id of the event.
    #[schema(example = "evt_1TestEvent")]
    event_id: String,
    /// What happened.
    #[schema(example = "checkout.session.completed")]
    r#type: String,
    /// The kind of object that it happened to.
    #[schema(example = "checkout.session")]
    object_type: String,
    /// The provider's id of the object.
    #[schema(example = "cs_test_1")]
    object_id: Option<String>,
    /// Whether real money moved.
    #[schema(example = false)]
    livemode: bool,
    /// When the provider made the event.
    created_at: DateTime<Utc>,
    /// When the event arrived.
    received_at: DateTime<Utc>,
    /// How far the work on the event got.
    state: EventStateWord,
    /// Why the event was ignored, parked or failed.
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

impl From<EventSummary> for BillingEvent {
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
            reason: event.reason.map(|reason| reason.as_str().to_owned()),
            attempts: event.attempts,
            last_error: event.last_error,
            processed_at: event.processed_at,
        }
    }
}
