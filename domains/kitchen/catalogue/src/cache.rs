//! Books in memory. A snapshot is kept under its version, so it is never wrong, only old; what can be old
//! is the answer to which version is the latest, and that is forgotten as soon as a change is heard.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bk_kernel::TenantId;
use moka::sync::Cache;

use super::snapshot::CatalogueSnapshot;

/// Books kept, of all tenants.
const MAX_SNAPSHOTS: u64 = 512;

/// The cache of one process.
#[derive(Debug)]
pub(crate) struct SnapshotCache {
    snapshots: Cache<(TenantId, i64), Arc<CatalogueSnapshot>>,
    latest: Mutex<HashMap<TenantId, Latest>>,
}

/// What is known of a tenant's latest version.
#[derive(Debug, Default)]
struct Latest {
    /// Counts what was forgotten, so that a reading that began before does not count after.
    forgotten: u64,
    version: Option<i64>,
}

impl SnapshotCache {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        Self { snapshots: Cache::new(MAX_SNAPSHOTS), latest: Mutex::default() }
    }

    fn latest(&self) -> MutexGuard<'_, HashMap<TenantId, Latest>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The snapshot of a version, if it is kept.
    pub(crate) fn get(&self, tenant: TenantId, version: i64) -> Option<Arc<CatalogueSnapshot>> {
        self.snapshots.get(&(tenant, version))
    }

    /// Keeps a snapshot under its version.
    pub(crate) fn keep(&self, tenant: TenantId, snapshot: Arc<CatalogueSnapshot>) {
        self.snapshots.insert((tenant, snapshot.version), snapshot);
    }

    /// The latest snapshot, if it is known, or where the reading begins.
    pub(crate) fn ask(&self, tenant: TenantId) -> Result<Arc<CatalogueSnapshot>, u64> {
        let mut latest = self.latest();
        let known = latest.entry(tenant).or_default();
        known
            .version
            .and_then(|version| self.snapshots.get(&(tenant, version)))
            .ok_or(known.forgotten)
    }

    /// Remembers which version was the latest, unless something was forgotten since `began`.
    pub(crate) fn learn(&self, tenant: TenantId, version: i64, began: u64) {
        let mut latest = self.latest();
        let known = latest.entry(tenant).or_default();
        if known.forgotten == began {
            known.version = Some(version);
        }
    }

    /// Forgets which version of a tenant is the latest; of all tenants when the key is empty.
    pub(crate) fn forget(&self, key: &str) {
        let mut latest = self.latest();
        let all = latest.iter_mut().filter(|(tenant, _)| {
            key.is_empty() || key.parse().is_ok_and(|changed: TenantId| changed == **tenant)
        });
        for (_, known) in all {
            known.forgotten += 1;
            known.version = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(version: i64) -> Arc<CatalogueSnapshot> {
        Arc::new(CatalogueSnapshot { version, ..CatalogueSnapshot::default() })
    }

    #[test]
    fn what_was_read_before_a_change_is_not_the_latest_after_it() {
        let (cache, tenant) = (SnapshotCache::new(), TenantId::new());
        let began = cache.ask(tenant).unwrap_err();
        cache.forget(&tenant.uuid().to_string());
        cache.snapshots.insert((tenant, 1), snapshot(1));
        cache.learn(tenant, 1, began);
        assert!(cache.ask(tenant).is_err());
    }

    #[test]
    fn a_change_of_one_kitchen_is_forgotten_there_only_and_missed_news_everywhere() {
        let (cache, a, b) = (SnapshotCache::new(), TenantId::new(), TenantId::new());
        for tenant in [a, b] {
            let began = cache.ask(tenant).unwrap_err();
            cache.snapshots.insert((tenant, 1), snapshot(1));
            cache.learn(tenant, 1, began);
        }
        cache.forget(&a.uuid().to_string());
        assert!(cache.ask(a).is_err() && cache.ask(b).is_ok());
        cache.forget("");
        assert!(cache.ask(b).is_err());
    }
}
