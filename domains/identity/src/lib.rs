//! Identity: who people are and how they prove it.
//!
//! Slices: [`users`] (people and the roles they hold), [`sessions`] (logins), `invitations` (how
//! somebody becomes a user) and `members` (what staff may do with the users of their tenant).
//! [`passwords`] serves them. What a role permits, and what a tenant is, comes through ports.
//!
//! Everything here belongs to one tenant; the same address at two tenants is two unrelated users.
//! Nothing a caller sends reveals whether an address, an id or a tenant exists.

mod http_fields;
mod invitations;
mod jobs;
mod members;
pub mod passwords;
pub mod permissions;
mod ports;
pub mod sessions;
mod store;
mod tenant;
#[cfg(test)]
mod tests;
pub mod users;

use std::sync::Arc;

use bk_contracts::{identity::RoleCatalogue, mail::Mailer, tenants::Tenants};
use bk_guard::Routes;
use bk_kernel::{Clock, PermissionDef};
use bk_persistence::{Database, DbError, TenantTx, invalidation::Hearing};
use secrecy::SecretString;

pub use crate::users::SeedUser;
use crate::{
    passwords::{Busy, PasswordPool, Phc},
    sessions::SessionCache,
};

/// What identity needs from the host.
pub struct IdentityDeps {
    /// The database, as app or worker.
    pub db: Database,
    /// The product's clock.
    pub clock: Clock,
    /// What roles permit.
    pub roles: Arc<dyn RoleCatalogue>,
    /// The tenants.
    pub tenants: Arc<dyn Tenants>,
    /// Sends invitations.
    pub mailer: Arc<dyn Mailer>,
    /// Whether the cache of sessions may be used.
    pub hearing: Hearing,
    /// The bound on hashing.
    pub passwords: PasswordPool,
    /// Where invitations lead when a tenant has no front end yet, without a trailing slash.
    pub public_url: String,
    /// Development only: a password counts as a second factor, so that platform and step-up routes
    /// can be reached before factors exist. The host refuses it in production.
    pub password_counts_as_aal2: bool,
}

/// The identity domain. Clones share everything.
#[derive(Clone)]
pub struct Identity(Arc<Parts>);

struct Parts {
    deps: IdentityDeps,
    cache: SessionCache,
}

impl Identity {
    /// Identity on top of what the host gives.
    #[must_use]
    pub fn new(deps: IdentityDeps) -> Self {
        let cache = SessionCache::new(deps.hearing.clone());
        Self(Arc::new(Parts { deps, cache }))
    }

    /// Mounts the routes of this domain below `/api/v1`. The host gives the handlers, as
    /// application data, this facade and the guard's [`Cookies`](bk_guard::Cookies) and
    /// [`Origins`](bk_guard::Origins).
    pub fn routes(routes: &mut Routes<'_>) {
        sessions::http::routes(routes);
        invitations::http::routes(routes);
        members::http::routes(routes);
    }

    /// The permissions of this domain.
    #[must_use]
    pub const fn permissions() -> &'static [PermissionDef] {
        permissions::ALL
    }

    /// Hashes a password for [`Identity::seed_user`], without judging it. Hash once and share.
    pub async fn hash_password(&self, password: SecretString) -> Result<Phc, Busy> {
        self.passwords().hash(password).await
    }

    /// Puts a ready, active user into the transaction's tenant, for demo data and the first
    /// operator. Whoever has the id or the address already stays as they are; the answer says
    /// whether somebody was inserted.
    pub async fn seed_user(&self, tx: &TenantTx, seed: SeedUser) -> Result<bool, DbError> {
        users::seed_user(tx, seed).await
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
