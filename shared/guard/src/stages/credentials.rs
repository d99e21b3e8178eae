//! Stages 6 and 8: who is calling, and proof that the session's own page sent the request.

use actix_web::{
    dev::ServiceRequest,
    http::header::{self, HeaderMap, HeaderName},
};
use bk_kernel::{ActorKind, Code, Surface};
use subtle::ConstantTimeEq;

use super::single_value;
use crate::{Access, Policy, Problem, guard::Shared, request_state::RequestState};

static X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// Bytes of a session token at most; ours are shorter.
const TOKEN_MAX_LEN: usize = 512;

/// That a session cookie was presented, with the CSRF cookie beside it, if there was one.
pub(crate) struct PresentedSession {
    csrf: Option<String>,
}

/// Finds the actor, on routes that need one.
///
/// Fails with [`Code::AuthRequired`] without a credential, with [`Code::AuthInvalid`] when it is not
/// valid, and with [`Code::WrongSurface`] when it is one of another surface.
pub(crate) async fn identify(
    shared: &Shared,
    state: &mut RequestState,
    req: &ServiceRequest,
    policy: &Policy,
) -> Result<Option<PresentedSession>, Problem> {
    if !policy.needs_actor() {
        return Ok(None);
    }
    let headers = req.headers();
    if policy.surface != Surface::Client && headers.contains_key(header::AUTHORIZATION) {
        return Err(refuse_bearer());
    }
    let presented = shared.cookies.parse(headers).map_err(|_| Problem::new(Code::AuthInvalid))?;
    let token = presented.session(policy.surface).filter(|token| !token.is_empty());
    let Some(token) = token else {
        let code = if presented.any_session() { Code::WrongSurface } else { Code::AuthRequired };
        return Err(Problem::new(code));
    };
    if !is_token(token) {
        return Err(Problem::new(Code::AuthInvalid));
    }
    let surface = if policy.surface == Surface::Client { Surface::Client } else { Surface::Admin };
    let sessions = &shared.config.sessions;
    let found = match sessions.known(surface, token) {
        None => sessions.authenticate(surface, token).await?,
        known => known,
    };
    let found = found.ok_or_else(|| Problem::new(Code::AuthInvalid))?;
    let admitted = may_use(policy, found.actor.kind);
    state.actor = Some(found.actor);
    state.session = Some(found.session);
    if !admitted {
        return Err(Problem::new(Code::WrongSurface));
    }
    let csrf = presented.csrf(policy.surface).filter(|_| state.is_unsafe());
    Ok(Some(PresentedSession { csrf: csrf.map(str::to_owned) }))
}

/// API keys and access tokens are looked up here once identity issues them; none exists today, so no
/// bearer credential is valid.
fn refuse_bearer() -> Problem {
    Problem::new(Code::AuthInvalid)
}

/// Whether callers of a kind may use a route at all. Operators use only the platform, and the routes
/// about their own login.
fn may_use(policy: &Policy, kind: ActorKind) -> bool {
    match (policy.surface, kind) {
        (Surface::Client, ActorKind::Client)
        | (Surface::Admin, ActorKind::Staff)
        | (Surface::Platform, ActorKind::Operator) => true,
        (Surface::Admin, ActorKind::Operator) => policy.access == Access::Session,
        _ => false,
    }
}

fn is_token(text: &str) -> bool {
    text.len() <= TOKEN_MAX_LEN && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// On unsafe requests with a session cookie: the header must repeat the CSRF cookie, and both must
/// have been issued for this session.
///
/// Fails with [`Code::CsrfInvalid`] otherwise.
pub(crate) fn check_csrf(
    shared: &Shared,
    state: &RequestState,
    headers: &HeaderMap,
    presented: Option<&PresentedSession>,
) -> Result<(), Problem> {
    let (Some(presented), Some(actor)) = (presented, &state.actor) else { return Ok(()) };
    if !state.is_unsafe() {
        return Ok(());
    }
    let sent = single_value(headers, &X_CSRF_TOKEN).ok().flatten();
    let proven = match (sent, &presented.csrf) {
        (Some(sent), Some(cookie)) => {
            let cookie = cookie.as_bytes();
            bool::from(sent.as_bytes().ct_eq(cookie))
                && shared.cookies.csrf_matches(&actor.session.token_hash, cookie)
        }
        _ => false,
    };
    if proven { Ok(()) } else { Err(Problem::new(Code::CsrfInvalid)) }
}
