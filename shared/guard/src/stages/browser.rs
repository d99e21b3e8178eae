//! Stages 2 and 3: cross-origin requests. A browser's origin must be on the list of the surface and
//! tenant (controls BR-3); preflights end here.

use std::sync::Arc;

use actix_web::{
    dev::ServiceRequest,
    http::header::{self, HeaderName, HeaderValue},
};
use bk_contracts::tenants::TenantSettings;
use bk_kernel::{Code, Surface};

use super::{Refusal, arrival, only};
use crate::{Access, Policy, Problem, guard::Shared, matcher::Route, visit::Visit};

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Longest origin looked at.
const ORIGIN_BYTES: usize = 300;

/// Answers a preflight: the methods to name, with `visit.cors` set; or refuses.
pub(crate) async fn preflight(
    shared: &Shared,
    visit: &mut Visit,
    req: &ServiceRequest,
) -> Result<HeaderValue, Refusal> {
    let routes = shared.routes.on_path(req.match_info().as_str());
    let Some(route) = routes.first() else { return Err(Code::NotFound.into()) };
    let Some(origin) = read_origin(req)? else { return Err(Code::OriginRejected.into()) };
    if is_admitted(shared, route, req, origin).await? {
        visit.cors = echo(req);
        Ok(arrival::method_list(&routes))
    } else {
        Err(Code::OriginRejected.into())
    }
}

/// Checks the origin against every tenant that might be meant; the actor's own is checked later.
pub(crate) async fn check_origin(
    shared: &Shared,
    visit: &mut Visit,
    req: &ServiceRequest,
    route: &Route,
) -> Result<(), Problem> {
    let surface = route.policy.surface;
    if matches!(surface, Surface::Webhook | Surface::Public) {
        return Ok(());
    }
    let Some(origin) = read_origin(req)? else {
        let must_tell = visit.is_unsafe() && surface != Surface::Site;
        return if must_tell && !is_same_origin(req) && !brings_bearer(req, surface) {
            Err(Problem::new(Code::OriginRejected))
        } else {
            Ok(())
        };
    };
    if is_admitted(shared, route, req, origin).await? {
        visit.origin = Some(origin.to_owned());
        visit.cors = echo(req);
        return Ok(());
    }
    // A site is public: its reads are served, but without the headers that let foreign scripts see.
    if surface == Surface::Site && !visit.is_unsafe() {
        return Ok(());
    }
    Err(Problem::new(Code::OriginRejected))
}

/// Now that the tenant is known from the credential, its own list decides.
pub(crate) async fn check_own_tenant(
    shared: &Shared,
    visit: &mut Visit,
    policy: &Policy,
) -> Result<(), Problem> {
    let (Some(origin), Some(actor)) = (&visit.origin, &visit.actor) else { return Ok(()) };
    if shared.origins.is_own(policy.surface, origin) {
        return Ok(());
    }
    let settings = shared.config.tenants.settings(actor.tenant_id).await?;
    if settings.is_some_and(|s| shared.origins.admits(policy.surface, origin, &s)) {
        return Ok(());
    }
    visit.cors = None;
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

/// The origin, when there is exactly one; a doubled or unreadable one is refused.
fn read_origin(req: &ServiceRequest) -> Result<Option<&str>, Problem> {
    match only(req.headers(), &header::ORIGIN) {
        Ok(Some(origin)) if origin.len() > ORIGIN_BYTES => Err(Problem::new(Code::OriginRejected)),
        Ok(origin) => Ok(origin),
        Err(_) => Err(Problem::new(Code::OriginRejected)),
    }
}

/// The origin that [`read_origin`] has read.
fn echo(req: &ServiceRequest) -> Option<HeaderValue> {
    req.headers().get(header::ORIGIN).cloned()
}

/// Browsers that leave out `Origin` still say where the request comes from, and scripts cannot
/// forge it (W3C Fetch Metadata).
fn is_same_origin(req: &ServiceRequest) -> bool {
    matches!(only(req.headers(), &SEC_FETCH_SITE), Ok(Some("same-origin")))
}

/// A request with a bearer credential is a program's: it carries no ambient authority to abuse, and
/// its cookies will not be read.
fn brings_bearer(req: &ServiceRequest, surface: Surface) -> bool {
    surface == Surface::Admin && req.headers().contains_key(header::AUTHORIZATION)
}

/// Whether scripts of other origins may send cookies to this surface.
pub(crate) const fn with_credentials(surface: Surface) -> bool {
    matches!(surface, Surface::Client | Surface::Admin | Surface::Platform)
}

/// Whether a policy reads a session cookie.
pub(crate) const fn needs_actor(policy: &Policy) -> bool {
    matches!(policy.access, Access::Session | Access::Permission(_))
}
