//! The one cache whose entries are forgotten when another instance says that they changed.
//!
//! Three things keep it from serving what is out of date:
//!
//! - while notices are not received it answers nothing and keeps nothing, so every caller asks the
//!   database;
//! - what was loaded before an invalidation is not kept after it, even when the invalidation came
//!   while it was being loaded: it might have been of this very entry;
//! - what a lost notice could spoil lives no longer than [`CacheSettings::time_to_live`].

use std::{
    fmt,
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

use crate::invalidation::{ListenerStatus, Subscriber};

/// How much a cache holds, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheSettings {
    /// How many entries are kept at most; the least used ones go first.
    pub max_entries: u64,
    /// How long an entry lives when it is not invalidated; absent means until it is evicted.
    pub time_to_live: Option<Duration>,
}

/// Values by key, invalidated across instances. Clones share the entries; values are cloned out, so
/// large ones are kept in an [`Arc`].
pub struct InvalidatedCache<K, V> {
    entries: Cache<K, V>,
    /// Counts invalidations, so that what was loaded before one is not kept after it.
    generation: Arc<AtomicU64>,
    listener: ListenerStatus,
}

/// The state of a cache before a load: what [`InvalidatedCache::keep`] compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "it is given back to the cache with what was loaded"]
pub struct Generation(u64);

impl<K, V> InvalidatedCache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// An empty cache, used only while `listener` receives notices.
    #[must_use]
    pub fn new(listener: ListenerStatus, settings: CacheSettings) -> Self {
        let mut entries =
            Cache::builder().max_capacity(settings.max_entries).support_invalidation_closures();
        if let Some(time_to_live) = settings.time_to_live {
            entries = entries.time_to_live(time_to_live);
        }
        Self { entries: entries.build(), generation: Arc::default(), listener }
    }

    /// The value of `key`, if it is kept here and notices are received.
    pub fn get(&self, key: &K) -> Option<V> {
        self.listener.is_listening().then(|| self.entries.get(key)).flatten()
    }

    /// The value of `key`: the one kept here, or what `load` finds. Absence and failures are not
    /// kept. Concurrent callers may each load.
    pub async fn get_or_load<E>(
        &self,
        key: &K,
        load: impl AsyncFnOnce() -> Result<Option<V>, E>,
    ) -> Result<Option<V>, E>
    where
        K: Clone,
    {
        if let Some(value) = self.get(key) {
            return Ok(Some(value));
        }
        let before = self.generation();
        let found = load().await?;
        if let Some(value) = &found {
            self.keep(before, key, value.clone());
        }
        Ok(found)
    }

    /// To be asked before a load whose result is given to [`keep`](Self::keep).
    pub fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    /// Keeps what was loaded, unless notices are not received or something was invalidated since
    /// `before`.
    ///
    /// An invalidation counts first and removes second; this inserts first and looks at the count
    /// second: in whatever order the two meet, nothing older than the invalidation stays.
    pub fn keep(&self, before: Generation, key: &K, value: V)
    where
        K: Clone,
    {
        if !self.listener.is_listening() || self.generation() != before {
            return;
        }
        self.entries.insert(key.clone(), value);
        if self.generation() != before {
            self.entries.invalidate(key);
        }
    }

    /// Forgets the value of `key`. An instance calls it after its own change as well, so that
    /// the user who made the change sees it.
    pub fn invalidate(&self, key: &K) {
        self.count();
        self.entries.invalidate(key);
    }

    /// Forgets the values for which `affected` says so.
    pub fn invalidate_if(&self, affected: impl Fn(&K, &V) -> bool + Send + Sync + 'static) {
        self.count();
        // It fails only without `support_invalidation_closures`, which `new` asks for.
        if self.entries.invalidate_entries_if(affected).is_err() {
            self.entries.invalidate_all();
        }
    }

    /// Forgets everything.
    pub fn invalidate_all(&self) {
        self.count();
        self.entries.invalidate_all();
    }

    /// What the listener does with a notice: forgets the value of the key that `parse` reads from
    /// it, and everything when there is none, because notices may have been missed.
    #[must_use]
    pub fn subscriber(
        &self,
        parse: impl Fn(&str) -> Option<K> + Send + Sync + 'static,
    ) -> Subscriber {
        let cache = self.clone();
        Arc::new(move |notice: &str| match parse(notice) {
            Some(key) => cache.invalidate(&key),
            None => cache.invalidate_all(),
        })
    }

    fn count(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

impl<K, V> Clone for InvalidatedCache<K, V> {
    fn clone(&self) -> Self {
        Self {
            entries: self.entries.clone(),
            generation: Arc::clone(&self.generation),
            listener: self.listener.clone(),
        }
    }
}

impl<K, V> fmt::Debug for InvalidatedCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvalidatedCache").field("listener", &self.listener).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: CacheSettings = CacheSettings { max_entries: 100, time_to_live: None };

    fn cache() -> (InvalidatedCache<u8, &'static str>, ListenerStatus) {
        let listener = ListenerStatus::new(true);
        (InvalidatedCache::new(listener.clone(), SMALL), listener)
    }

    #[tokio::test]
    async fn a_value_is_loaded_once() {
        let (cache, _) = cache();
        let first = cache.get_or_load(&1, async || Ok::<_, ()>(Some("soup"))).await;
        let second = cache.get_or_load(&1, async || Err("must not be asked")).await;
        assert_eq!((first, second), (Ok(Some("soup")), Ok(Some("soup"))));
    }

    #[tokio::test]
    async fn absence_and_failure_are_not_kept() {
        let (cache, _) = cache();
        assert_eq!(cache.get_or_load(&1, async || Ok::<_, ()>(None)).await, Ok(None));
        assert_eq!(cache.get_or_load(&1, async || Err("away")).await, Err("away"));
        assert_eq!(
            cache.get_or_load(&1, async || Ok::<_, ()>(Some("stew"))).await,
            Ok(Some("stew"))
        );
    }

    #[tokio::test]
    async fn nothing_is_answered_or_kept_while_notices_are_not_received() {
        let (cache, listener) = cache();
        cache.keep(cache.generation(), &1, "before");
        listener.set(false);
        assert_eq!(cache.get(&1), None);
        let loaded = cache.get_or_load(&1, async || Ok::<_, ()>(Some("fresh"))).await;
        assert_eq!(loaded, Ok(Some("fresh")));
        cache.keep(cache.generation(), &2, "never");
        listener.set(true);
        assert_eq!((cache.get(&1), cache.get(&2)), (Some("before"), None));
    }

    #[tokio::test]
    async fn what_was_loaded_while_something_was_invalidated_is_answered_once_and_not_kept() {
        let (cache, _) = cache();
        let invalidations: [fn(&InvalidatedCache<u8, &'static str>); 4] = [
            |cache| cache.invalidate(&1),
            |cache| cache.invalidate(&2),
            |cache| cache.invalidate_if(|_, _| false),
            InvalidatedCache::invalidate_all,
        ];
        for invalidate in invalidations {
            let meanwhile = cache.clone();
            let loaded = cache.get_or_load(&1, async move || {
                invalidate(&meanwhile);
                Ok::<_, ()>(Some("old"))
            });
            assert_eq!(loaded.await, Ok(Some("old")));
            assert_eq!(cache.get(&1), None);
        }
    }

    #[test]
    fn an_invalidation_forgets_what_it_names_and_nothing_else() {
        let (cache, _) = cache();
        for (key, value) in [(1, "soup"), (2, "stew"), (3, "soup")] {
            cache.keep(cache.generation(), &key, value);
        }
        cache.invalidate_if(|_, value| *value == "soup");
        assert_eq!((cache.get(&1), cache.get(&2), cache.get(&3)), (None, Some("stew"), None));
        cache.invalidate(&1);
        assert_eq!(cache.get(&2), Some("stew"));
        cache.invalidate_all();
        assert_eq!(cache.get(&2), None);
    }

    #[test]
    fn a_notice_forgets_its_key_and_one_that_cannot_be_read_forgets_everything() {
        let (cache, _) = cache();
        let notice = cache.subscriber(|key| key.parse().ok());
        let fill = || [1, 2].map(|key| cache.keep(cache.generation(), &key, "soup"));
        fill();
        notice("1");
        assert_eq!((cache.get(&1), cache.get(&2)), (None, Some("soup")));
        fill();
        notice("");
        assert_eq!((cache.get(&1), cache.get(&2)), (None, None));
    }
}
