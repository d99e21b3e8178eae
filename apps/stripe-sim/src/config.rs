//! What a simulator is started with, and the ways starting or driving it can fail.
//!
//! Owns configuration types only; it refuses to know how anything is served or stored.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::api::ApiError;

/// The version every object and event is rendered at, whatever version a request names.
pub const API_VERSION: &str = "2026-09-30.endive";

/// A clock handed in by the host, for hosts whose own clock can be moved. It is read while the state is
/// locked, so it must not call back into the simulator.
pub type NowFn = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Everything a simulator needs to start.
#[derive(Clone)]
pub struct SimConfig {
    /// Where to listen; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The address people's browsers reach the simulator at, without a trailing slash, when it differs
    /// from the listening address. Checkout URLs start with it.
    pub public_base: Option<String>,
    /// Where events go. Without one they are recorded and can be listed, but never sent.
    pub webhook: Option<WebhookTarget>,
    /// How untidily events are sent.
    pub chaos: Chaos,
    /// How failed deliveries are repeated.
    pub retry: RetryPolicy,
    /// The clock for object times, session expiry and webhook signatures; the machine's when absent.
    pub now: Option<NowFn>,
    /// Signs webhooks with the machine's clock even when `now` is given, for receivers that verify
    /// signatures against real time while the rest of the product lives at a moved time.
    pub sign_with_machine_clock: bool,
    /// Keeps everything in this JSON file across restarts; in memory only when absent.
    pub state_file: Option<PathBuf>,
    /// How long every API request takes before it is carried out. Zero by default; a longer one makes
    /// concurrent use of one idempotency key observable.
    pub latency: Duration,
    /// The name of the seller on the checkout page.
    pub merchant: String,
}

impl SimConfig {
    /// A simulator on `listen` with no webhook, default chaos, the machine's clock and no state file.
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
            .field("now", &self.now.as_ref().map(|_| "given"))
            .field("sign_with_machine_clock", &self.sign_with_machine_clock)
            .field("state_file", &self.state_file)
            .field("latency", &self.latency)
            .field("merchant", &self.merchant)
            .finish()
    }
}

/// The one endpoint that receives every event.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookTarget {
    /// A plain `http://` address; the simulator carries no TLS client.
    pub url: String,
    /// The signing secret, `whsec_…`.
    pub secret: String,
}

impl WebhookTarget {
    /// Refuses what could never be delivered or verified, so that it fails at start and not at the
    /// first payment.
    pub(crate) fn check(&self) -> Result<(), SimError> {
        let plain_http = reqwest::Url::parse(&self.url)
            .is_ok_and(|url| url.scheme() == "http" && url.host_str().is_some());
        if !plain_http {
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

/// How untidily events are sent. Stripe promises delivery at least once and in no particular order; a
/// receiver that is only ever served tidily in development breaks in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chaos {
    /// Sends at least one event of every batch twice.
    pub duplicate: bool,
    /// Sends a batch of two or more events in another order than they happened in.
    pub shuffle: bool,
    /// The same seed and the same sequence of batches give the same disorder.
    pub seed: u64,
}

impl Chaos {
    /// Every event once, in order.
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

/// How deliveries that were not answered with 2xx are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The pause before the second attempt; every later pause is twice the one before.
    pub first_delay: Duration,
    /// No pause is longer.
    pub max_delay: Duration,
    /// After this many failed attempts the event is given up.
    pub max_attempts: u32,
}

impl RetryPolicy {
    /// The pause after `failed` attempts, or nothing when the event is to be given up.
    pub(crate) fn delay_after(&self, failed: u32) -> Option<Duration> {
        if failed == 0 || failed >= self.max_attempts {
            return None;
        }
        let factor = 1_u32.checked_shl(failed - 1).unwrap_or(u32::MAX);
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

/// Why a simulator could not be started or driven.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The server's thread or HTTP client could not be created.
    #[error("cannot start the simulator: {0}")]
    Start(String),
    /// The state file exists but is not one of ours; it is left as it is.
    #[error("cannot use the state file {path}: {reason}")]
    State {
        /// The file named in the configuration.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The webhook address is not plain http.
    #[error(
        "the webhook url {0:?} must be a plain http address, such as http://127.0.0.1:8080/webhooks/stripe"
    )]
    WebhookUrl(String),
    /// The signing secret is missing or has the wrong shape.
    #[error("the webhook secret must start with whsec_ and be longer than that")]
    WebhookSecret,
    /// The public address is not an http or https address.
    #[error(
        "the public address {0:?} must be an http or https address, such as http://localhost:12111"
    )]
    PublicBase(String),
    /// Stripe itself would refuse this, for instance paying an expired session.
    #[error("refused: {0}")]
    Refused(ApiError),
    /// No event has this id.
    #[error("no such event: {0}")]
    NoSuchEvent(String),
    /// A delivery was asked for, but no endpoint is configured.
    #[error("no webhook endpoint is configured")]
    NoWebhook,
}
