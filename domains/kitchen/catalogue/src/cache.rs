//! Books in memory. A book is kept under its version, so it is never wrong, only old; what can be old
//! is the answer to which version is the latest, and that is forgotten as soon as a change is heard.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bk_kernel::TenantId;
use bk_persistence::{DbError, TenantTx, invalidation::Subscriber};
use moka::sync::Cache;

use super::{
    book::CatalogueBook,
    load_book::{TOPIC, catalogue_version, load_book},
};
use crate::Kitchen;

/// Books kept, of all tenants.
const MOST_BOOKS: u64 = 512;

/// The cache of one process.
#[derive(Debug)]
pub(crate) struct BookCache {
    books: Cache<(TenantId, i64), Arc<CatalogueBook>>,
    latest: Mutex<HashMap<TenantId, Latest>>,
}

/// What is known of a tenant's latest version.
#[derive(Debug, Default)]
struct Latest {
    /// Counts what was forgotten, so that a reading that began before does not count after.
    forgotten: u64,
    version: Option<i64>,
}

impl BookCache {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        Self { books: Cache::new(MOST_BOOKS), latest: Mutex::default() }
    }

    fn latest(&self) -> MutexGuard<'_, HashMap<TenantId, Latest>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest book, if it is known, or where the reading begins.
    fn ask(&self, tenant: TenantId) -> Result<Arc<CatalogueBook>, u64> {
        let mut latest = self.latest();
        let known = latest.entry(tenant).or_default();
        known.version.and_then(|version| self.books.get(&(tenant, version))).ok_or(known.forgotten)
    }

    /// Remembers which version was the latest, unless something was forgotten since `began`.
    fn learn(&self, tenant: TenantId, version: i64, began: u64) {
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

impl Kitchen {
    /// The tenant's catalogue, from memory when changes of it are heard. It may be older than the
    /// latest change by the moment that the news of it takes; where that matters (confirming an
    /// order), use [`Self::book_in`].
    pub async fn book(&self, tenant: TenantId) -> Result<Arc<CatalogueBook>, DbError> {
        let began = match self.books().ask(tenant) {
            Ok(book) if self.deps().hearing.is_hearing() => return Ok(book),
            Ok(_) => None,
            Err(began) => Some(began),
        };
        let kitchen = self.clone();
        let book =
            self.tenant(tenant).read(move |tx| async move { kitchen.book_in(&tx).await }).await?;
        if let Some(began) = began {
            self.books().learn(tenant, book.version, began);
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
        if let Some(book) = self.books().books.get(&(tx.tenant_id(), version)) {
            return Ok(book);
        }
        let book = Arc::new(load_book(tx).await?);
        self.books().books.insert((tx.tenant_id(), book.version), Arc::clone(&book));
        Ok(book)
    }

    /// The catalogue as it is now, whatever is remembered: for reads whose version will be written
    /// against.
    pub(crate) async fn book_now(&self, tenant: TenantId) -> Result<Arc<CatalogueBook>, DbError> {
        let kitchen = self.clone();
        self.tenant(tenant).read(move |tx| async move { kitchen.book_in(&tx).await }).await
    }

    /// Runs a change of the catalogue and forgets what was known of it here.
    pub(crate) async fn edit_catalogue<T, E, F, Fut>(
        &self,
        tenant: TenantId,
        work: F,
    ) -> Result<T, E>
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
    pub(crate) fn forget_book(&self, tenant: TenantId) {
        self.books().forget(&tenant.uuid().to_string());
    }

    /// What to do when other instances tell of changes.
    #[must_use]
    pub fn invalidations(&self) -> Vec<(&'static str, Subscriber)> {
        let kitchen = self.clone();
        vec![(TOPIC, Arc::new(move |key: &str| kitchen.books().forget(key)))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(version: i64) -> Arc<CatalogueBook> {
        Arc::new(CatalogueBook { version, ..CatalogueBook::default() })
    }

    #[test]
    fn what_was_read_before_a_change_is_not_the_latest_after_it() {
        let (cache, tenant) = (BookCache::new(), TenantId::new());
        let began = cache.ask(tenant).unwrap_err();
        cache.forget(&tenant.uuid().to_string());
        cache.books.insert((tenant, 1), book(1));
        cache.learn(tenant, 1, began);
        assert!(cache.ask(tenant).is_err());
    }

    #[test]
    fn a_change_of_one_kitchen_is_forgotten_there_only_and_missed_news_everywhere() {
        let (cache, a, b) = (BookCache::new(), TenantId::new(), TenantId::new());
        for tenant in [a, b] {
            let began = cache.ask(tenant).unwrap_err();
            cache.books.insert((tenant, 1), book(1));
            cache.learn(tenant, 1, began);
        }
        cache.forget(&a.uuid().to_string());
        assert!(cache.ask(a).is_err() && cache.ask(b).is_ok());
        cache.forget("");
        assert!(cache.ask(b).is_err());
    }
}
