//! `/client/auth/…`.

use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use bk_guard::{
    Caller, Cookies, Ctx, Guarded, Json, Origins, Path, Policy, Problem, RateClass, Routes, Session,
};
use bk_kernel::Surface;
use uuid::Uuid;

use super::{
    Host, devices_of,
    dto::{DeviceListDto, LoginBody, LoginDto, MeDto},
    log_in_on, log_out_everywhere, log_out_of, me_on, revoke,
};
use crate::{Identity, sessions::Live};

const SURFACE: Surface = Surface::Client;

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(client_log_in)
        .mount(client_log_out)
        .mount(client_log_out_everywhere)
        .mount(get_client_me)
        .mount(list_client_sessions)
        .mount(revoke_client_session);
}

/// Log in as a customer.
///
/// Sets the session and CSRF cookies of the client surface. Whatever is wrong, the answer is the same `AUTH_INVALID`;
/// after repeated failures attempts are refused for a while with `RATE_LIMITED`. A session that the
/// browser already held is ended, and so is the oldest of more than five.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "Logged in", body = LoginDto)))]
#[post("/client/auth/login")]
pub(crate) async fn client_log_in(
    req: HttpRequest,
    ctx: Ctx,
    identity: Host<Identity>,
    cookies: Host<Cookies>,
    origins: Host<Origins>,
    body: Json<LoginBody>,
) -> Result<HttpResponse, Problem> {
    log_in_on(SURFACE, &req, ctx, &identity, &cookies, &origins, body.0).await
}

impl Guarded for client_log_in {
    const POLICY: Policy = Policy::before_login(SURFACE);
}

/// Log out.
///
/// Ends the session and removes its cookies.
#[utoipa::path(tag = "sessions", responses((status = 204, description = "Logged out")))]
#[post("/client/auth/logout")]
pub(crate) async fn client_log_out(
    caller: Caller,
    identity: Host<Identity>,
    cookies: Host<Cookies>,
) -> Result<HttpResponse, Problem> {
    log_out_of(SURFACE, &caller, &identity, &cookies).await
}

impl Guarded for client_log_out {
    const POLICY: Policy = Policy::own_session(SURFACE).rate(RateClass::Write);
}

/// Log out on every device.
///
/// Ends all sessions of the caller, this one included.
#[utoipa::path(tag = "sessions", responses((status = 204, description = "Logged out everywhere")))]
#[post("/client/auth/logout-all")]
pub(crate) async fn client_log_out_everywhere(
    caller: Caller,
    identity: Host<Identity>,
    cookies: Host<Cookies>,
) -> Result<HttpResponse, Problem> {
    log_out_everywhere(SURFACE, &caller, &identity, &cookies).await
}

impl Guarded for client_log_out_everywhere {
    const POLICY: Policy = Policy::own_session(SURFACE).rate(RateClass::Write);
}

/// Who the caller is.
///
/// The person, their kitchen, roles and permissions, the assurance level of the session and its CSRF
/// token.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "The caller", body = MeDto)))]
#[get("/client/auth/me")]
pub(crate) async fn get_client_me(
    req: HttpRequest,
    session: Session<Live>,
    cookies: Host<Cookies>,
) -> HttpResponse {
    me_on(SURFACE, &req, &session.0, &cookies)
}

impl Guarded for get_client_me {
    const POLICY: Policy = Policy::own_session(SURFACE);
}

/// The caller's devices.
///
/// Their live sessions, the newest first; at most five.
#[utoipa::path(tag = "sessions", responses((status = 200, description = "The devices", body = DeviceListDto)))]
#[get("/client/auth/sessions")]
pub(crate) async fn list_client_sessions(
    caller: Caller,
    identity: Host<Identity>,
) -> Result<Json<DeviceListDto>, Problem> {
    devices_of(&caller, &identity).await
}

impl Guarded for list_client_sessions {
    const POLICY: Policy = Policy::own_session(SURFACE);
}

/// Log out one device.
///
/// Ends one of the caller's own sessions at once.
#[utoipa::path(
    tag = "sessions",
    params(("id" = Uuid, Path, description = "The session", example = "019ab0c2-7d1e-7f00-8000-000000000003")),
    responses((status = 204, description = "Ended")),
)]
#[delete("/client/auth/sessions/{id}")]
pub(crate) async fn revoke_client_session(
    caller: Caller,
    id: Path<Uuid>,
    identity: Host<Identity>,
    cookies: Host<Cookies>,
) -> Result<HttpResponse, Problem> {
    revoke(SURFACE, &caller, id.0.into(), &identity, &cookies).await
}

impl Guarded for revoke_client_session {
    const POLICY: Policy = Policy::own_session(SURFACE).rate(RateClass::Write);
}
