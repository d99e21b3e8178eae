//! What the catalogue works with: the dependencies of the kitchen, the menus, and books in memory.

use std::sync::Arc;

use bk_kernel::{Authorized, OperationContext, TenantId};
use bk_kitchen_core::{KitchenState, permissions::MenuRead};
use bk_persistence::{Database, DbError, TenantScope, TenantTx, invalidation::Subscriber};

use crate::{
    book::CatalogueBook,
    cache::BookCache,
    load_book::{TOPIC, catalogue_version, load_book},
    published_menus::PublishedMenus,
};

/// The catalogue as requests and jobs hold it. Clones are handles on the same one.
#[derive(Clone)]
pub struct CatalogueState {
    kitchen: KitchenState,
    menus: Arc<dyn PublishedMenus>,
    books: Arc<BookCache>,
}

impl CatalogueState {
    /// Puts the catalogue together; `menus` says what menus still offer.
    #[must_use]
    pub fn new(kitchen: KitchenState, menus: Arc<dyn PublishedMenus>) -> Self {
        Self { kitchen, menus, books: Arc::new(BookCache::new()) }
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
    /// order), use [`Self::book_in`].
    pub async fn book(&self, tenant: TenantId) -> Result<Arc<CatalogueBook>, DbError> {
        let began = match self.books.ask(tenant) {
            Ok(book) if self.kitchen.deps().listener.is_listening() => return Ok(book),
            Ok(_) => None,
            Err(began) => Some(began),
        };
        let state = self.clone();
        let book =
            self.tenant(tenant).read(move |tx| async move { state.book_in(&tx).await }).await?;
        if let Some(began) = began {
            self.books.learn(tenant, book.version, began);
        }
        Ok(book)
    }

    /// The catalogue as the transaction sees it. Costs one small query when the book is in memory.
    /// Not for transactions that change the catalogue: what they wrote may yet be undone, and they
    /// use [`load_book`].
    pub async fn book_in(&self, tx: &TenantTx) -> Result<Arc<CatalogueBook>, DbError> {
        let version = catalogue_version(tx).await?;
        self.book_of_version(tx, version).await
    }

    /// The same for a caller that has read the version (`kitchen_catalogue_versions`, 0 when there is
    /// no row) in a query of its own.
    pub async fn book_of_version(
        &self,
        tx: &TenantTx,
        version: i64,
    ) -> Result<Arc<CatalogueBook>, DbError> {
        if let Some(book) = self.books.get(tx.tenant_id(), version) {
            return Ok(book);
        }
        let book = Arc::new(load_book(tx).await?);
        self.books.keep(tx.tenant_id(), Arc::clone(&book));
        Ok(book)
    }

    /// The catalogue as it is now, whatever is remembered: for reads whose version will be written
    /// against.
    pub async fn book_now(&self, tenant: TenantId) -> Result<Arc<CatalogueBook>, DbError> {
        let state = self.clone();
        self.tenant(tenant).read(move |tx| async move { state.book_in(&tx).await }).await
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
    ) -> Result<Arc<CatalogueBook>, DbError> {
        self.current(ctx).await
    }

    /// Returns the catalogue as it is now, whatever is cached: what a change is answered with.
    pub(crate) async fn current(
        &self,
        ctx: &OperationContext,
    ) -> Result<Arc<CatalogueBook>, DbError> {
        let read = async |tx, state: Self| state.book_in(&tx).await;
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
        self.forget_book(ctx.tenant_id());
        outcome
    }

    /// Runs a change of the catalogue and forgets what was known of it here.
    pub async fn edit_catalogue<T, E, F, Fut>(&self, tenant: TenantId, work: F) -> Result<T, E>
    where
        F: FnOnce(TenantTx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let outcome = self.tenant(tenant).run(work).await;
        self.forget_book(tenant);
        outcome
    }

    /// Forgets the tenant's latest version here at once, so that whoever changed it reads the change.
    pub fn forget_book(&self, tenant: TenantId) {
        self.books.forget(&tenant.uuid().to_string());
    }

    /// What to do when other instances tell of changes.
    #[must_use]
    pub fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        let books = Arc::clone(&self.books);
        vec![(TOPIC, Arc::new(move |key: &str| books.forget(key)))]
    }
}
