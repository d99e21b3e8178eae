//! The cache of active sessions: a request whose session is in it costs no database work at all.
//!
//! A session leaves the cache at once when any instance ends it or changes what its tenant's roles
//! permit, and after [`SESSION_CACHE`]'s time to live in any case.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bk_kernel::TenantId;
use bk_persistence::{
    CacheSettings, DbError, InvalidatedCache, TenantTx,
    invalidation::{self, Subscriber},
};
use chrono::{DateTime, Utc};

use super::{session::CachedSession, token::TokenHash};
use crate::Identity;

/// Active sessions by the hash of their token.
pub(crate) type SessionCache = InvalidatedCache<TokenHash, Arc<CachedSession>>;

/// The bounds of the cache: sessions of about 1 KiB each, and how long a lost notice could matter.
pub(crate) const SESSION_CACHE: CacheSettings =
    CacheSettings { max_entries: 100_000, time_to_live: Some(Duration::from_secs(30)) };

/// The topic of notices that one session ended or changed. The key is the hash of its token.
const SESSION_TOPIC: &str = "session";

/// The topic of notices that all sessions of a tenant changed. The key is the tenant.
const TENANT_SESSIONS_TOPIC: &str = "tenant_sessions";

/// Sessions that a transaction ended or changed: to be given to [`forget`] once it has committed.
#[derive(Debug, Default)]
#[must_use = "this instance forgets them after the commit"]
pub(crate) struct ChangedSessions(Vec<TokenHash>);

impl ChangedSessions {
    /// Adds those of another change in the same transaction.
    pub(super) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether no session was changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns the session with this hash, if it is cached, has not passed its deadlines, and need not
/// be written as seen.
pub(super) fn find(
    cache: &SessionCache,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Option<Arc<CachedSession>> {
    cache.get(hash).filter(|session| {
        !session.deadlines.have_passed(session.surface, now) && !session.deadlines.is_outdated(now)
    })
}

/// Publishes to every instance, at commit, that these sessions ended or changed.
pub(super) async fn publish_changes(
    tx: &TenantTx,
    hashes: Vec<TokenHash>,
) -> Result<ChangedSessions, DbError> {
    for hash in &hashes {
        invalidation::notify(tx, SESSION_TOPIC, &URL_SAFE_NO_PAD.encode(hash)).await?;
    }
    Ok(ChangedSessions(hashes))
}

/// Publishes to every instance, at commit, that all sessions of the transaction's tenant are to be
/// looked up again.
pub(crate) async fn publish_tenant_change(tx: &TenantTx) -> Result<(), DbError> {
    invalidation::notify(tx, TENANT_SESSIONS_TOPIC, &tx.tenant_id().to_string()).await
}

/// Forgets, in this process and without waiting for the notice, what a committed transaction ended
/// or changed.
pub(crate) fn forget(identity: &Identity, changed: &ChangedSessions) {
    for hash in &changed.0 {
        identity.cache().invalidate(hash);
    }
}

/// What the listener does with notices of sessions.
pub(crate) fn invalidations(cache: &SessionCache) -> Vec<(&'static str, Subscriber)> {
    let of_tenant = cache.clone();
    let forget_tenant = move |key: &str| match key.parse::<TenantId>() {
        Ok(tenant) => of_tenant.invalidate_if(move |_, session| session.actor.tenant_id == tenant),
        Err(_) => of_tenant.invalidate_all(),
    };
    vec![
        (SESSION_TOPIC, cache.subscriber(hash_of_key)),
        (TENANT_SESSIONS_TOPIC, Arc::new(forget_tenant)),
    ]
}

fn hash_of_key(key: &str) -> Option<TokenHash> {
    URL_SAFE_NO_PAD.decode(key).ok()?.try_into().ok()
}
