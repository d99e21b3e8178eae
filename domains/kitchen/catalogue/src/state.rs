//! What the catalogue works with: the dependencies of the kitchen, the menus, and snapshots in memory.

use std::sync::Arc;

use bk_kernel::{Authorized, OperationContext, TenantId};
use bk_kitchen_core::{KitchenState, permissions::MenuRead};
use bk_persistence::{Database, DbError, TenantScope, TenantTx, invalidation::Subscriber};

use crate::{
    cache::SnapshotCache,
    load_snapshot::{TOPIC, catalogue_version, load_snapshot},
    published_menus::PublishedMenus,
    snapshot::CatalogueSnapshot,
};

/// The catalogue as requests and jobs hold it. Clones are handles on the same one.
#[derive(Clone)]
pub struct CatalogueState {
    kitchen: KitchenState,
    menus: Arc<dyn PublishedMenus>,
    snapshots: Arc<SnapshotCache>,
}

impl CatalogueState {
    /// Puts the catalogue together; `menus` says what menus still offer.
    #[must_use]
    pub fn new(kitchen: KitchenState, menus: Arc<dyn PublishedMenus>) -> Self {
        Self { kitchen, menus, snapshots: Arc::new(SnapshotCache::new()) }
    }

    /// What the kitchen works with.
    #[must_use]
    pub const fn kitchen(&self) -> &KitchenState {
        &self.kitchen
    }

    /// The database of one tenant.
    #[must_use]
    pub fn tenant(&self, tenant: TenantId) -> TenantScope {
        self.kitchen.tenant(tenant)
    }

    /// The published menus.
    pub(crate) fn menus(&self) -> Arc<dyn PublishedMenus> {
        Arc::clone(&self.menus)
    }

    /// The tenant's catalogue, from memory when changes of it are heard. It may be older than the
    /// latest change by the moment that the news of it takes; where that matters (confirming an
    /// order), use [`Self::snapshot_in`].
    pub async fn snapshot(&self, tenant: TenantId) -> Result<Arc<CatalogueSnapshot>, DbError> {
        let began = match self.snapshots.ask(tenant) {
            Ok(snapshot) if self.kitchen.deps().listener.is_listening() => return Ok(snapshot),
            Ok(_) => None,
            Err(began) => Some(began),
        };
        let state = self.clone();
        let snapshot =
            self.tenant(tenant).read(move |tx| async move { state.snapshot_in(&tx).await }).await?;
        if let Some(began) = began {
            self.snapshots.learn(tenant, snapshot.version, began);
        }
        Ok(snapshot)
    }

    /// The catalogue as the transaction sees it. Costs one small query when the snapshot is in memory.
    /// Not for transactions that change the catalogue: what they wrote may yet be undone, and they
    /// use [`load_snapshot`].
    pub async fn snapshot_in(&self, tx: &TenantTx) -> Result<Arc<CatalogueSnapshot>, DbError> {
        let version = catalogue_version(tx).await?;
        self.snapshot_of_version(tx, version).await
    }

    /// The same for a caller that has read the version (`kitchen_catalogue_versions`, 0 when there is
    /// no row) in a query of its own.
    pub async fn snapshot_of_version(
        &self,
        tx: &TenantTx,
        version: i64,
    ) -> Result<Arc<CatalogueSnapshot>, DbError> {
        if let Some(snapshot) = self.snapshots.get(tx.tenant_id(), version) {
            return Ok(snapshot);
        }
        let snapshot = Arc::new(load_snapshot(tx).await?);
        self.snapshots.keep(tx.tenant_id(), Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// The database, as the API or as the worker.
    #[must_use]
    pub fn db(&self) -> &Database {
        &self.kitchen.deps().db
    }

    /// Returns the catalogue as it is now, for people who may read it.
    pub async fn read_catalogue(
        &self,
        ctx: &Authorized<MenuRead>,
    ) -> Result<Arc<CatalogueSnapshot>, DbError> {
        self.current(ctx).await
    }

    /// Returns the catalogue as it is now, whatever is cached: what a change is answered with.
    pub(crate) async fn current(
        &self,
        ctx: &OperationContext,
    ) -> Result<Arc<CatalogueSnapshot>, DbError> {
        let read = async |tx, state: Self| state.snapshot_in(&tx).await;
        self.db().read(ctx, self.clone(), read).await
    }

    /// Runs a change of the catalogue in a transaction and drops what is cached of it here.
    pub async fn change<I, T, E, F, Fut>(
        &self,
        ctx: &OperationContext,
        input: I,
        work: F,
    ) -> Result<T, E>
    where
        F: Fn(TenantTx, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        I: Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let outcome = self.db().transaction(ctx, input, work).await;
        self.forget_snapshot(ctx.tenant_id());
        outcome
    }

    /// Forgets the tenant's latest version here at once, so that the caller who changed it reads the change.
    pub fn forget_snapshot(&self, tenant: TenantId) {
        self.snapshots.forget(&tenant.uuid().to_string());
    }

    /// What to do when other instances tell of changes.
    #[must_use]
    pub fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        let snapshots = Arc::clone(&self.snapshots);
        vec![(TOPIC, Arc::new(move |key: &str| snapshots.forget(key)))]
    }
}
