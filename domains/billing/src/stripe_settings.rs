//! The deployment's settings for Stripe.

use std::time::Duration;

use secrecy::SecretString;
use thiserror::Error;

/// How the deployment speaks to Stripe. Secrets are not printed.
#[derive(Debug, Clone)]
pub struct StripeSettings {
    /// The secret API key.
    pub secret_key: SecretString,
    /// Another base address than Stripe's, for the simulator: `http://127.0.0.1:12111`.
    pub api_base: Option<String>,
    /// How long one attempt of one request may take.
    pub timeout: Duration,
    /// The signing secrets of the webhook endpoint; two while one is being replaced.
    pub webhook_secrets: Vec<SecretString>,
    /// Whether real money moves. Events and sessions of the other mode are held for review.
    pub livemode: bool,
}

impl StripeSettings {
    /// The usual [`Self::timeout`].
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
}

/// Why the settings were refused; the start stops here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StripeConfigError {
    /// There is no signing secret, or one is empty: anybody could report a payment.
    #[error("at least one webhook signing secret is needed, and none may be empty")]
    WebhookSecret,
    /// The secret key is empty, or holds characters that no header can carry.
    #[error("the Stripe secret key is empty or not a key")]
    SecretKey,
    /// The base address is not an HTTP or HTTPS address.
    #[error("the Stripe base address is not an http or https address")]
    ApiBase,
}
