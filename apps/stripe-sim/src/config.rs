//! Configuration of a simulator, and the errors of starting and controlling it.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::ApiError;

/// The API version that objects and events are rendered at, whichever version a request asks for.
pub const API_VERSION: &str = "2026-09-30.endive";

/// A clock supplied by a host whose own clock can be moved. It is read while the state is locked, so it must not
/// call the simulator.
pub type NowFn = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Configuration of [`Simulator::start`](crate::Simulator::start).
#[derive(Clone)]
pub struct SimConfig {
    /// Address to listen on; port 0 takes any free port.
    pub listen: SocketAddr,
    /// Base address at which browsers reach the simulator, when it differs from the listening address.
    /// Checkout URLs start with it.
    pub public_base: Option<String>,
    /// Endpoint that events are sent to. Without one they are recorded and can be listed, but are never sent.
    pub webhook: Option<WebhookTarget>,
    /// Repetition and disorder of deliveries.
    pub chaos: Chaos,
    /// Retries of failed deliveries.
    pub retry: RetryPolicy,
    /// Clock for timestamps of objects, expiry of sessions and webhook signatures; the machine's when absent.
    pub now: Option<NowFn>,
    /// Signs webhooks with the machine's clock even when `now` is set, for receivers that verify signatures
    /// against it although their own clock has been moved.
    pub sign_with_machine_clock: bool,
    /// JSON file that keeps the state across restarts; without one it is in memory only.
    pub state_file: Option<PathBuf>,
    /// Delay before every API request is executed, zero by default. A delay lets tests observe two concurrent
    /// requests with the same idempotency key.
    pub latency: Duration,
    /// Name of the seller on the checkout page.
    pub merchant: String,
}

impl SimConfig {
    /// Returns a configuration without webhook endpoint and state file, with default chaos and the machine's clock.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            public_base: None,
            webhook: None,
            chaos: Chaos::default(),
            retry: RetryPolicy::default(),
            now: None,
            sign_with_machine_clock: false,
            state_file: None,
            latency: Duration::ZERO,
            merchant: "Balance Kitchen".to_owned(),
        }
    }
}

impl Default for SimConfig {
    fn default() -> Self {
        Self::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }
}

impl fmt::Debug for SimConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimConfig")
            .field("listen", &self.listen)
            .field("public_base", &self.public_base)
            .field("webhook", &self.webhook)
            .field("chaos", &self.chaos)
            .field("retry", &self.retry)
            .field("now", &self.now.as_ref().map(|_| "set"))
            .field("sign_with_machine_clock", &self.sign_with_machine_clock)
            .field("state_file", &self.state_file)
            .field("latency", &self.latency)
            .field("merchant", &self.merchant)
            .finish()
    }
}

/// The webhook endpoint, which receives every event.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookTarget {
    /// URL with the scheme `http`: events are not sent over TLS.
    pub url: String,
    /// Signing secret, `whsec_…`.
    pub secret: String,
}

impl WebhookTarget {
    /// Fails when events could not be sent to the URL or the secret is not a signing secret, so that a wrong
    /// configuration is reported at start and not at the first payment.
    pub(crate) fn validate(&self) -> Result<(), SimError> {
        let is_http = reqwest::Url::parse(&self.url)
            .is_ok_and(|url| url.scheme() == "http" && url.host_str().is_some());
        if !is_http {
            return Err(SimError::WebhookUrl(self.url.clone()));
        }
        if self.secret.strip_prefix("whsec_").is_none_or(str::is_empty) {
            return Err(SimError::WebhookSecret);
        }
        Ok(())
    }
}

impl fmt::Debug for WebhookTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookTarget").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Repetition and disorder of deliveries. Stripe delivers events at least once and in no particular order; a
/// receiver that gets each event once and in order during development would fail in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chaos {
    /// Sends at least one event of every batch twice. A batch is the events of one request.
    pub duplicate: bool,
    /// Sends the events of a batch in a different order than they happened in.
    pub shuffle: bool,
    /// Seed of the random generator: the same seed and the same batches give the same deliveries.
    pub seed: u64,
}

impl Chaos {
    /// Returns the setting that sends every event once and in order.
    #[must_use]
    pub const fn none() -> Self {
        Self { duplicate: false, shuffle: false, seed: 0 }
    }
}

impl Default for Chaos {
    fn default() -> Self {
        Self { duplicate: true, shuffle: true, seed: 0 }
    }
}

/// Retries of deliveries that the endpoint did not answer with a 2xx status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Delay before the second attempt. Each further delay is twice the previous one.
    pub first_delay: Duration,
    /// Upper bound of the delay.
    pub max_delay: Duration,
    /// Number of failed attempts after which the event is abandoned.
    pub max_attempts: u32,
}

impl RetryPolicy {
    /// Returns the delay after the given number of failed attempts; `None` when the event is to be abandoned.
    pub(crate) fn delay_after(&self, failed_attempts: u32) -> Option<Duration> {
        if failed_attempts == 0 || failed_attempts >= self.max_attempts {
            return None;
        }
        let factor = 1_u32.checked_shl(failed_attempts - 1).unwrap_or(u32::MAX);
        Some(self.first_delay.saturating_mul(factor).min(self.max_delay))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_secs(1),
            max_delay: Duration::from_hours(1),
            max_attempts: 20,
        }
    }
}

/// Why a simulator could not be started or controlled.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address is in use or does not belong to this machine.
    #[error("cannot listen on {address}")]
    Listen {
        /// Address of the configuration.
        address: SocketAddr,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// The server, its thread or the HTTP client for deliveries could not be started.
    #[error("cannot start the simulator: {0}")]
    Start(String),
    /// The state file exists but cannot be read as one. It is left as it is.
    #[error("cannot use the state file {path}: {reason}")]
    State {
        /// Path of the configuration.
        path: PathBuf,
        /// Why the file cannot be used.
        reason: String,
    },
    /// The URL of the webhook endpoint is not a valid `http` URL.
    #[error(
        "the webhook url {0:?} must be a plain http address, such as http://127.0.0.1:8080/webhooks/stripe"
    )]
    WebhookUrl(String),
    /// The signing secret is empty or does not start with `whsec_`.
    #[error("the webhook secret must start with whsec_ and be longer than that")]
    WebhookSecret,
    /// The public base address is not a valid `http` or `https` URL.
    #[error(
        "the public address {0:?} must be an http or https address, such as http://localhost:12111"
    )]
    PublicBase(String),
    /// The state of the session does not allow the action, for instance to pay it after it has expired.
    #[error("rejected: {0}")]
    Rejected(ApiError),
    /// No event has this id.
    #[error("no such event: {0}")]
    NoSuchEvent(String),
    /// An event cannot be delivered because there is no webhook endpoint.
    #[error("no webhook endpoint is configured")]
    NoWebhook,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_maximum_and_end_after_the_last_attempt() {
        let retry = RetryPolicy {
            first_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(5),
            max_attempts: 5,
        };
        let delays: Vec<_> = (1..=5).map(|failed| retry.delay_after(failed)).collect();
        let secs = |n| Some(Duration::from_secs(n));
        assert_eq!(delays, [secs(1), secs(2), secs(4), secs(5), None]);
    }
}
