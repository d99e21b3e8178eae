//! The routes of sessions: `/client/auth/…` and `/admin/auth/…`, which differ in their door only.
//!
//! This is the one place of the domain that knows cookies.

mod admin;
mod client;
mod dto;

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};
use bk_guard::{Caller, Cookies, Ctx, Json, Origins, Problem, Routes};
use bk_kernel::{Code, SessionId, Surface};

use self::dto::{DeviceDto, DeviceListDto, LoginBody, LoginDto, MeDto};
pub(crate) use self::dto::{SessionTenantDto, SessionUserDto};
use super::{
    EndReason, Live, LoggedIn, Login, LoginError, SessionToken, devices, end_all_own, end_one,
    log_in,
};
use crate::{Identity, passwords::Busy, tenant::NamedTenant};

/// Mounts the routes.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    client::routes(routes);
    admin::routes(routes);
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Refused => Self::new(Code::AuthInvalid),
            LoginError::Throttled { retry_after_secs } => {
                Self::new(Code::RateLimited).retry_after(retry_after_secs)
            }
            LoginError::Busy(busy) => busy_problem(busy),
            LoginError::Db(error) => error.into(),
        }
    }
}

/// The password pool is full.
pub(crate) fn busy_problem(_: Busy) -> Problem {
    Problem::new(Code::Unavailable).retry_after(Busy::RETRY_AFTER_SECS)
}

/// The tenant that a body names, with the caller's origin checked against its list. For a tenant
/// that does not exist that list is empty, as it is for every origin that is another tenant's.
pub(crate) async fn named_tenant(
    identity: &Identity,
    ctx: &Ctx,
    origins: &Origins,
    slug: &str,
) -> Result<NamedTenant, Problem> {
    let tenant = NamedTenant::find(identity, slug).await?;
    match (tenant.settings(), &ctx.origin) {
        (Some(settings), _) => origins.allowed_for(ctx, settings)?,
        (None, Some(origin)) if !origins.is_own(ctx.surface, origin) => {
            return Err(Problem::new(Code::OriginRejected));
        }
        (None, _) => {}
    }
    Ok(tenant)
}

/// Logs in and sets the cookies of the surface.
async fn log_in_on(
    surface: Surface,
    req: &HttpRequest,
    ctx: Ctx,
    identity: &Identity,
    cookies: &Cookies,
    origins: &Origins,
    body: LoginBody,
) -> Result<HttpResponse, Problem> {
    let tenant = named_tenant(identity, &ctx, origins, &body.tenant).await?;
    let presented = cookies.presented_session(surface, req.headers()).and_then(SessionToken::parse);
    let login = Login {
        surface,
        tenant,
        email: body.email,
        password: body.password.0,
        presented,
        ip: ctx.client_ip,
        user_agent: ctx.user_agent,
        now: ctx.now,
    };
    let LoggedIn { token, door, user, tenant, aal2_at } = log_in(identity, login).await?;
    let csrf_token = cookies.csrf_token(token.hash());
    let max_age = door.limits().absolute.num_seconds();
    let body = LoginDto {
        user: SessionUserDto::of(&user),
        tenant: SessionTenantDto::of(&tenant),
        csrf_token: &csrf_token,
        aal: dto::aal(aal2_at.is_some()),
    };
    Ok(HttpResponse::Ok()
        .cookie(cookies.session(surface, token.expose().to_owned(), max_age))
        .cookie(cookies.csrf(surface, csrf_token.clone(), max_age))
        .json(body))
}

/// Ends the caller's session and removes the cookies.
async fn log_out_of(
    surface: Surface,
    caller: &Caller,
    identity: &Identity,
    cookies: &Cookies,
) -> Result<HttpResponse, Problem> {
    let id = caller.actor.session.id;
    end_one(identity, &caller.actor, id, EndReason::Logout, caller.now()).await?;
    Ok(gone(surface, cookies))
}

/// Ends all sessions of the caller and removes the cookies.
async fn log_out_everywhere(
    surface: Surface,
    caller: &Caller,
    identity: &Identity,
    cookies: &Cookies,
) -> Result<HttpResponse, Problem> {
    end_all_own(identity, &caller.actor, caller.now()).await?;
    Ok(gone(surface, cookies))
}

fn gone(surface: Surface, cookies: &Cookies) -> HttpResponse {
    let [session, csrf] = cookies.removal(surface);
    HttpResponse::NoContent().cookie(session).cookie(csrf).finish()
}

/// Who the caller is. A CSRF token that the browser holds for this session stays good, so that two
/// tabs do not take it from each other; otherwise a new one is set.
fn me_on(surface: Surface, req: &HttpRequest, live: &Live, cookies: &Cookies) -> HttpResponse {
    let hash = &live.actor.session.token_hash;
    let held = cookies.presented_csrf(surface, req.headers(), hash).map(Cow::Borrowed);
    let mut response = HttpResponse::Ok();
    let csrf_token = held.unwrap_or_else(|| {
        let fresh = cookies.csrf_token(hash);
        let max_age = live.door.limits().absolute.num_seconds();
        response.cookie(cookies.csrf(surface, fresh.clone(), max_age));
        Cow::Owned(fresh)
    });
    response.json(MeDto::of(live, &csrf_token))
}

/// The caller's devices.
async fn devices_of(caller: &Caller, identity: &Identity) -> Result<Json<DeviceListDto>, Problem> {
    let current = caller.actor.session.id;
    let devices = devices(identity, &caller.actor, caller.now()).await?;
    let items = devices.into_iter().map(|device| DeviceDto::of(device, current)).collect();
    Ok(Json(DeviceListDto { items, next_cursor: None }))
}

/// Ends one of the caller's sessions; the current one loses its cookies too.
async fn revoke(
    surface: Surface,
    caller: &Caller,
    id: SessionId,
    identity: &Identity,
    cookies: &Cookies,
) -> Result<HttpResponse, Problem> {
    if !end_one(identity, &caller.actor, id, EndReason::Revoked, caller.now()).await? {
        return Err(Problem::new(Code::NotFound));
    }
    if id == caller.actor.session.id {
        return Ok(gone(surface, cookies));
    }
    Ok(HttpResponse::NoContent().finish())
}

/// The application data of the handlers.
type Host<T> = web::Data<T>;
