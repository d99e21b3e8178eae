//! What the host gives the guard.

use std::sync::Arc;

use bk_contracts::{
    identity::SessionAuthority,
    tenants::{AllowedOrigins, Tenants},
};
use bk_kernel::{Clock, Environment};
use bk_persistence::Database;
use ipnet::IpNet;

use crate::{
    cookies::Cookies,
    csrf::CsrfKey,
    limits::{RateLimits, RateStore},
};

/// The ports and settings of the guard.
pub struct GuardConfig {
    /// How strict the guard is. Production has `__Host-` cookies and HSTS over TLS; development accepts
    /// cookies over plain HTTP, and only there [`Self::dev_origins`] count.
    pub environment: Environment,
    /// The proxies whose `X-Forwarded-For`, `Forwarded` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Signs CSRF tokens; the same on every instance.
    pub csrf_key: CsrfKey,
    /// Origins accepted in development for every tenant.
    pub dev_origins: AllowedOrigins,
    /// The deployment's own origin (`https://api.example.com`), from which its pages call it.
    pub own_origin: String,
    /// How often each class of routes may be called.
    pub limits: RateLimits,
    /// Where rate-limit counters are kept.
    pub store: Arc<dyn RateStore>,
    /// The product's clock.
    pub clock: Clock,
    /// Finds the session of a token.
    pub sessions: Arc<dyn SessionAuthority>,
    /// The tenants and their origins.
    pub tenants: Arc<dyn Tenants>,
    /// Where idempotency keys are kept.
    pub db: Database,
}

impl GuardConfig {
    /// The cookies of this deployment, for the handlers that set them.
    #[must_use]
    pub fn cookies(&self) -> Cookies {
        Cookies::new(self.environment, self.csrf_key.clone())
    }
}
