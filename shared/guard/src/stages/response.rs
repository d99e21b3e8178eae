//! Stage 12, first half: every response gets the product's headers, and every error is
//! `application/problem+json` (docs/controls.md, ER-1).

use std::fmt::Write;

use actix_web::{
    HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};
use bk_kernel::{Code, RequestId, Surface};

use super::{Refusal, arrival::X_REQUEST_ID, browser::allows_credentials};
use crate::{
    Problem,
    guard::Shared,
    limits::whole_secs,
    request_state::{RateLimitResult, RequestState},
};

static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

const PREFLIGHT_MAX_AGE_SECS: HeaderValue = HeaderValue::from_static("600");
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static(
    "etag, location, x-request-id, idempotency-replayed, ratelimit, ratelimit-policy, retry-after",
);
const ALLOWED_HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, x-csrf-token, idempotency-key, if-match, x-request-id");
const ADMIN_ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-type, x-csrf-token, idempotency-key, if-match, x-request-id, authorization",
);
const CONTENT_SECURITY_POLICY_VALUE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
const STRICT_TRANSPORT_SECURITY_VALUE: HeaderValue =
    HeaderValue::from_static("max-age=63072000; includeSubDomains");
const PERMISSIONS_POLICY_VALUE: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
);

/// The response to a request that a stage refused.
pub(crate) fn of_refusal(state: &mut RequestState, refusal: Refusal) -> HttpResponse {
    let mut response = log_and_respond(state.request_id, &refusal.problem);
    state.code = Some(refusal.problem.code());
    if refusal.problem.code() == Code::OriginRejected {
        state.cors = None;
    }
    if let Some((name, value)) = refusal.header.map(|header| *header) {
        response.headers_mut().insert(name, value);
    }
    if refusal.close_connection {
        response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    }
    response
}

/// The response to a preflight, without the headers that every response gets.
pub(crate) fn of_preflight(state: &RequestState, methods: HeaderValue) -> HttpResponse {
    let mut response = HttpResponse::NoContent().finish();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let allowed = match state.surface {
        Some(Surface::Admin) => ADMIN_ALLOWED_HEADERS,
        _ => ALLOWED_HEADERS,
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE_SECS);
    headers.insert(
        header::VARY,
        HeaderValue::from_static(
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ),
    );
    response
}

/// The response when a handler panicked.
pub(crate) fn of_panic(state: &mut RequestState) -> HttpResponse {
    state.code = Some(Code::Internal);
    Problem::new(Code::Internal).response(Some(state.request_id))
}

/// The response to an error of the framework itself.
pub(crate) fn of_framework_error(
    state: &mut RequestState,
    error: &actix_web::Error,
) -> HttpResponse {
    let problem = from_error(error);
    state.code = Some(problem.as_ref().map_or_else(Problem::code, |own| own.code()));
    match problem {
        Ok(own) => log_and_respond(state.request_id, own),
        Err(foreign) => log_and_respond(state.request_id, &foreign),
    }
}

/// Turns an error of a handler, an extractor or the router into a problem that names the request, and
/// returns its code. An error response that a handler wrote itself, with a content type, stays as it
/// is.
pub(crate) fn normalize_error<B: MessageBody + 'static>(
    request_id: RequestId,
    answer: ServiceResponse<B>,
) -> (ServiceResponse<EitherBody<B>>, Option<Code>) {
    let status = answer.status();
    let (response, code) = match answer.response().error() {
        Some(error) => match from_error(error) {
            Ok(own) => (log_and_respond(request_id, own), own.code()),
            Err(foreign) => (log_and_respond(request_id, &foreign), foreign.code()),
        },
        None if is_error_without_body(status, answer.headers()) => {
            let problem = Problem::new(code_of(status));
            (log_and_respond(request_id, &problem), problem.code())
        }
        None => return (answer.map_into_left_body(), None),
    };
    (answer.into_response(response).map_into_right_body(), Some(code))
}

/// The problem that an error is; another one, of the code of its status, when it is none.
fn from_error(error: &actix_web::Error) -> Result<&Problem, Problem> {
    error.as_error::<Problem>().ok_or_else(|| {
        let code = code_of(error.as_response_error().status_code());
        Problem::new(code)
    })
}

fn is_error_without_body(status: StatusCode, headers: &HeaderMap) -> bool {
    (status.is_client_error() || status.is_server_error())
        && !headers.contains_key(header::CONTENT_TYPE)
}

/// The response of a problem. Its cause goes to the log, under the request id.
fn log_and_respond(request_id: RequestId, problem: &Problem) -> HttpResponse<BoxBody> {
    if let Some(cause) = problem.cause() {
        let mut text = cause.to_string();
        let mut source = cause.source();
        while let Some(deeper) = source {
            let _ = write!(text, ": {deeper}");
            source = deeper.source();
        }
        tracing::error!(%request_id, code = problem.code().as_str(), cause = text, "a request failed");
    }
    problem.response(Some(request_id))
}

/// The code for a status that the framework chose.
fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::AuthRequired,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        409 => Code::Conflict,
        412 => Code::PreconditionFailed,
        413 => Code::PayloadTooLarge,
        415 => Code::UnsupportedMediaType,
        422 => Code::InputInvalid,
        429 => Code::RateLimited,
        502..=504 => Code::Unavailable,
        400..=499 => Code::BodyMalformed,
        _ => Code::Internal,
    }
}

/// Adds the headers that every response carries.
pub(crate) fn apply_response_headers(
    shared: &Shared,
    state: &RequestState,
    headers: &mut HeaderMap,
) {
    if let Ok(id) = HeaderValue::try_from(state.request_id.to_string()) {
        headers.insert(X_REQUEST_ID.clone(), id);
    }
    cors(state, headers);
    rate_limit(state, headers);
    security(shared, state, headers);
}

fn cors(state: &RequestState, headers: &mut HeaderMap) {
    if headers.contains_key(header::VARY) {
        let names_origin = headers
            .get_all(header::VARY)
            .any(|value| value.to_str().is_ok_and(|v| v.to_ascii_lowercase().contains("origin")));
        if !names_origin {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
    } else {
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    let Some(origin) = &state.cors else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    if state.surface.is_some_and(allows_credentials) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// draft-ietf-httpapi-ratelimit-headers: one item per limit, named after its class; the address's
/// carries the suffix `-ip`.
fn rate_limit(state: &RequestState, headers: &mut HeaderMap) {
    let (mut limits, mut policies) = (String::new(), String::new());
    for (result, suffix) in state.rate_limits.iter().zip(["-ip", ""]) {
        let Some(RateLimitResult { class, quota, decision }) = result else { continue };
        if !limits.is_empty() {
            limits.push_str(", ");
            policies.push_str(", ");
        }
        let name = class.as_str();
        let reset_secs = whole_secs(decision.reset_after);
        let _ = write!(limits, "\"{name}{suffix}\";r={};t={reset_secs}", decision.remaining);
        let _ = write!(policies, "\"{name}{suffix}\";q={};w={}", quota.burst, quota.window_secs);
    }
    if limits.is_empty() {
        return;
    }
    if let (Ok(limits), Ok(policies)) =
        (HeaderValue::try_from(limits), HeaderValue::try_from(policies))
    {
        headers.insert(RATE_LIMIT.clone(), limits);
        headers.insert(RATE_LIMIT_POLICY.clone(), policies);
    }
}

fn security(shared: &Shared, state: &RequestState, headers: &mut HeaderMap) {
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_VALUE);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(PERMISSIONS_POLICY.clone(), PERMISSIONS_POLICY_VALUE);
    // Who may read across origins is decided by CORS; nothing may embed without it.
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
    if shared.config.environment.is_production() && state.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY_VALUE);
    }
}
