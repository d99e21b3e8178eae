//! The stages of a request, in the order of the architecture page ("A request's way"). Each is one
//! file and one question; the first that answers no ends the request.

pub(crate) mod admission;
pub(crate) mod answer;
pub(crate) mod arrival;
pub(crate) mod body;
pub(crate) mod browser;
pub(crate) mod credentials;
pub(crate) mod idempotent;
pub(crate) mod rate;
pub(crate) mod record;

use std::sync::Arc;

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
};
use bk_kernel::{Code, OperationContext};

use crate::{Problem, context::Admitted, guard::Shared, visit::Visit};

/// Most characters of a `User-Agent` that handlers see.
const USER_AGENT_CHARS: usize = 200;

/// Where a request may go.
pub(crate) enum Way {
    /// To its handler.
    Handler,
    /// To its handler, once per idempotency key.
    Once(idempotent::Once),
    /// Nowhere further: it was a preflight, and these are its methods.
    Preflight(HeaderValue),
}

/// Stages 1 to 10. A refusal may come with headers of its own (`Allow`).
pub(crate) async fn admit(
    shared: &Shared,
    visit: &mut Visit,
    req: &mut ServiceRequest,
) -> Result<Way, Refusal> {
    let route = match arrival::route(shared, visit, req)? {
        arrival::Target::Route(route) => route,
        arrival::Target::Preflight => {
            return Ok(Way::Preflight(browser::preflight(shared, visit, req).await?));
        }
    };
    let policy = &route.policy;
    browser::check_origin(shared, visit, req, route).await?;
    let body = body::read(req, policy).await?;
    rate::by_ip(shared, visit, policy).await?;
    let presented = credentials::identify(shared, visit, req, policy).await?;
    browser::check_own_tenant(shared, visit, policy).await?;
    admission::check(visit, policy)?;
    credentials::check_csrf(shared, visit, req.headers(), presented.as_ref())?;
    rate::by_actor(shared, visit, policy).await?;
    let once = idempotent::recognise(visit, req, route, &body)?;
    let key = once.as_ref().map(|once| once.key().to_owned());
    let ctx = visit.ctx(policy.surface, key, user_agent(req.headers()));
    let body = body.hand_on(req);
    let (pattern, session) = (Arc::clone(&route.pattern), visit.session.take());
    let operation = visit
        .actor
        .clone()
        .map(|actor| OperationContext::of_actor(actor, visit.request_id, visit.now));
    let ctx = Arc::new(ctx);
    req.extensions_mut().insert(Admitted { pattern, ctx, operation, session, body });
    Ok(once.map_or(Way::Handler, Way::Once))
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(USER_AGENT_CHARS).collect())
}

/// A no, with the headers that explain it.
pub(crate) struct Refusal {
    pub(crate) problem: Problem,
    pub(crate) header: Option<Box<(HeaderName, HeaderValue)>>,
    /// The rest of the body is not worth reading.
    pub(crate) hang_up: bool,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self { problem, header: None, hang_up: false }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

/// The only value of a header; an error when it is sent more than once or is not visible ASCII.
pub(crate) fn only<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'h str>, Unclear> {
    let mut values = headers.get_all(name);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Unclear);
    }
    value.to_str().map(Some).map_err(|_| Unclear)
}

/// A header that says nothing certain.
pub(crate) struct Unclear;
