//! The cache of live sessions: a hit costs no database work at all.
//!
//! An entry lives [`TIME_TO_LIVE`] at most, is forgotten at once when any instance ends the session
//! or changes what its tenant's roles permit, and is not used while notices are not heard.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bk_kernel::{Actor, TenantId};
use bk_persistence::invalidation::Hearing;
use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::{
    session::{Deadlines, Door, SEEN_EVERY},
    token::TokenHash,
};

/// Entries at most; about 1 KiB each.
const MOST_ENTRIES: u64 = 100_000;

/// Bounds how long a lost notice could matter.
const TIME_TO_LIVE: Duration = Duration::from_secs(30);

/// A live session and its person.
#[derive(Debug)]
pub(crate) struct Live {
    /// Who, and what they may.
    pub(crate) actor: Arc<Actor>,
    /// Through which door.
    pub(crate) door: Door,
    /// When it dies of itself.
    pub(crate) deadlines: Deadlines,
    /// The person's address.
    pub(crate) email: String,
    /// What to call them.
    pub(crate) display_name: String,
    /// The slug of their kitchen.
    pub(crate) tenant_slug: String,
    /// The name of their kitchen.
    pub(crate) tenant_name: String,
}

/// Live sessions by the hash of their token.
#[derive(Debug, Clone)]
pub(crate) struct SessionCache {
    entries: Cache<TokenHash, Arc<Live>>,
    /// Counts everything that was forgotten, so that what was read before is not kept after.
    forgotten: Arc<AtomicU64>,
    hearing: Hearing,
}

/// The state of the cache before a lookup in the database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before(u64);

impl SessionCache {
    /// An empty cache, used only while `hearing`.
    pub(crate) fn new(hearing: Hearing) -> Self {
        let entries = Cache::builder()
            .max_capacity(MOST_ENTRIES)
            .time_to_live(TIME_TO_LIVE)
            .support_invalidation_closures()
            .build();
        Self { entries, forgotten: Arc::default(), hearing }
    }

    /// The live session with this hash, if it is known here and need not be noted as seen.
    pub(crate) fn get(&self, hash: &TokenHash, now: DateTime<Utc>) -> Option<Arc<Live>> {
        if !self.hearing.is_hearing() {
            return None;
        }
        self.entries.get(hash).filter(|live| {
            live.deadlines.live(live.door, now) && now - live.deadlines.last_seen_at < SEEN_EVERY
        })
    }

    /// To be asked before a lookup whose result is to be kept.
    pub(crate) fn before(&self) -> Before {
        Before(self.forgotten.load(Ordering::Acquire))
    }

    /// Keeps what was looked up, unless something was forgotten since: it might have been this.
    pub(crate) fn keep(&self, before: Before, live: Arc<Live>) {
        if !self.hearing.is_hearing() || self.changed_since(before) {
            return;
        }
        let hash = live.actor.session.token_hash;
        self.entries.insert(hash, live);
        if self.changed_since(before) {
            self.entries.invalidate(&hash);
        }
    }

    fn changed_since(&self, before: Before) -> bool {
        self.forgotten.load(Ordering::Acquire) != before.0
    }

    /// Forgets one session.
    pub(crate) fn forget(&self, hash: &TokenHash) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.entries.invalidate(hash);
    }

    /// Forgets the sessions of a tenant.
    pub(crate) fn forget_tenant(&self, tenant: TenantId) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        let of_tenant = move |_: &TokenHash, live: &Arc<Live>| live.actor.tenant_id == tenant;
        // It fails only without `support_invalidation_closures`, which `new` asks for.
        if self.entries.invalidate_entries_if(of_tenant).is_err() {
            self.forget_all();
        }
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.entries.invalidate_all();
    }
}
