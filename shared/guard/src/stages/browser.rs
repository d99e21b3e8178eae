//! Stages 2 and 3: cross-origin requests. A browser's origin must be on the list of the surface and
//! tenant (docs/controls.md, BR-3); preflights end here.

use std::sync::Arc;

use actix_web::{
    dev::ServiceRequest,
    http::header::{self, HeaderName, HeaderValue},
};
use bk_contracts::tenants::TenantSettings;
use bk_kernel::{Code, Surface};

use super::{Refusal, arrival, single_value};
use crate::{Policy, Problem, guard::Shared, matcher::Route, request_state::RequestState};

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Bytes of an origin at most; a longer one is refused.
const ORIGIN_MAX_LEN: usize = 300;

/// Returns the methods that answer a preflight, with `state.cors` set.
///
/// Fails with [`Code::OriginRejected`] when the origin may not call the route.
pub(crate) async fn preflight(
    shared: &Shared,
    state: &mut RequestState,
    req: &ServiceRequest,
) -> Result<HeaderValue, Refusal> {
    let routes = shared.routes.on_path(req.match_info().as_str());
    let Some(route) = routes.first() else { return Err(Code::NotFound.into()) };
    let Some(origin) = origin_of(req)? else { return Err(Code::OriginRejected.into()) };
    if is_admitted(shared, route, req, origin).await? {
        state.cors = origin_header(req);
        Ok(arrival::method_list(&routes))
    } else {
        Err(Code::OriginRejected.into())
    }
}

/// Checks the origin against every tenant that might be meant; the actor's own is checked later.
///
/// Fails with [`Code::OriginRejected`] when the origin may not call the route, and when a change from a
/// browser names no origin.
pub(crate) async fn check_origin(
    shared: &Shared,
    state: &mut RequestState,
    req: &ServiceRequest,
    route: &Route,
) -> Result<(), Problem> {
    let surface = route.policy.surface;
    if matches!(surface, Surface::Webhook | Surface::Public) {
        return Ok(());
    }
    let Some(origin) = origin_of(req)? else {
        let origin_required = state.is_unsafe() && surface != Surface::Site;
        return if origin_required && !is_same_origin(req) && !has_bearer(req, surface) {
            Err(Problem::new(Code::OriginRejected))
        } else {
            Ok(())
        };
    };
    if is_admitted(shared, route, req, origin).await? {
        state.origin = Some(origin.to_owned());
        state.cors = origin_header(req);
        return Ok(());
    }
    // A site is public: its reads are served, but without the headers that let foreign scripts read
    // the response.
    if surface == Surface::Site && !state.is_unsafe() {
        return Ok(());
    }
    Err(Problem::new(Code::OriginRejected))
}

/// Checks the origin against the list of the actor's tenant, now that it is known.
///
/// Fails with [`Code::OriginRejected`] when the origin is another tenant's.
pub(crate) async fn check_own_tenant(
    shared: &Shared,
    state: &mut RequestState,
    policy: &Policy,
) -> Result<(), Problem> {
    let (Some(origin), Some(actor)) = (&state.origin, &state.actor) else { return Ok(()) };
    if shared.origins.is_own(policy.surface, origin) {
        return Ok(());
    }
    let settings = shared.config.tenants.settings(actor.tenant_id).await?;
    if settings.is_some_and(|s| shared.origins.admits(policy.surface, origin, &s)) {
        return Ok(());
    }
    state.cors = None;
    Err(Problem::new(Code::OriginRejected))
}

async fn is_admitted(
    shared: &Shared,
    route: &Route,
    req: &ServiceRequest,
    origin: &str,
) -> Result<bool, Problem> {
    let surface = route.policy.surface;
    match surface {
        Surface::Webhook | Surface::Public => Ok(false),
        _ if shared.origins.is_own(surface, origin) => Ok(true),
        Surface::Client => Ok(shared.config.tenants.origin_known(surface, origin).await?),
        Surface::Admin | Surface::Platform => {
            Ok(shared.config.tenants.origin_known(Surface::Admin, origin).await?)
        }
        Surface::Site => {
            let settings = site_tenant(shared, route, req).await?;
            Ok(settings.is_some_and(|s| shared.origins.admits(surface, origin, &s)))
        }
    }
}

/// The tenant whose slug stands in the path, at the place of `{tenant}` in the pattern.
async fn site_tenant(
    shared: &Shared,
    route: &Route,
    req: &ServiceRequest,
) -> Result<Option<Arc<TenantSettings>>, Problem> {
    let path = req.match_info().as_str();
    let slug = route
        .pattern
        .split('/')
        .zip(path.split('/'))
        .find_map(|(name, value)| (name == "{tenant}").then_some(value));
    let Some(slug) = slug else { return Ok(None) };
    match shared.config.tenants.by_slug(slug).await? {
        Some(tenant) => Ok(shared.config.tenants.settings(tenant.id).await?),
        None => Ok(None),
    }
}

/// The origin, if the request names one.
///
/// Fails with [`Code::OriginRejected`] when it is sent twice, too long or not text.
fn origin_of(req: &ServiceRequest) -> Result<Option<&str>, Problem> {
    match single_value(req.headers(), &header::ORIGIN) {
        Ok(Some(origin)) if origin.len() > ORIGIN_MAX_LEN => {
            Err(Problem::new(Code::OriginRejected))
        }
        Ok(origin) => Ok(origin),
        Err(_) => Err(Problem::new(Code::OriginRejected)),
    }
}

/// The header of the origin that [`origin_of`] returned, to be repeated in the response.
fn origin_header(req: &ServiceRequest) -> Option<HeaderValue> {
    req.headers().get(header::ORIGIN).cloned()
}

/// Browsers that leave out `Origin` still say where the request comes from, and scripts cannot
/// forge it (W3C Fetch Metadata).
fn is_same_origin(req: &ServiceRequest) -> bool {
    matches!(single_value(req.headers(), &SEC_FETCH_SITE), Ok(Some("same-origin")))
}

/// A request with a bearer credential is a program's: it carries no ambient authority to abuse, and
/// its cookies will not be read.
fn has_bearer(req: &ServiceRequest, surface: Surface) -> bool {
    surface == Surface::Admin && req.headers().contains_key(header::AUTHORIZATION)
}

/// Whether scripts of other origins may send cookies to this surface.
pub(crate) const fn allows_credentials(surface: Surface) -> bool {
    matches!(surface, Surface::Client | Surface::Admin | Surface::Platform)
}
