//! The routes of sessions: `/client/auth/…` and `/admin/auth/…`, which differ in surface only.
//!
//! This is the one place of the domain that knows cookies.

mod models;

use std::borrow::Cow;

use actix_web::{
    HttpRequest, Responder, Route,
    cookie::Cookie,
    web::{self, Data},
};
use bk_guard::{
    BareResponse, Caller, Cookies, Json, NoContent, Origins, Page, Path, Policy, Problem,
    RateClass, RequestContext, Routes, Session as SessionOf, ShortListQuery, WithCookies,
};
use bk_kernel::{Aal, Code, Surface};
use uuid::Uuid;

use self::models::{LoggedIn, LoginForm, Me, Session};
use super::{
    CachedSession, EndReason, Login, LoginError, SessionToken, end_all_sessions, end_session,
    list_sessions, log_in,
};
use crate::{
    Identity,
    http::{
        AdminSurface, ClientSurface, LoginSurface, On, SharedHandler, anonymous_context,
        requested_tenant,
    },
};

/// Mounts the routes on both surfaces.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes_on::<ClientSurface>(routes);
    routes_on::<AdminSurface>(routes);
}

fn routes_on<S: LoginSurface>(routes: &mut Routes<'_>) {
    routes
        .mount(On::<S, _>::new(LoginHandler))
        .mount(On::<S, _>::new(LogoutHandler))
        .mount(On::<S, _>::new(LogoutEverywhereHandler))
        .mount(On::<S, _>::new(GetMeHandler))
        .mount(On::<S, _>::new(ListSessionsHandler))
        .mount(On::<S, _>::new(RevokeSessionHandler));
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Refused => Self::new(Code::AuthInvalid),
            LoginError::Throttled { retry_after_secs } => {
                Self::new(Code::RateLimited).retry_after(retry_after_secs)
            }
            LoginError::Busy(busy) => busy.into(),
            LoginError::Db(error) => error.into(),
        }
    }
}

/// Log in
///
/// Sets the session and CSRF cookies of the surface. Customers log in on the client surface, staff on
/// the admin surface, and so do operators, with the tenant `platform`. Whatever is wrong, the answer
/// is the same `AUTH_INVALID`; after repeated failures logins are refused for a while with
/// `RATE_LIMITED`. A session that the browser already held is ended, and so is the oldest of more
/// than five.
#[utoipa::path(
    post,
    path = "/auth/login",
    operation_id = "log_in_{surface}",
    tag = "sessions",
    request_body = LoginForm,
    responses(WithCookies<Json<LoggedIn<'static>>>),
    impl_for = LoginHandler,
)]
async fn login(
    req: HttpRequest,
    ctx: RequestContext,
    identity: Data<Identity>,
    cookies: Data<Cookies>,
    origins: Data<Origins>,
    body: Json<LoginForm>,
) -> Result<WithCookies<Json<LoggedIn<'static>>>, Problem> {
    let Json(LoginForm { tenant, email, password }) = body;
    let surface = ctx.surface;
    let tenant = requested_tenant(&identity, &ctx, &origins, &tenant).await?;
    let presented = cookies.presented_session(surface, req.headers());
    let operation = anonymous_context(&ctx, &tenant);
    let command = Login {
        surface,
        tenant,
        email,
        password: password.0,
        presented: presented.and_then(SessionToken::parse),
        ip: ctx.client_ip,
        user_agent: ctx.user_agent,
    };
    let begun = log_in(&operation, &identity, command).await?;
    let csrf_token = cookies.csrf_token(begun.token.hash());
    let max_age = begun.surface.limits().absolute.num_seconds();
    let aal = if begun.aal2_at.is_some() { Aal::Aal2 } else { Aal::Aal1 };
    let set = vec![
        cookies.session(surface, begun.token.expose().to_owned(), max_age),
        cookies.csrf(surface, csrf_token.clone(), max_age),
    ];
    let answer = LoggedIn {
        user: begun.user.into(),
        tenant: begun.tenant.as_ref().into(),
        csrf_token,
        aal: aal.into(),
    };
    Ok(WithCookies { answer: Json(answer), cookies: set })
}

struct LoginHandler;

impl<S: LoginSurface> SharedHandler<S> for LoginHandler {
    const POLICY: Policy = Policy::before_login(S::SURFACE);

    fn route() -> Route {
        web::to(login)
    }
}

/// Log out
///
/// Ends the session and removes its cookies.
#[utoipa::path(
    post,
    path = "/auth/logout",
    operation_id = "log_out_{surface}",
    tag = "sessions",
    responses(WithCookies<NoContent>),
    impl_for = LogoutHandler,
)]
async fn logout(
    caller: Caller,
    request: RequestContext,
    identity: Data<Identity>,
    cookies: Data<Cookies>,
) -> Result<WithCookies<NoContent>, Problem> {
    end_session(&caller, &identity, caller.actor.session.id, EndReason::Logout).await?;
    Ok(logged_out(request.surface, &cookies))
}

struct LogoutHandler;

impl<S: LoginSurface> SharedHandler<S> for LogoutHandler {
    const POLICY: Policy = Policy::own_session(S::SURFACE).rate(RateClass::Write);

    fn route() -> Route {
        web::to(logout)
    }
}

/// Log out on every device
///
/// Ends all sessions of the caller, this one included.
#[utoipa::path(
    post,
    path = "/auth/logout-all",
    operation_id = "log_out_{surface}_everywhere",
    tag = "sessions",
    responses(WithCookies<NoContent>),
    impl_for = LogoutEverywhereHandler,
)]
async fn logout_everywhere(
    caller: Caller,
    request: RequestContext,
    identity: Data<Identity>,
    cookies: Data<Cookies>,
) -> Result<WithCookies<NoContent>, Problem> {
    end_all_sessions(&caller, &identity).await?;
    Ok(logged_out(request.surface, &cookies))
}

struct LogoutEverywhereHandler;

impl<S: LoginSurface> SharedHandler<S> for LogoutEverywhereHandler {
    const POLICY: Policy = Policy::own_session(S::SURFACE).rate(RateClass::Write);

    fn route() -> Route {
        web::to(logout_everywhere)
    }
}

fn logged_out(surface: Surface, cookies: &Cookies) -> WithCookies<NoContent> {
    WithCookies { answer: NoContent, cookies: cookies.removal(surface).to_vec() }
}

/// Get the caller
///
/// The user, their tenant, roles and permissions, the assurance level of the session and its CSRF
/// token. A CSRF token that the browser holds for this session goes on working, so that two tabs do
/// not take it from each other; otherwise a new one is set.
#[utoipa::path(
    get,
    path = "/auth/me",
    operation_id = "get_{surface}_me",
    tag = "sessions",
    responses(WithCookies<Json<Me<'static>>>),
    impl_for = GetMeHandler,
)]
async fn get_me(
    req: HttpRequest,
    session: SessionOf<CachedSession>,
    cookies: Data<Cookies>,
) -> BareResponse {
    let SessionOf(session) = session;
    let surface = session.surface.cookie_surface();
    let hash = &session.actor.session.token_hash;
    let held = cookies.presented_csrf(surface, req.headers(), hash).map(Cow::Borrowed);
    let mut set: Vec<Cookie<'static>> = Vec::new();
    let csrf_token = held.unwrap_or_else(|| {
        let fresh = cookies.csrf_token(hash);
        let max_age = session.surface.limits().absolute.num_seconds();
        set.push(cookies.csrf(surface, fresh.clone(), max_age));
        Cow::Owned(fresh)
    });
    let answer = Json(Me::of(&session, &csrf_token));
    BareResponse(WithCookies { answer, cookies: set }.respond_to(&req))
}

struct GetMeHandler;

impl<S: LoginSurface> SharedHandler<S> for GetMeHandler {
    const POLICY: Policy = Policy::own_session(S::SURFACE);

    fn route() -> Route {
        web::to(get_me)
    }
}

/// List the caller's sessions
///
/// The active sessions of the caller on this surface, the newest first.
#[utoipa::path(
    get,
    path = "/auth/sessions",
    operation_id = "list_{surface}_sessions",
    tag = "sessions",
    params(ShortListQuery),
    responses(Page<Session>),
    impl_for = ListSessionsHandler,
)]
async fn list(
    caller: Caller,
    identity: Data<Identity>,
    query: ShortListQuery,
) -> Result<Page<Session>, Problem> {
    let (limit, cursor) = query.page();
    let page = list_sessions(&caller, &identity, limit, cursor).await?;
    let current = caller.actor.session.id;
    Ok(page.map(|session| Session::of(session, current)).into())
}

struct ListSessionsHandler;

impl<S: LoginSurface> SharedHandler<S> for ListSessionsHandler {
    const POLICY: Policy = Policy::own_session(S::SURFACE);

    fn route() -> Route {
        web::to(list)
    }
}

/// Revoke a session
///
/// Logs out one device: ends one of the caller's own sessions at once. The session of this request loses its cookies too.
#[utoipa::path(
    delete,
    path = "/auth/sessions/{id}",
    operation_id = "revoke_{surface}_session",
    tag = "sessions",
    responses(WithCookies<NoContent>),
    impl_for = RevokeSessionHandler,
)]
async fn revoke(
    caller: Caller,
    request: RequestContext,
    id: Path<Uuid>,
    identity: Data<Identity>,
    cookies: Data<Cookies>,
) -> Result<WithCookies<NoContent>, Problem> {
    let id = id.0.into();
    if !end_session(&caller, &identity, id, EndReason::Revoked).await? {
        return Err(Problem::new(Code::NotFound));
    }
    if id == caller.actor.session.id {
        return Ok(logged_out(request.surface, &cookies));
    }
    Ok(WithCookies { answer: NoContent, cookies: Vec::new() })
}

struct RevokeSessionHandler;

impl<S: LoginSurface> SharedHandler<S> for RevokeSessionHandler {
    const POLICY: Policy = Policy::own_session(S::SURFACE).rate(RateClass::Write);

    fn route() -> Route {
        web::to(revoke)
    }
}
