//! Tenants, their settings and roles, and the reading of the audit log.
//!
//! The domain everybody else asks what a tenant is and what a role permits. It is made in two steps,
//! because identity needs those answers and this domain needs identity: first [`AdminPorts`], which
//! implements `Tenants` and `RoleCatalogue`; then identity; then [`Admin`], which needs people to
//! invite.
//!
//! ```text
//! audit_log -> bk_audit        settings -> tenants (the row)        tenants -> roles (a tenant's first)
//! ```

mod acting;
mod audit_log;
pub mod permissions;
mod ports;
mod roles;
mod settings;
mod tenants;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use bk_contracts::identity::UserDirectory;
use bk_guard::Routes;
use bk_kernel::{Clock, PermissionDef, TenantId};
use bk_persistence::{Database, DbError, TenantTx};

pub use ports::{AdminPorts, AdminPortsDeps};
use roles::Catalogue;
pub use tenants::SeedTenant;

/// What the domain is made of.
pub struct AdminDeps {
    /// Made before, and given to identity.
    pub ports: AdminPorts,
    /// The product's clock.
    pub clock: Clock,
    /// The permissions of all domains, collected by the host. The order does not matter.
    pub catalogue: Vec<PermissionDef>,
    /// The people. Implemented by identity.
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

    /// Makes the tenant of the transaction exist with its directory entry and built-in roles, as
    /// development's demo tenants and the tenant of the operators do. Says whether it was new; one
    /// that exists keeps its settings and only has its built-in roles brought up to date.
    ///
    /// # Errors
    /// [`DbError::Conflict`] when another tenant has the slug; [`DbError::Other`] when the seed
    /// breaks a rule.
    pub async fn seed_tenant(&self, tx: &TenantTx, seed: SeedTenant) -> Result<bool, DbError> {
        tenants::seed_tenant(self, tx, seed).await
    }

    /// Finds the tenant by its slug, or seeds it with a new id. Safe to call from several instances
    /// at once.
    pub async fn ensure_tenant(&self, seed: SeedTenant) -> Result<TenantId, DbError> {
        tenants::ensure_tenant(self, seed).await
    }

    /// Brings the built-in roles of every tenant up to the catalogue; to be called at start and
    /// after migrating. Returns in how many tenants a role changed.
    pub async fn sync_builtin_roles(&self) -> Result<usize, DbError> {
        roles::sync_builtin_roles(self).await
    }

    /// A tenant's fence, as the API's role.
    fn db(&self) -> &Database {
        self.0.ports.db()
    }

    /// The operators' role.
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

/// Mounts the routes of the domain below `/api/v1`. Handlers expect [`Admin`] as `web::Data`.
pub fn routes(routes: &mut Routes<'_>) {
    tenants::http::routes(routes);
    settings::http::routes(routes);
    roles::http::routes(routes);
    audit_log::http::routes(routes);
}

/// What this domain lets people be permitted to do.
#[must_use]
pub const fn permissions() -> &'static [PermissionDef] {
    permissions::ALL
}
