//! Rate limits (docs/controls.md, AB-1): how often a route class may be called by one address and by one
//! actor, and the port to the store of the counters.
//!
//! Limits follow the generic cell rate algorithm: a quota of `burst` requests that refills evenly
//! over `window_secs`. A store that cannot answer refuses; it never allows.

mod memory;
mod redis;

use std::{fmt, net::IpAddr, time::Duration};

use async_trait::async_trait;
use bk_kernel::UserId;

pub use self::{memory::MemoryStore, redis::RedisStore};
use crate::RateClass;

/// At most `burst` requests at once, refilled evenly over `window_secs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quota {
    /// How many requests may come at once; at least 1.
    pub burst: u32,
    /// Seconds in which a used-up quota is full again; at least 1.
    pub window_secs: u32,
}

impl Quota {
    /// A quota of so many requests a minute.
    #[must_use]
    pub const fn per_minute(burst: u32) -> Self {
        Self { burst, window_secs: 60 }
    }

    fn times(self, factor: u32) -> Self {
        Self { burst: self.burst.saturating_mul(factor).max(1), ..self }
    }

    /// After how long one used-up request is available again.
    fn interval(self) -> Duration {
        Duration::from_secs(u64::from(self.window_secs.max(1))) / self.burst.max(1)
    }
}

/// The quotas of one rate class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassLimits {
    /// The quota of one address (an IPv6 /64 counts as one).
    pub by_ip: Option<Quota>,
    /// The quota of one actor.
    pub by_actor: Option<Quota>,
}

/// The quotas of every rate class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits {
    /// Logins and other places where secrets can be guessed.
    pub login: ClassLimits,
    /// Anonymous routes.
    pub public: ClassLimits,
    /// Routes that read.
    pub read: ClassLimits,
    /// Routes that change something.
    pub write: ClassLimits,
    /// Imports, exports, heavy work.
    pub heavy: ClassLimits,
    /// Deliveries of the payment provider.
    pub webhook: ClassLimits,
    enabled: bool,
}

const fn limits(by_ip: u32, by_actor: Option<u32>) -> ClassLimits {
    let by_actor = match by_actor {
        Some(burst) => Some(Quota::per_minute(burst)),
        None => None,
    };
    ClassLimits { by_ip: Some(Quota::per_minute(by_ip)), by_actor }
}

impl RateLimits {
    /// The limits of production. Addresses get more than actors: an office shares one address.
    #[must_use]
    pub const fn production() -> Self {
        Self {
            login: limits(10, Some(10)),
            public: limits(60, None),
            read: limits(1_200, Some(600)),
            write: limits(300, Some(120)),
            heavy: limits(30, Some(10)),
            webhook: limits(1_200, None),
            enabled: true,
        }
    }

    /// No limits at all: for tests of other things, and benchmarks.
    #[must_use]
    pub const fn unlimited() -> Self {
        let mut limits = Self::production();
        limits.enabled = false;
        limits
    }

    /// All quotas multiplied, for test suites that come from one address.
    #[must_use]
    pub fn times(mut self, factor: u32) -> Self {
        for class in [
            &mut self.login,
            &mut self.public,
            &mut self.read,
            &mut self.write,
            &mut self.heavy,
            &mut self.webhook,
        ] {
            class.by_ip = class.by_ip.map(|quota| quota.times(factor));
            class.by_actor = class.by_actor.map(|quota| quota.times(factor));
        }
        self
    }

    /// The quotas of a class; none where it is not limited.
    #[must_use]
    pub const fn of(&self, class: RateClass) -> ClassLimits {
        if !self.enabled {
            return ClassLimits { by_ip: None, by_actor: None };
        }
        match class {
            RateClass::Login => self.login,
            RateClass::Public => self.public,
            RateClass::Read => self.read,
            RateClass::Write => self.write,
            RateClass::Heavy => self.heavy,
            RateClass::Webhook => self.webhook,
            RateClass::Free => ClassLimits { by_ip: None, by_actor: None },
        }
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self::production()
    }
}

/// The key under which requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// One address in one class.
    Ip(RateClass, IpAddr),
    /// One actor in one class.
    Actor(RateClass, UserId),
}

impl RateKey {
    /// The key of an address; IPv6 addresses of one /64 belong to one subscriber.
    #[must_use]
    pub fn ip(class: RateClass, ip: IpAddr) -> Self {
        let ip = match ip.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::from([a, b, c, d, 0, 0, 0, 0])
            }
            v4 @ IpAddr::V4(_) => v4,
        };
        Self::Ip(class, ip)
    }
}

impl fmt::Display for RateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(class, ip) => write!(f, "{}:ip:{ip}", class.as_str()),
            Self::Actor(class, user) => write!(f, "{}:actor:{user}", class.as_str()),
        }
    }
}

/// What a store decides about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may go on.
    pub allowed: bool,
    /// Requests that are left now.
    pub remaining: u32,
    /// After how long the quota is full again.
    pub reset_after: Duration,
    /// After how long a refused request would be allowed; zero when it was allowed.
    pub retry_after: Duration,
}

/// The counters cannot be read, so the request is refused.
#[derive(Debug, thiserror::Error)]
#[error("the rate-limit store does not answer")]
pub struct RateStoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where rate-limit counters are kept.
#[async_trait]
pub trait RateStore: Send + Sync {
    /// Counts `cost` requests of `key` against `quota`, unless that exceeds it.
    ///
    /// Fails when the counters cannot be read.
    async fn check(
        &self,
        key: RateKey,
        quota: Quota,
        cost: u32,
    ) -> Result<Decision, RateStoreError>;
}

/// Whole seconds, rounded up: a caller that waits this long is not early.
pub(crate) fn whole_secs(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_subscriber_share_a_key() {
        let key = |ip: &str| RateKey::ip(RateClass::Read, ip.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }

    #[test]
    fn unlimited_means_no_quota_at_all() {
        let limits = RateLimits::unlimited().of(RateClass::Login);
        assert_eq!((limits.by_ip, limits.by_actor), (None, None));
        let login = RateLimits::production().times(3).of(RateClass::Login);
        assert_eq!(login.by_ip, Some(Quota::per_minute(30)));
    }
}
