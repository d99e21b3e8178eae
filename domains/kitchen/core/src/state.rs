//! What every slice of the kitchen works with.

use std::sync::Arc;

use bk_contracts::{checkout::Checkout, identity::UserDirectory, tenants::Tenants};
use bk_kernel::{Clock, TenantId};
use bk_persistence::{Database, TenantScope, invalidation::ListenerStatus};

/// What the kitchen needs from the others.
#[derive(Clone)]
pub struct KitchenDeps {
    /// The database, as the API or as the worker.
    pub db: Database,
    /// The product's clock.
    pub clock: Clock,
    /// Tenants and their settings.
    pub tenants: Arc<dyn Tenants>,
    /// The people of a tenant.
    pub users: Arc<dyn UserDirectory>,
    /// Payment pages.
    pub checkout: Arc<dyn Checkout>,
    /// Origins that a checkout may return to besides the tenant's own: the development front ends.
    pub return_origins: Vec<String>,
    /// Whether caches may be used.
    pub listener: ListenerStatus,
}

/// The dependencies of the kitchen, shared by its slices. Clones are handles on the same ones.
#[derive(Clone)]
pub struct KitchenState(Arc<KitchenDeps>);

impl KitchenState {
    /// Shares the dependencies.
    #[must_use]
    pub fn new(deps: KitchenDeps) -> Self {
        Self(Arc::new(deps))
    }

    /// The database of one tenant.
    #[must_use]
    pub fn tenant(&self, tenant: TenantId) -> TenantScope {
        self.0.db.tenant(tenant)
    }

    /// The database, as the API or as the worker.
    #[must_use]
    pub fn db(&self) -> &Database {
        &self.0.db
    }

    /// The dependencies themselves.
    #[must_use]
    pub fn deps(&self) -> &KitchenDeps {
        &self.0
    }
}
