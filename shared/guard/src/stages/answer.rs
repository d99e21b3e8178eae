//! Stage 12, first half: every answer gets the product's headers, and everything that is not a
//! success is `application/problem+json` (controls ER-1).

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

use super::{Refusal, arrival::X_REQUEST_ID, browser::with_credentials};
use crate::{
    Problem,
    config::Mode,
    guard::Shared,
    limits::whole_secs,
    visit::{Counted, Visit},
};

static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

const PREFLIGHT_SECS: HeaderValue = HeaderValue::from_static("600");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "etag, location, x-request-id, idempotency-replayed, ratelimit, ratelimit-policy, retry-after",
);
const SENT_BY_SCRIPTS: HeaderValue =
    HeaderValue::from_static("content-type, x-csrf-token, idempotency-key, if-match, x-request-id");
const SENT_BY_ADMIN_SCRIPTS: HeaderValue = HeaderValue::from_static(
    "content-type, x-csrf-token, idempotency-key, if-match, x-request-id, authorization",
);
const CSP: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");
const NO_FEATURES: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
);

/// The answer to a refusal.
pub(crate) fn refuse(visit: &mut Visit, refusal: Refusal) -> HttpResponse {
    let mut response = problem(visit.request_id, &refusal.problem);
    visit.code = Some(refusal.problem.code());
    if refusal.problem.code() == Code::OriginRejected {
        visit.cors = None;
    }
    if let Some((name, value)) = refusal.header.map(|header| *header) {
        response.headers_mut().insert(name, value);
    }
    if refusal.hang_up {
        response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    }
    response
}

/// The answer to a preflight, without the headers every answer gets.
pub(crate) fn preflight(visit: &Visit, methods: HeaderValue) -> HttpResponse {
    let mut response = HttpResponse::NoContent().finish();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let sent = match visit.surface {
        Some(Surface::Admin) => SENT_BY_ADMIN_SCRIPTS,
        _ => SENT_BY_SCRIPTS,
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, sent);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECS);
    headers.insert(
        header::VARY,
        HeaderValue::from_static(
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ),
    );
    response
}

/// What is answered when a handler panicked.
pub(crate) fn broken(visit: &mut Visit) -> HttpResponse {
    visit.code = Some(Code::Internal);
    Problem::new(Code::Internal).response(Some(visit.request_id))
}

/// Turns an error of the framework itself into a problem.
pub(crate) fn framework_error(visit: &mut Visit, error: &actix_web::Error) -> HttpResponse {
    let problem = from_error(error);
    visit.code = Some(problem.as_ref().map_or_else(Problem::code, |own| own.code()));
    match problem {
        Ok(own) => self::problem(visit.request_id, own),
        Err(foreign) => self::problem(visit.request_id, &foreign),
    }
}

/// Makes whatever a handler, an extractor or the router refused with a problem that names the
/// request. An error answer that a handler wrote itself, with a type, stays as it is.
pub(crate) fn settle<B: MessageBody + 'static>(
    request_id: RequestId,
    answer: ServiceResponse<B>,
) -> (ServiceResponse<EitherBody<B>>, Option<Code>) {
    let status = answer.status();
    let (response, code) = match answer.response().error() {
        Some(error) => match from_error(error) {
            Ok(own) => (problem(request_id, own), own.code()),
            Err(foreign) => (problem(request_id, &foreign), foreign.code()),
        },
        None if is_bare_error(status, answer.headers()) => {
            let bare = Problem::new(code_of(status));
            (problem(request_id, &bare), bare.code())
        }
        None => return (answer.map_into_left_body(), None),
    };
    (answer.into_response(response).map_into_right_body(), Some(code))
}

fn from_error(error: &actix_web::Error) -> Result<&Problem, Problem> {
    error.as_error::<Problem>().ok_or_else(|| {
        let code = code_of(error.as_response_error().status_code());
        Problem::new(code)
    })
}

fn is_bare_error(status: StatusCode, headers: &HeaderMap) -> bool {
    (status.is_client_error() || status.is_server_error())
        && !headers.contains_key(header::CONTENT_TYPE)
}

fn problem(request_id: RequestId, problem: &Problem) -> HttpResponse<BoxBody> {
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

/// The code for a status the framework chose.
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

/// The headers of every answer.
pub(crate) fn dress(shared: &Shared, visit: &Visit, headers: &mut HeaderMap) {
    if let Ok(id) = HeaderValue::try_from(visit.request_id.to_string()) {
        headers.insert(X_REQUEST_ID.clone(), id);
    }
    cors(visit, headers);
    rate_limit(visit, headers);
    security(shared, visit, headers);
}

fn cors(visit: &Visit, headers: &mut HeaderMap) {
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
    let Some(origin) = &visit.cors else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if visit.surface.is_some_and(with_credentials) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// draft-ietf-httpapi-ratelimit-headers: one item per limit, named after its class; the address's
/// carries the suffix `-ip`.
fn rate_limit(visit: &Visit, headers: &mut HeaderMap) {
    let (mut state, mut policy) = (String::new(), String::new());
    for (counted, suffix) in visit.rates.iter().zip(["-ip", ""]) {
        let Some(Counted { class, quota, decision }) = counted else { continue };
        if !state.is_empty() {
            state.push_str(", ");
            policy.push_str(", ");
        }
        let name = class.as_str();
        let reset_secs = whole_secs(decision.reset_after);
        let _ = write!(state, "\"{name}{suffix}\";r={};t={reset_secs}", decision.remaining);
        let _ = write!(policy, "\"{name}{suffix}\";q={};w={}", quota.burst, quota.window_secs);
    }
    if state.is_empty() {
        return;
    }
    if let (Ok(state), Ok(policy)) = (HeaderValue::try_from(state), HeaderValue::try_from(policy)) {
        headers.insert(RATE_LIMIT.clone(), state);
        headers.insert(RATE_LIMIT_POLICY.clone(), policy);
    }
}

fn security(shared: &Shared, visit: &Visit, headers: &mut HeaderMap) {
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, CSP);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(PERMISSIONS_POLICY.clone(), NO_FEATURES);
    // Who may read across origins is decided by CORS; nothing may embed without it.
    headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
    if shared.config.mode == Mode::Production && visit.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
}
