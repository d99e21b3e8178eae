//! Counters in the memory of this process: for development, tests and single instances.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use governor::{
    DefaultKeyedRateLimiter, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::{StateInformationMiddleware, StateSnapshot},
    state::keyed::DefaultKeyedStateStore,
};

use super::{Decision, Quota, RateKey, RateStore, RateStoreError};

type Limiter =
    RateLimiter<RateKey, DefaultKeyedStateStore<RateKey>, DefaultClock, StateInformationMiddleware>;

/// Checks after which the number of keys is looked at again.
const SWEEP_INTERVAL_CHECKS: u32 = 4_096;
/// Keys of one quota beyond which those with a full quota are dropped. Beyond twice as many, requests
/// are refused so that memory is not used up.
const SWEEP_THRESHOLD_KEYS: usize = 200_000;

/// A sharded in-process store with bounded memory.
#[derive(Default)]
pub struct MemoryStore {
    limiters: RwLock<HashMap<Quota, Arc<Limiter>>>,
    checks: AtomicU32,
    clock: DefaultClock,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn limiter(&self, quota: Quota) -> Result<Arc<Limiter>, RateStoreError> {
        if let Some(limiter) =
            self.limiters.read().unwrap_or_else(PoisonError::into_inner).get(&quota)
        {
            return Ok(Arc::clone(limiter));
        }
        let burst = NonZeroU32::new(quota.burst);
        let governed = governor::Quota::with_period(quota.interval())
            .zip(burst)
            .map(|(paced, burst)| paced.allow_burst(burst))
            .ok_or_else(|| RateStoreError("the quota is zero".into()))?;
        let limiter = DefaultKeyedRateLimiter::keyed(governed)
            .with_middleware::<StateInformationMiddleware>();
        let mut limiters = self.limiters.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(limiters.entry(quota).or_insert_with(|| Arc::new(limiter))))
    }

    fn sweep_if_due(&self, limiter: &Limiter) -> Result<(), RateStoreError> {
        if !self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_INTERVAL_CHECKS)
            || limiter.len() < SWEEP_THRESHOLD_KEYS
        {
            return Ok(());
        }
        limiter.retain_recent();
        limiter.shrink_to_fit();
        if limiter.len() > 2 * SWEEP_THRESHOLD_KEYS {
            return Err(RateStoreError("too many callers to count".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl RateStore for MemoryStore {
    async fn check(
        &self,
        key: RateKey,
        quota: Quota,
        cost: u32,
    ) -> Result<Decision, RateStoreError> {
        let limiter = self.limiter(quota)?;
        self.sweep_if_due(&limiter)?;
        let cost = NonZeroU32::new(cost).unwrap_or(NonZeroU32::MIN);
        let refused = |retry_after| Decision {
            allowed: false,
            remaining: 0,
            reset_after: quota.interval() * quota.burst,
            retry_after,
        };
        Ok(match limiter.check_key_n(&key, cost) {
            Ok(Ok(snapshot)) => allowed(&snapshot, quota),
            Ok(Err(not_until)) => refused(not_until.wait_time_from(self.clock.now())),
            // The cost is more than the quota ever holds.
            Err(_) => refused(quota.interval() * quota.burst),
        })
    }
}

fn allowed(snapshot: &StateSnapshot, quota: Quota) -> Decision {
    let remaining = snapshot.remaining_burst_capacity();
    Decision {
        allowed: true,
        remaining,
        reset_after: quota.interval() * quota.burst.saturating_sub(remaining),
        retry_after: Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use bk_kernel::UserId;

    use super::*;
    use crate::RateClass;

    #[tokio::test]
    async fn a_quota_admits_its_burst_and_says_when_to_come_back() {
        let store = MemoryStore::new();
        let quota = Quota { burst: 2, window_secs: 3_600 };
        let key = RateKey::Actor(RateClass::Write, UserId::new());
        let first = store.check(key, quota, 1).await.unwrap();
        assert!(first.allowed && first.remaining == 1, "{first:?}");
        assert!(store.check(key, quota, 1).await.unwrap().allowed);
        let third = store.check(key, quota, 1).await.unwrap();
        assert!(!third.allowed);
        assert!(third.retry_after > Duration::from_secs(1_700), "{third:?}");
        assert!(third.retry_after <= Duration::from_mins(30), "{third:?}");
    }

    #[tokio::test]
    async fn one_key_does_not_use_up_anothers_quota() {
        let store = MemoryStore::new();
        let quota = Quota { burst: 1, window_secs: 3_600 };
        for _ in 0..3 {
            let key = RateKey::Actor(RateClass::Write, UserId::new());
            assert!(store.check(key, quota, 1).await.unwrap().allowed);
        }
    }
}
