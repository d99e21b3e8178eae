//! The stages of a request, in the order of ARCHITECTURE.md, "A request's way". Each file
//! answers one question about the request; the first refusal ends it.

pub(crate) mod arrival;
pub(crate) mod authorization;
pub(crate) mod body;
pub(crate) mod browser;
pub(crate) mod credentials;
pub(crate) mod idempotent;
pub(crate) mod rate;
pub(crate) mod record;
pub(crate) mod response;

use std::sync::Arc;

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
};
use bk_kernel::Code;

use self::idempotent::IdempotentRequest;
use crate::{Problem, context::Admitted, guard::Shared, request_state::RequestState};

/// Characters of a `User-Agent` that handlers see at most.
const USER_AGENT_MAX_CHARS: usize = 200;

/// What happens to a request that was not refused.
pub(crate) enum Admission {
    /// Its handler runs.
    Handler,
    /// Its handler runs unless the same request, with the same key, was answered before.
    Idempotent(IdempotentRequest),
    /// Nothing more: it was a preflight, and these methods answer it.
    Preflight(HeaderValue),
}

/// Stages 1 to 10.
///
/// Fails with the refusal of the first stage that does not let the request pass.
pub(crate) async fn admit(
    shared: &Shared,
    state: &mut RequestState,
    req: &mut ServiceRequest,
) -> Result<Admission, Refusal> {
    let route = match arrival::route(shared, state, req)? {
        arrival::Target::Route(route) => route,
        arrival::Target::Preflight => {
            return Ok(Admission::Preflight(browser::preflight(shared, state, req).await?));
        }
    };
    let policy = &route.policy;
    browser::check_origin(shared, state, req, route).await?;
    let body = body::read(req, policy).await?;
    rate::by_ip(shared, state, policy).await?;
    let presented = credentials::identify(shared, state, req, policy).await?;
    browser::check_own_tenant(shared, state, policy).await?;
    authorization::check(state, policy)?;
    credentials::check_csrf(shared, state, req.headers(), presented.as_ref())?;
    rate::by_actor(shared, state, policy).await?;
    let operation = state.operation();
    let idempotent = idempotent::recognise(operation.as_ref(), state, req, route, &body)?;
    let key = idempotent.as_ref().map(|request| request.key().to_owned());
    let context = state.request_context(policy.surface, key, user_agent(req.headers()));
    let admitted = Admitted {
        pattern: Arc::clone(&route.pattern),
        ctx: Arc::new(context),
        operation,
        session: state.session.take(),
        body: body.restore_payload(req),
    };
    req.extensions_mut().insert(admitted);
    Ok(idempotent.map_or(Admission::Handler, Admission::Idempotent))
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(USER_AGENT_MAX_CHARS).collect())
}

/// A problem with what else its response needs.
pub(crate) struct Refusal {
    pub(crate) problem: Problem,
    /// A header that explains the refusal, such as `Allow`.
    pub(crate) header: Option<Box<(HeaderName, HeaderValue)>>,
    /// Whether to close the connection, because the rest of the body is not worth reading.
    pub(crate) close_connection: bool,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, header: None, close_connection: false }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

/// The only value of a header, if it was sent.
///
/// Fails when it was sent more than once or is not visible ASCII.
pub(crate) fn single_value<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'h str>, AmbiguousHeader> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(AmbiguousHeader);
    }
    value.to_str().map(Some).map_err(|_| AmbiguousHeader)
}

/// A header that was sent more than once, or with bytes that are no text.
pub(crate) struct AmbiguousHeader;
