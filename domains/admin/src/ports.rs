//! What other domains ask: which tenant, which settings, what a role permits.
//!
//! Answers about tenants come from caches that every instance empties when it is notified of a change;
//! an instance that receives no notices reads the database each time. Answers about roles are read in
//! the caller's transaction and are not cached here: identity caches what it makes of them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bk_contracts::{
    identity::RoleCatalogue,
    tenants::{TenantRef, TenantSettings, Tenants},
};
use bk_kernel::{Clock, OperationContext, PermissionSet, RequestId, Surface, TenantId};
use bk_persistence::{
    CacheSettings, Database, DbError, InvalidatedCache, TenantTx,
    invalidation::{ListenerStatus, Subscriber},
};

use crate::{
    roles,
    tenants::{self, CHANGES_TOPIC, ORIGIN_MAX_LEN, Slug},
};

/// Tenants kept in memory at most.
const MAX_TENANTS: u64 = 10_000;
/// Answers about origins kept in memory: anybody can ask, so they are bounded and short-lived.
const MAX_ORIGINS: u64 = 10_000;
const ORIGIN_TIME_TO_LIVE: Duration = Duration::from_mins(1);

/// What the ports are made of.
pub struct AdminPortsDeps {
    /// The database as the API's role.
    pub db: Database,
    /// The database as the operators' role, which may read the directory of tenants.
    pub platform: Database,
    /// The product's clock.
    pub clock: Clock,
    /// Whether notices reach this process.
    pub listener: ListenerStatus,
}

/// `Tenants` and `RoleCatalogue`. Cheap to clone.
#[derive(Clone)]
pub struct AdminPorts(Arc<Inner>);

struct Inner {
    db: Database,
    platform: Database,
    clock: Clock,
    /// A slug names the same tenant for ever, so its entries are never invalidated one by one.
    ids_by_slug: InvalidatedCache<String, TenantId>,
    settings: InvalidatedCache<TenantId, Arc<TenantSettings>>,
    origins: InvalidatedCache<(Surface, String), bool>,
}

impl AdminPorts {
    /// Ports with empty caches.
    #[must_use]
    pub fn new(deps: AdminPortsDeps) -> Self {
        let AdminPortsDeps { db, platform, clock, listener } = deps;
        let of_tenants = CacheSettings { max_entries: MAX_TENANTS, time_to_live: None };
        let of_origins =
            CacheSettings { max_entries: MAX_ORIGINS, time_to_live: Some(ORIGIN_TIME_TO_LIVE) };
        Self(Arc::new(Inner {
            db,
            platform,
            clock,
            ids_by_slug: InvalidatedCache::new(listener.clone(), of_tenants),
            settings: InvalidatedCache::new(listener.clone(), of_tenants),
            origins: InvalidatedCache::new(listener, of_origins),
        }))
    }

    /// What the host's listener must call: the topic, and what to do with the key of a notice.
    #[must_use]
    pub fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        let ports = self.clone();
        let on_notice = move |key: &str| match key.parse() {
            Ok(tenant) => ports.forget(tenant),
            // Notices may have been missed.
            Err(_) => ports.forget_all(),
        };
        vec![(CHANGES_TOPIC, Arc::new(on_notice))]
    }

    /// Forgets what is cached of a tenant. This instance calls it as soon as its own change is
    /// committed, so that the person who made it sees it.
    pub(crate) fn forget(&self, tenant: TenantId) {
        self.0.settings.invalidate(&tenant);
        self.0.origins.invalidate_all();
    }

    fn forget_all(&self) {
        self.0.settings.invalidate_all();
        self.0.origins.invalidate_all();
    }

    pub(crate) fn db(&self) -> &Database {
        &self.0.db
    }

    pub(crate) fn platform(&self) -> &Database {
        &self.0.platform
    }

    /// The operation of reading a tenant before anyone has signed in.
    fn lookup(&self, tenant: TenantId) -> OperationContext {
        OperationContext::anonymous(tenant, RequestId::new(), self.0.clock.now())
    }
}

#[async_trait]
impl Tenants for AdminPorts {
    async fn by_slug(&self, slug: &str) -> Result<Option<TenantRef>, DbError> {
        let key = slug.to_owned();
        if let Some(id) = self.0.ids_by_slug.get(&key) {
            let settings = self.settings(id).await?;
            return Ok(settings.map(|settings| TenantRef { id, status: settings.status }));
        }
        let Some(slug) = Slug::any(slug) else { return Ok(None) };
        let before = self.0.ids_by_slug.generation();
        let found = tenants::find_by_slug(&self.0.db, slug).await?;
        if let Some(tenant) = &found {
            self.0.ids_by_slug.keep(before, &key, tenant.id);
        }
        Ok(found)
    }

    async fn settings(&self, tenant: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError> {
        if let Some(settings) = self.0.settings.get(&tenant) {
            return Ok(Some(settings));
        }
        // Boxed, because every request carries this future and few need it.
        let load = Box::pin(self.0.settings.get_or_load(&tenant, async || {
            let found = tenants::read_settings(&self.0.db, &self.lookup(tenant)).await?;
            Ok(found.map(Arc::new))
        }));
        load.await
    }

    async fn origin_known(&self, surface: Surface, origin: &str) -> Result<bool, DbError> {
        let surface = match surface {
            Surface::Client | Surface::Admin | Surface::Site => surface,
            // Operators use the app of the admin surface.
            Surface::Platform => Surface::Admin,
            Surface::Webhook | Surface::Public => return Ok(false),
        };
        if origin.len() > ORIGIN_MAX_LEN || !origin.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(false);
        }
        let key = (surface, origin.to_owned());
        let known = self.0.origins.get_or_load(&key, async || {
            tenants::is_origin_known(&self.0.db, surface, origin.to_owned()).await.map(Some)
        });
        Ok(known.await? == Some(true))
    }

    async fn active(&self) -> Result<Vec<TenantId>, DbError> {
        tenants::list_active_tenants(&self.0.platform).await
    }
}

#[async_trait]
impl RoleCatalogue for AdminPorts {
    async fn permissions_of(
        &self,
        tx: &TenantTx,
        roles: &[String],
    ) -> Result<PermissionSet, DbError> {
        roles::permissions_of(tx, roles).await
    }

    /// Locks the roles that it finds until the transaction ends, so that one cannot be deleted between
    /// this answer and the assignment that it is asked for. Needs a transaction that may write.
    async fn unknown(&self, tx: &TenantTx, roles: &[String]) -> Result<Vec<String>, DbError> {
        roles::lock_unknown_roles(tx, roles).await
    }
}
