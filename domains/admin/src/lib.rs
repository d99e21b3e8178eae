//! Tenants, their settings and roles, and the reading of the audit log.
//!
//! The domain that the others ask what a tenant is and what a role permits. It is made in two steps,
//! because identity needs those answers and this domain needs identity: first [`AdminPorts`], which
//! implements `Tenants` and `RoleCatalogue`; then identity; then [`Admin`], which needs people to
//! invite.
//!
//! ```text
//! settings -> tenants -> roles        audit_log -> bk_audit
//! ```

mod audit_log;
mod http;
mod permissions;
mod ports;
mod roles;
mod seed;
mod settings;
mod tenants;
mod text;

use std::sync::Arc;

use bk_contracts::identity::UserDirectory;
use bk_kernel::{Clock, PermissionDef, TenantId};
use bk_persistence::{Database, DbError, jobs::JobError};

pub use ports::{AdminPorts, AdminPortsDeps};
use roles::Catalogue;
pub use seed::SeedTenant;

/// What the domain is made of.
pub struct AdminDeps {
    /// The ports, made before and given to identity.
    pub ports: AdminPorts,
    /// The product's clock.
    pub clock: Clock,
    /// The permissions of all domains, collected by the host. The order does not matter.
    pub catalogue: Vec<PermissionDef>,
    /// The people of the tenants. Implemented by identity.
    pub users: Arc<dyn UserDirectory>,
}

/// The domain. Cheap to clone.
#[derive(Clone)]
pub struct Admin(Arc<Inner>);

struct Inner {
    ports: AdminPorts,
    clock: Clock,
    catalogue: Catalogue,
    users: Arc<dyn UserDirectory>,
}

impl Admin {
    /// Puts the domain together.
    #[must_use]
    pub fn new(deps: AdminDeps) -> Self {
        Self(Arc::new(Inner {
            ports: deps.ports,
            clock: deps.clock,
            catalogue: Catalogue::new(deps.catalogue),
            users: deps.users,
        }))
    }

    /// Finds the tenant by its slug, or seeds it with a new id, its directory entry and its built-in
    /// roles, as development's demo tenants and the tenant of the operators are made. A tenant that
    /// exists keeps its settings and only has its built-in roles brought up to date. Safe to call from
    /// several instances at once.
    ///
    /// # Errors
    /// [`DbError::Other`] when the seed breaks a rule of tenants.
    pub async fn ensure_tenant(&self, seed: SeedTenant) -> Result<TenantId, DbError> {
        tenants::ensure_tenant(self, seed).await
    }

    /// Brings the built-in roles of every tenant up to the catalogue; to be called at start and
    /// after migrating. Returns in how many tenants a role changed.
    ///
    /// # Errors
    /// When the tenants cannot be listed, or it failed for some of them, after it was done for the
    /// others.
    pub async fn sync_builtin_roles(&self) -> Result<usize, JobError> {
        tenants::sync_builtin_roles(self).await
    }

    /// The database as the API's role.
    fn db(&self) -> &Database {
        self.0.ports.db()
    }

    /// The database as the operators' role.
    fn platform(&self) -> &Database {
        self.0.ports.platform()
    }

    fn ports(&self) -> &AdminPorts {
        &self.0.ports
    }

    fn clock(&self) -> &Clock {
        &self.0.clock
    }

    fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    fn users(&self) -> &dyn UserDirectory {
        &*self.0.users
    }
}
