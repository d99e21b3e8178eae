//! What other domains ask: which tenant, which settings, what a role permits.
//!
//! Answers about tenants come from caches that every instance empties when it hears of a change; an
//! instance that cannot hear reads the database each time. Answers about roles are read in the
//! asker's transaction and are not cached here: identity caches what it makes of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bk_contracts::{
    identity::RoleCatalogue,
    tenants::{TenantRef, TenantSettings, Tenants},
};
use bk_kernel::{PermissionSet, Surface, TenantId};
use bk_persistence::{
    Database, DbError, TenantTx,
    invalidation::{Hearing, Subscriber, publish},
};
use moka::sync::Cache;

use crate::{
    roles,
    tenants::{self, Slug},
};

/// The topic of notices that a tenant's row has changed; their key is its id.
const TOPIC: &str = "tenant";
/// Tenants kept in memory.
const MOST_TENANTS: u64 = 10_000;
/// Answers about origins kept in memory: anybody can ask, so they are bounded and short-lived.
const MOST_ORIGINS: u64 = 10_000;
const ORIGINS_FOR: Duration = Duration::from_mins(1);
/// The longest origin looked up, in bytes; none longer is admitted.
const LONGEST_ORIGIN: usize = 255;

/// What the ports are made of.
pub struct AdminPortsDeps {
    /// The API's role.
    pub db: Database,
    /// The operators' role, which may read the directory of tenants.
    pub platform: Database,
    /// Whether notices reach this process.
    pub hearing: Hearing,
}

/// `Tenants` and `RoleCatalogue`. Cheap to clone.
#[derive(Clone)]
pub struct AdminPorts(Arc<Inner>);

struct Inner {
    db: Database,
    platform: Database,
    hearing: Hearing,
    /// A slug names the same tenant for ever, so this is never out of date.
    slugs: Cache<String, TenantId>,
    settings: Cache<TenantId, Arc<TenantSettings>>,
    origins: Cache<(Surface, String), bool>,
    /// Counts notices, so that an answer read before one is not kept after it.
    notices: AtomicU64,
}

impl AdminPorts {
    /// Ports with empty caches.
    #[must_use]
    pub fn new(deps: AdminPortsDeps) -> Self {
        Self(Arc::new(Inner {
            db: deps.db,
            platform: deps.platform,
            hearing: deps.hearing,
            slugs: Cache::new(MOST_TENANTS),
            settings: Cache::new(MOST_TENANTS),
            origins: Cache::builder().max_capacity(MOST_ORIGINS).time_to_live(ORIGINS_FOR).build(),
            notices: AtomicU64::new(0),
        }))
    }

    /// What the host's listener must call: the topic, and what to do with a notice's key.
    #[must_use]
    pub fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        let ports = self.clone();
        vec![(TOPIC, Arc::new(move |key| ports.hear(key)))]
    }

    /// Tells every instance, at commit, that the tenant of the transaction has changed.
    pub(crate) async fn tell_changed(&self, tx: &TenantTx) -> Result<(), DbError> {
        publish(tx, TOPIC, &tx.tenant_id().to_string()).await
    }

    /// Forgets what is cached of a tenant. Called by this instance as soon as its own change is
    /// committed, so that the person who made it sees it.
    pub(crate) fn forget(&self, tenant: TenantId) {
        self.0.notices.fetch_add(1, Ordering::AcqRel);
        self.0.settings.invalidate(&tenant);
        self.0.origins.invalidate_all();
    }

    pub(crate) fn db(&self) -> &Database {
        &self.0.db
    }

    pub(crate) fn platform(&self) -> &Database {
        &self.0.platform
    }

    fn hear(&self, key: &str) {
        if let Ok(tenant) = key.parse() {
            self.forget(tenant);
        } else {
            // Notices may have been missed.
            self.0.notices.fetch_add(1, Ordering::AcqRel);
            self.0.settings.invalidate_all();
            self.0.origins.invalidate_all();
        }
    }

    /// Keeps an answer that was read when `notices` had been heard, unless one came meanwhile.
    ///
    /// A notice counts first and empties second; this inserts first and looks at the count second:
    /// in whatever order the two meet, an answer older than the notice does not stay.
    fn keep(&self, notices: u64, insert: impl FnOnce(&Inner), withdraw: impl FnOnce(&Inner)) {
        if self.0.hearing.is_hearing() {
            insert(&self.0);
            if self.notices() != notices {
                withdraw(&self.0);
            }
        }
    }

    fn notices(&self) -> u64 {
        self.0.notices.load(Ordering::Acquire)
    }

    fn cached<T>(&self, get: impl FnOnce(&Inner) -> Option<T>) -> Option<T> {
        self.0.hearing.is_hearing().then(|| get(&self.0)).flatten()
    }
}

#[async_trait]
impl Tenants for AdminPorts {
    async fn by_slug(&self, slug: &str) -> Result<Option<TenantRef>, DbError> {
        if let Some(id) = self.0.slugs.get(slug) {
            let settings = self.settings(id).await?;
            return Ok(settings.map(|settings| TenantRef { id, status: settings.status }));
        }
        let Some(slug) = Slug::any(slug) else { return Ok(None) };
        let found = tenants::find_by_slug(&self.0.db, slug.clone()).await?;
        if let Some(tenant) = &found {
            self.0.slugs.insert(slug.to_string(), tenant.id);
        }
        Ok(found)
    }

    async fn settings(&self, tenant: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError> {
        if let Some(settings) = self.cached(|caches| caches.settings.get(&tenant)) {
            return Ok(Some(settings));
        }
        let notices = self.notices();
        // Boxed, because every request carries this future and few need it.
        let found = Box::pin(tenants::read_settings(&self.0.db, tenant)).await?.map(Arc::new);
        if let Some(settings) = &found {
            let settings = Arc::clone(settings);
            self.keep(
                notices,
                |caches| caches.settings.insert(tenant, settings),
                |caches| caches.settings.invalidate(&tenant),
            );
        }
        Ok(found)
    }

    async fn origin_known(&self, surface: Surface, origin: &str) -> Result<bool, DbError> {
        let surface = match surface {
            Surface::Client | Surface::Admin | Surface::Site => surface,
            // Operators use the app of the admin surface.
            Surface::Platform => Surface::Admin,
            Surface::Webhook | Surface::Public => return Ok(false),
        };
        if origin.len() > LONGEST_ORIGIN || !origin.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(false);
        }
        let asked = (surface, origin.to_owned());
        if let Some(known) = self.cached(|caches| caches.origins.get(&asked)) {
            return Ok(known);
        }
        let notices = self.notices();
        let known = tenants::is_origin_known(&self.0.db, surface, origin.to_owned()).await?;
        self.keep(
            notices,
            |caches| caches.origins.insert(asked.clone(), known),
            |caches| caches.origins.invalidate(&asked),
        );
        Ok(known)
    }

    async fn active(&self) -> Result<Vec<TenantId>, DbError> {
        tenants::active_tenants(&self.0.platform).await
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

    /// Holds the roles it found until the transaction ends, so that one cannot be deleted between
    /// this answer and the assignment it is asked for. Needs a transaction that may write.
    async fn unknown(&self, tx: &TenantTx, roles: &[String]) -> Result<Vec<String>, DbError> {
        roles::unknown(tx, roles).await
    }
}
