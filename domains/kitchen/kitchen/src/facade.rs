//! The kitchen as the host holds it.

use std::sync::Arc;

use async_trait::async_trait;
use bk_contracts::{
    accounts::AccountDirectory,
    checkout::Checkout,
    identity::UserDirectory,
    tenants::{PLATFORM_SLUG, Tenants},
};
use bk_kernel::{AccountId, Clock, TenantId, UserId};
use bk_persistence::{
    Database, DbError, EventHandler, TenantScope, TenantTx, invalidation::Hearing,
};

use crate::{
    accounts,
    catalogue::BookCache,
    facts::KitchenFacts,
    weeks::{self, WeeksError},
};

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
    pub hearing: Hearing,
}

/// The kitchen. Clones are handles on the same one.
#[derive(Clone)]
pub struct Kitchen {
    deps: Arc<KitchenDeps>,
    books: Arc<BookCache>,
}

impl Kitchen {
    /// Puts the kitchen together.
    #[must_use]
    pub fn new(deps: KitchenDeps) -> Self {
        Self { deps: Arc::new(deps), books: Arc::new(BookCache::new()) }
    }

    /// The database of one tenant.
    #[must_use]
    pub fn tenant(&self, tenant: TenantId) -> TenantScope {
        self.deps.db.tenant(tenant)
    }

    /// What it was put together from.
    #[must_use]
    pub fn deps(&self) -> &KitchenDeps {
        &self.deps
    }

    /// Catalogues in memory.
    pub(crate) fn books(&self) -> &BookCache {
        &self.books
    }

    /// Consumers of the outbox.
    #[must_use]
    pub fn event_handlers(&self) -> Vec<Arc<dyn EventHandler>> {
        vec![Arc::new(KitchenFacts(self.clone()))]
    }

    /// Makes sure that the coming weeks of the transaction's tenant exist.
    pub async fn generate_weeks_in(&self, tx: &TenantTx) -> Result<(), WeeksError> {
        let settings = self.deps.tenants.settings(tx.tenant_id()).await?;
        let settings = settings.ok_or_else(|| DbError::other("the tenant has no settings"))?;
        // Operators do not cook.
        if settings.slug == PLATFORM_SLUG {
            return Ok(());
        }
        weeks::generate_weeks(tx, &settings.schedule, self.deps.clock.now()).await
    }
}

/// The port by which billing finds a person's account.
#[derive(Debug, Clone, Copy)]
pub struct Accounts;

#[async_trait]
impl AccountDirectory for Accounts {
    async fn account_of(&self, tx: &TenantTx, user: UserId) -> Result<Option<AccountId>, DbError> {
        accounts::account_of_user(tx, user).await
    }
}
