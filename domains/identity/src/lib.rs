//! Identity: who users are and how they prove it.
//!
//! Slices, each of which uses only those before it: `users` (the people of a tenant and the roles
//! they hold), `sessions` (logins), `invitations` (how a person becomes a user) and `members` (what
//! staff may do with the users of their tenant). What a role permits, and what a tenant is, comes
//! through ports. The host sees [`Identity`], which registers the domain and implements its ports.
//!
//! Everything here belongs to one tenant; the same address at two tenants is two unrelated users.
//! The answers do not reveal whether an address, an id or a tenant exists.

mod common_passwords;
mod http;
mod invitations;
mod jobs;
mod members;
mod password_policy;
mod password_pool;
mod permissions;
mod ports;
mod requested_tenant;
mod seed;
mod sessions;
mod users;

use std::sync::Arc;

use bk_contracts::{identity::RoleCatalogue, mail::Mailer, tenants::Tenants};
use bk_kernel::Clock;
use bk_persistence::{Database, invalidation::ListenerStatus};

use crate::sessions::{SESSION_CACHE, SessionCache};
pub use crate::{
    password_pool::{Busy, PasswordPool, Phc},
    seed::SeedUser,
};

/// What identity needs from the host.
pub struct IdentityDeps {
    /// The database, as the API's or the worker's role.
    pub db: Database,
    /// The product's clock.
    pub clock: Clock,
    /// The port that says what roles permit.
    pub roles: Arc<dyn RoleCatalogue>,
    /// The port to tenants and their settings.
    pub tenants: Arc<dyn Tenants>,
    /// The port that sends mail.
    pub mailer: Arc<dyn Mailer>,
    /// Whether this process hears of changes, so that the cache of sessions may be used.
    pub listener: ListenerStatus,
    /// Where passwords are hashed.
    pub passwords: PasswordPool,
    /// Where the links of invitations lead when a tenant has no front end yet, without a trailing
    /// slash.
    pub public_url: String,
    /// Development only: a password counts as a second factor, so that platform and step-up routes
    /// can be reached before factors exist. The host refuses it in production.
    pub password_counts_as_aal2: bool,
}

/// The identity domain. Clones share everything.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    deps: IdentityDeps,
    cache: SessionCache,
}

impl Identity {
    /// Makes the domain of what the host gives.
    #[must_use]
    pub fn new(deps: IdentityDeps) -> Self {
        let cache = SessionCache::new(deps.listener.clone(), SESSION_CACHE);
        Self(Arc::new(Inner { deps, cache }))
    }

    fn db(&self) -> &Database {
        &self.0.deps.db
    }

    fn clock(&self) -> &Clock {
        &self.0.deps.clock
    }

    fn roles(&self) -> &dyn RoleCatalogue {
        &*self.0.deps.roles
    }

    fn tenants(&self) -> &dyn Tenants {
        &*self.0.deps.tenants
    }

    fn mailer(&self) -> &dyn Mailer {
        &*self.0.deps.mailer
    }

    fn passwords(&self) -> &PasswordPool {
        &self.0.deps.passwords
    }

    fn public_url(&self) -> &str {
        &self.0.deps.public_url
    }

    fn password_counts_as_aal2(&self) -> bool {
        self.0.deps.password_counts_as_aal2
    }

    fn cache(&self) -> &SessionCache {
        &self.0.cache
    }
}
