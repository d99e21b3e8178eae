//! Stages 6 and 8: who is calling, and proof that the session's own page sent the request.

use actix_web::{
    dev::ServiceRequest,
    http::header::{self, HeaderMap, HeaderName},
};
use bk_kernel::{ActorKind, Code, Surface};
use subtle::ConstantTimeEq;

use super::{browser::needs_actor, only};
use crate::{Access, Policy, Problem, guard::Shared, visit::Visit};

static X_CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// Longer is no token of ours.
const TOKEN_BYTES: usize = 512;

/// The CSRF cookie that came with the session cookie, if any.
pub(crate) struct SessionCookie {
    csrf: Option<Vec<u8>>,
}

/// Finds the actor, on routes that need one, and makes sure they came through the right door.
pub(crate) async fn identify(
    shared: &Shared,
    visit: &mut Visit,
    req: &ServiceRequest,
    policy: &Policy,
) -> Result<Option<SessionCookie>, Problem> {
    if !needs_actor(policy) {
        return Ok(None);
    }
    let headers = req.headers();
    if policy.surface != Surface::Client && headers.contains_key(header::AUTHORIZATION) {
        return Err(refuse_bearer());
    }
    let presented = shared.cookies.read(headers).map_err(|_| Problem::new(Code::AuthInvalid))?;
    let token = presented.session(policy.surface).filter(|token| !token.is_empty());
    let Some(token) = token else {
        let code = if presented.any_session() { Code::WrongSurface } else { Code::AuthRequired };
        return Err(Problem::new(code));
    };
    let token = readable(token).ok_or_else(|| Problem::new(Code::AuthInvalid))?;
    let door = if policy.surface == Surface::Client { Surface::Client } else { Surface::Admin };
    let sessions = &shared.config.sessions;
    let found = match sessions.known(door, token) {
        None => sessions.authenticate(door, token).await?,
        known => known,
    };
    let found = found.ok_or_else(|| Problem::new(Code::AuthInvalid))?;
    let admitted = may_enter(policy, found.actor.kind);
    visit.actor = Some(found.actor);
    visit.session = Some(found.session);
    if !admitted {
        return Err(Problem::new(Code::WrongSurface));
    }
    let csrf = visit.is_unsafe().then(|| presented.csrf(policy.surface).map(<[u8]>::to_vec));
    Ok(Some(SessionCookie { csrf: csrf.flatten() }))
}

/// API keys and access tokens are looked up here once identity issues them; none exists today, so no
/// bearer credential is valid.
fn refuse_bearer() -> Problem {
    Problem::new(Code::AuthInvalid)
}

/// Operators see only the platform, and their own login.
fn may_enter(policy: &Policy, kind: ActorKind) -> bool {
    match (policy.surface, kind) {
        (Surface::Client, ActorKind::Client)
        | (Surface::Admin, ActorKind::Staff)
        | (Surface::Platform, ActorKind::Operator) => true,
        (Surface::Admin, ActorKind::Operator) => policy.access == Access::Session,
        _ => false,
    }
}

fn readable(token: &[u8]) -> Option<&str> {
    let visible = token.len() <= TOKEN_BYTES && token.iter().all(u8::is_ascii_graphic);
    visible.then(|| std::str::from_utf8(token).ok()).flatten()
}

/// On unsafe requests with a cookie: the header repeats the cookie, and both were issued for this
/// session.
pub(crate) fn check_csrf(
    shared: &Shared,
    visit: &Visit,
    headers: &HeaderMap,
    cookie: Option<&SessionCookie>,
) -> Result<(), Problem> {
    let (Some(cookie), Some(actor)) = (cookie, &visit.actor) else { return Ok(()) };
    if !visit.is_unsafe() {
        return Ok(());
    }
    let sent = only(headers, &X_CSRF_TOKEN).ok().flatten();
    let proven = match (sent, &cookie.csrf) {
        (Some(sent), Some(kept)) => {
            bool::from(sent.as_bytes().ct_eq(kept))
                && shared.cookies.csrf_matches(&actor.session.token_hash, kept)
        }
        _ => false,
    };
    if proven { Ok(()) } else { Err(Problem::new(Code::CsrfInvalid)) }
}
