//! Slows down guessing of passwords (docs/controls.md, AB-5): failed logins are counted per address
//! and per network, waits grow with each failure and expire by themselves, all instances share the
//! counters, and addresses and tenants that do not exist are treated like others.
//!
//! A failure is counted once its answer is known, under a lock on the counter, and the counter is
//! looked at again, locked, before any success. So a thousand guesses sent at once learn no more than
//! five sent one after the other, while many right logins at once all succeed.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// Failed logins with one address before the first wait.
const ADDRESS_FAILURES: i32 = 5;

/// Failed logins from one network before the first wait. An office or a mobile carrier shares one.
const NETWORK_FAILURES: i32 = 50;

/// The first wait; it doubles with each further failure.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);

/// The longest wait; also how long after a wait a counter expires if there is no further failure.
const MAX_WAIT: TimeDelta = TimeDelta::minutes(15);

/// What failed logins are counted for: an address or a network. Only its hash is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The SHA-256 of the address or network.
    pub(crate) key: [u8; 32],
    /// Failures before the first wait.
    allowed_failures: i32,
}

/// What is stored for a subject beside the number of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThrottleState {
    /// Until when every login is refused, if it is.
    pub(crate) blocked_until: Option<DateTime<Utc>>,
    /// When the failures no longer count.
    pub(crate) expires_at: DateTime<Utc>,
}

/// A login is refused because of earlier failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Throttled {
    /// Seconds until the next login is checked; at least one.
    pub(crate) retry_after_secs: u64,
}

impl Subject {
    /// The address and the network of one login, in the order in which their counters are locked.
    pub(crate) fn of_login(slug: &str, email: &str, ip: IpAddr) -> [Self; 2] {
        [
            Self { key: digest(&["address", slug, email]), allowed_failures: ADDRESS_FAILURES },
            Self { key: digest(&["network", &network(ip)]), allowed_failures: NETWORK_FAILURES },
        ]
    }

    /// The state to store after the `failures`-th failure.
    pub(crate) fn state_after(&self, failures: i32, now: DateTime<Utc>) -> ThrottleState {
        let blocked_until = wait_after(failures - self.allowed_failures).map(|wait| now + wait);
        ThrottleState { blocked_until, expires_at: blocked_until.unwrap_or(now) + MAX_WAIT }
    }
}

impl ThrottleState {
    /// Fails with the seconds to wait when a login at `now` is refused.
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

/// The wait after `excess` failures more than are allowed: 30 s, 1 min, 2 min … 15 min.
fn wait_after(excess: i32) -> Option<TimeDelta> {
    let doublings = u32::try_from(excess).ok()?.min(10);
    Some((FIRST_WAIT * 2_i32.pow(doublings)).min(MAX_WAIT))
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// The network of an address: an IPv4 address alone, or the /64 that one IPv6 subscriber has
/// (RFC 6177).
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
        Subject::of_login("greenfork", "ada@example.test", ip.parse().unwrap())
    }

    #[test]
    fn the_fifth_failure_starts_a_wait_that_doubles_up_to_fifteen_minutes() {
        let now = "2026-11-27T02:00:00Z".parse().unwrap();
        let [address, _] = subjects("192.0.2.1");
        let waits: Vec<i64> = (1..=11)
            .map(|n| {
                address.state_after(n, now).blocked_until.map_or(0, |t| (t - now).num_seconds())
            })
            .collect();
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]);
        let fifth = address.state_after(5, now);
        assert_eq!(fifth.check(now), Err(Throttled { retry_after_secs: 30 }));
        assert_eq!(fifth.check(now + TimeDelta::seconds(30)), Ok(()));
        assert_eq!(fifth.expires_at, now + TimeDelta::seconds(30) + MAX_WAIT);
    }

    #[test]
    fn a_network_is_an_ipv4_address_or_an_ipv6_64() {
        assert_eq!(subjects("2001:db8:1:2::1")[1], subjects("2001:db8:1:2:ffff::9")[1]);
        assert_ne!(subjects("2001:db8:1:2::1")[1], subjects("2001:db8:1:3::1")[1]);
        assert_eq!(subjects("::ffff:192.0.2.1")[1], subjects("192.0.2.1")[1]);
        assert_ne!(subjects("192.0.2.1")[1], subjects("192.0.2.2")[1]);
    }
}
