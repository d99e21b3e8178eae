//! Which browser origins may call, per surface and tenant (docs/controls.md, BR-3). Origins are
//! compared as the exact text of RFC 6454; an unknown one is refused.

use std::sync::Arc;

use bk_contracts::tenants::{AllowedOrigins, TenantSettings};
use bk_kernel::{Code, Surface};

use crate::{GuardConfig, Problem, RequestContext};

/// The origins of the deployment itself: its own, and in development those of the developer's
/// front ends. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Origins(Arc<Deployment>);

#[derive(Debug)]
struct Deployment {
    own: String,
    development: Option<AllowedOrigins>,
}

impl Origins {
    /// The origins that a configuration names.
    #[must_use]
    pub fn new(config: &GuardConfig) -> Self {
        let development = config.environment.is_development().then(|| config.dev_origins.clone());
        Self(Arc::new(Deployment { own: config.own_origin.clone(), development }))
    }

    /// Whether the origin is one of the deployment's own, which may call for every tenant.
    #[must_use]
    pub fn is_own(&self, surface: Surface, origin: &str) -> bool {
        origin == self.0.own
            || self
                .0
                .development
                .as_ref()
                .is_some_and(|origins| listed(origins, surface).iter().any(|o| o == origin))
    }

    /// Whether `origin` may call `surface` of this tenant.
    #[must_use]
    pub fn admits(&self, surface: Surface, origin: &str, settings: &TenantSettings) -> bool {
        self.is_own(surface, origin)
            || listed(&settings.origins, surface).iter().any(|o| o == origin)
    }

    /// Whether the origin of a request may call for this tenant: for routes before login, once the body
    /// has named the tenant. (A request without an origin was checked by the pipeline.)
    ///
    /// Fails with [`Code::OriginRejected`] when it is another tenant's.
    pub fn allowed_for(
        &self,
        request: &RequestContext,
        settings: &TenantSettings,
    ) -> Result<(), Problem> {
        match &request.origin {
            Some(origin) if !self.admits(request.surface, origin, settings) => {
                Err(Problem::new(Code::OriginRejected))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The origins that a list has for a surface. Operators use the admin app.
fn listed(origins: &AllowedOrigins, surface: Surface) -> &[String] {
    match surface {
        Surface::Client => &origins.client,
        Surface::Admin | Surface::Platform => &origins.admin,
        Surface::Site => &origins.site,
        Surface::Webhook | Surface::Public => &[],
    }
}
