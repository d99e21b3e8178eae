//! Which browser origins may call, per surface and tenant (controls BR-3). Origins are compared as
//! the exact text of RFC 6454; anything unknown is refused.

use std::sync::Arc;

use bk_contracts::tenants::{AllowedOrigins, TenantSettings};
use bk_kernel::{Code, Surface};

use crate::{Ctx, GuardConfig, Problem, config::Mode};

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
    /// The origins a configuration names.
    #[must_use]
    pub fn new(config: &GuardConfig) -> Self {
        let development = (config.mode == Mode::Development).then(|| config.dev_origins.clone());
        Self(Arc::new(Deployment { own: config.own_origin.clone(), development }))
    }

    /// Whether the deployment itself answers for this origin, whatever the tenant.
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

    /// For routes before login, once the body has named the tenant: refuses an origin that is not
    /// this tenant's. (Without an origin, the pipeline has already made sure of the caller's site.)
    pub fn allowed_for(&self, ctx: &Ctx, settings: &TenantSettings) -> Result<(), Problem> {
        match &ctx.origin {
            Some(origin) if !self.admits(ctx.surface, origin, settings) => {
                Err(Problem::new(Code::OriginRejected))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// As [`Origins::allowed_for`], from the configuration.
pub fn allowed_for(
    ctx: &Ctx,
    settings: &TenantSettings,
    config: &GuardConfig,
) -> Result<(), Problem> {
    Origins::new(config).allowed_for(ctx, settings)
}

/// The list for a surface; operators use the admin app.
fn listed(origins: &AllowedOrigins, surface: Surface) -> &[String] {
    match surface {
        Surface::Client => &origins.client,
        Surface::Admin | Surface::Platform => &origins.admin,
        Surface::Site => &origins.site,
        Surface::Webhook | Surface::Public => &[],
    }
}
