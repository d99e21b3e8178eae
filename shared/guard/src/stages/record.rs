//! Stage 12, second half: one access line per request, a security event for every refusal that
//! matters, and metrics (docs/controls.md, LO-1, LO-2). Nothing here sees cookies, bodies, queries or
//! raw paths; labels are route patterns and codes, so their number is bounded.

use std::sync::OnceLock;

use actix_web::{body::BodySize, http::StatusCode};
use bk_kernel::Code;
use metrics::{Counter, Histogram};
use uuid::{Uuid, fmt::Hyphenated};

use crate::{guard::Shared, matcher::Matcher, request_state::RequestState};

/// The route label of requests that no route matches.
const UNMATCHED: &str = "unmatched";
/// The status labels of metrics.
const STATUS_CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The metric handles of every route. They are made at first use, so that the recorder may be
/// installed late, and kept, because looking one up by its labels costs more than the rest of this
/// stage.
pub(crate) struct RouteMetrics {
    routes: Vec<MetricHandles>,
    unmatched: MetricHandles,
}

/// The metric handles of one route: requests by status class, and durations.
#[derive(Default)]
struct MetricHandles {
    requests: [OnceLock<Counter>; 5],
    duration: OnceLock<Histogram>,
}

impl RouteMetrics {
    pub(crate) fn new(routes: &Matcher) -> Self {
        let mut handles = Vec::new();
        handles.resize_with(routes.len(), MetricHandles::default);
        Self { routes: handles, unmatched: MetricHandles::default() }
    }
}

/// Records how a request ended.
pub(crate) fn record(shared: &Shared, state: &RequestState, status: StatusCode, size: BodySize) {
    let elapsed = state.started.elapsed();
    let route = state.route.and_then(|index| shared.routes.get(index));
    let pattern = route.map_or(UNMATCHED, |route| &route.pattern);
    let method = if route.is_some() { state.method.as_str() } else { "other" };
    count(shared, state, pattern, method, status, elapsed);
    let code = state.code.map(Code::as_str);
    let bytes = match size {
        BodySize::Sized(bytes) => Some(bytes),
        BodySize::None => Some(0),
        BodySize::Stream => None,
    };
    let actor = state.actor.as_deref();
    let [mut request_id, mut tenant_id, mut user_id] = [[0; Hyphenated::LENGTH]; 3];
    tracing::info!(
        target: "access",
        request_id = hyphenated(state.request_id.uuid(), &mut request_id),
        method = state.method.as_str(),
        route = pattern,
        status = status.as_u16(),
        code,
        duration_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        surface = state.surface.map(bk_kernel::Surface::as_str),
        tenant_id = actor.map(|actor| hyphenated(actor.tenant_id.uuid(), &mut tenant_id)),
        user_id = actor.map(|actor| hyphenated(actor.user_id.uuid(), &mut user_id)),
        ip = %state.client_ip,
        bytes,
    );
    if let Some(code) = state.code {
        record_refusal(state, pattern, code);
    }
}

/// The text of an id, in a buffer on the stack: every access line has three of them.
fn hyphenated(id: Uuid, buffer: &mut [u8; Hyphenated::LENGTH]) -> &str {
    id.hyphenated().encode_lower(buffer)
}

fn count(
    shared: &Shared,
    state: &RequestState,
    pattern: &str,
    method: &str,
    status: StatusCode,
    elapsed: std::time::Duration,
) {
    let handles = state
        .route
        .and_then(|index| shared.route_metrics.routes.get(index))
        .unwrap_or(&shared.route_metrics.unmatched);
    let class = usize::from(status.as_u16() / 100).saturating_sub(1).min(STATUS_CLASSES.len() - 1);
    if let (Some(slot), Some(name)) = (handles.requests.get(class), STATUS_CLASSES.get(class)) {
        slot.get_or_init(|| {
            metrics::counter!("http_requests_total",
                "route" => pattern.to_owned(), "method" => method.to_owned(), "status" => *name)
        })
        .increment(1);
    }
    handles
        .duration
        .get_or_init(|| {
            metrics::histogram!("http_request_duration_seconds",
                "route" => pattern.to_owned(), "method" => method.to_owned())
        })
        .record(elapsed.as_secs_f64());
}

fn record_refusal(state: &RequestState, pattern: &str, code: Code) {
    metrics::counter!("http_refusals_total", "code" => code.as_str()).increment(1);
    let Some(event) = security_event(code) else { return };
    let actor = state.actor.as_deref();
    tracing::warn!(
        target: "security",
        event,
        code = code.as_str(),
        request_id = %state.request_id,
        method = state.method.as_str(),
        route = pattern,
        surface = state.surface.map(bk_kernel::Surface::as_str),
        tenant_id = actor.map(|actor| display(actor.tenant_id)),
        user_id = actor.map(|actor| display(actor.user_id)),
        session_id = actor.map(|actor| display(actor.session.id)),
        ip = %state.client_ip,
    );
}

/// The name of the security event that a refusal is, if it is one.
const fn security_event(code: Code) -> Option<&'static str> {
    match code {
        Code::AuthRequired => Some("credential.missing"),
        Code::AuthInvalid => Some("credential.refused"),
        Code::Forbidden => Some("permission.refused"),
        Code::WrongSurface => Some("surface.crossed"),
        Code::StepUpRequired => Some("assurance.lacking"),
        Code::OriginRejected => Some("origin.rejected"),
        Code::CsrfInvalid => Some("csrf.refused"),
        Code::SignatureInvalid => Some("signature.refused"),
        Code::PayloadTooLarge => Some("body.too_large"),
        Code::RateLimited => Some("rate.limited"),
        Code::IdempotencyMismatch => Some("idempotency.mismatch"),
        Code::BodyMalformed
        | Code::NotFound
        | Code::MethodNotAllowed
        | Code::Conflict
        | Code::StateConflict
        | Code::WindowClosed
        | Code::NotEnoughMeals
        | Code::DishSoldOut
        | Code::PreferenceBlocked
        | Code::AccountInactive
        | Code::LastOwner
        | Code::IdempotencyInProgress
        | Code::PreconditionFailed
        | Code::UnsupportedMediaType
        | Code::InputInvalid
        | Code::Internal
        | Code::Unavailable => None,
    }
}
