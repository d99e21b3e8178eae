//! Slowing down whoever guesses passwords (control AB-5): per address and per network, progressive,
//! self-expiring, shared by all instances, the same for addresses and tenants that do not exist.
//!
//! Failures are counted when their answer is known, under a lock on the counter, and the lock is
//! asked again before any success: a thousand guesses sent at once learn no more than five sent one
//! after the other, while many right logins at once all succeed.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// Failures for one address before the first wait.
const ADDRESS_FAILURES: i32 = 5;

/// Failures from one network before the first wait: an office or a mobile carrier shares one.
const NETWORK_FAILURES: i32 = 50;

/// The first wait; it doubles with each further failure.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);

/// The longest wait, and how long without a failure after it until all is forgotten.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);

/// A counter: the hash of what is counted, never the thing itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    /// SHA-256.
    pub(crate) key: [u8; 32],
    /// Failures before the first wait.
    allowed: i32,
}

/// What is stored for a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Until when everything is refused, if anything is.
    pub(crate) blocked_until: Option<DateTime<Utc>>,
    /// From when on it all means nothing.
    pub(crate) forgotten_at: DateTime<Utc>,
}

/// Refused because of earlier failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// Seconds until the next attempt is looked at; at least one.
    pub(crate) retry_after_secs: u64,
}

impl Subject {
    /// The counters of one attempt, in the order in which they are locked.
    pub(crate) fn of(slug: &str, email: &str, ip: IpAddr) -> [Self; 2] {
        [
            Self { key: digest(&["address", slug, email]), allowed: ADDRESS_FAILURES },
            Self { key: digest(&["network", &network(ip)]), allowed: NETWORK_FAILURES },
        ]
    }

    /// What to store after the `failures`-th failure.
    pub(crate) fn after(&self, failures: i32, now: DateTime<Utc>) -> Waiting {
        let blocked_until = wait(failures - self.allowed).map(|wait| now + wait);
        Waiting { blocked_until, forgotten_at: blocked_until.unwrap_or(now) + LONGEST_WAIT }
    }
}

impl Waiting {
    /// Whether an attempt at `now` is refused.
    pub(crate) fn check(&self, now: DateTime<Utc>) -> Result<(), Throttled> {
        match self.blocked_until {
            Some(until) if now < until => {
                let millis = (until - now).num_milliseconds().max(0).unsigned_abs();
                Err(Throttled { retry_after_secs: millis.div_ceil(1_000).max(1) })
            }
            _ => Ok(()),
        }
    }
}

/// The wait after `over` failures more than are free: 30 s, 1 min, 2 min … 15 min.
fn wait(over: i32) -> Option<TimeDelta> {
    let doublings = u32::try_from(over).ok()?.min(10);
    Some((FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT))
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// An IPv4 address, or the /64 that one IPv6 subscriber has (RFC 6177).
fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(ip: &str) -> [Subject; 2] {
        Subject::of("greenfork", "ada@example.test", ip.parse().unwrap())
    }

    #[test]
    fn the_fifth_failure_starts_a_wait_that_doubles_up_to_fifteen_minutes() {
        let now = "2026-11-27T02:00:00Z".parse().unwrap();
        let [address, _] = subjects("192.0.2.1");
        let waits: Vec<i64> = (1..=11)
            .map(|n| address.after(n, now).blocked_until.map_or(0, |t| (t - now).num_seconds()))
            .collect();
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
        let fifth = address.after(5, now);
        assert_eq!(fifth.check(now), Err(Throttled { retry_after_secs: 30 }));
        assert_eq!(fifth.check(now + TimeDelta::seconds(30)), Ok(()));
        assert_eq!(fifth.forgotten_at, now + TimeDelta::seconds(30) + LONGEST_WAIT);
    }

    #[test]
    fn a_network_is_an_ipv4_address_or_an_ipv6_64() {
        assert_eq!(subjects("2001:db8:1:2::1")[1], subjects("2001:db8:1:2:ffff::9")[1]);
        assert_ne!(subjects("2001:db8:1:2::1")[1], subjects("2001:db8:1:3::1")[1]);
        assert_eq!(subjects("::ffff:192.0.2.1")[1], subjects("192.0.2.1")[1]);
        assert_ne!(subjects("192.0.2.1")[1], subjects("192.0.2.2")[1]);
    }
}
