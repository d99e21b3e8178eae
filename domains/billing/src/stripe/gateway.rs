//! Requests to Stripe through async-stripe. The API version is the one that crate pins.

use std::{collections::HashMap, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use bk_kernel::{Money, PurchaseId};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, ProductData, RetrieveCheckoutSession,
};
use stripe_core::payment_intent::RetrievePaymentIntent;
use stripe_shared::{
    CheckoutSession, CheckoutSessionMode, CheckoutSessionPaymentStatus, CheckoutSessionStatus,
    PaymentIntent, PaymentIntentStatus as StripeIntentStatus,
};
use thiserror::Error;

use super::{
    Metadata, PaymentIntentSnapshot, PaymentIntentStatus, PaymentStatus, SessionSnapshot,
    SessionStatus,
};
use crate::stripe_settings::{StripeConfigError, StripeSettings};

/// Most repetitions of a request that opens a session.
const MAX_RETRIES: usize = 3;
/// How long opening a session may take with all its repetitions: a customer is waiting.
const OPEN_TIMEOUT: Duration = Duration::from_secs(20);

/// Sends requests to one Stripe account. Cheap to clone.
#[derive(Clone)]
pub(crate) struct StripeGateway {
    client: Client,
}

/// Why Stripe gave no usable answer. No variant carries Stripe's own text, because it repeats values of
/// the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum GatewayError {
    /// Stripe did not answer in time, or asks to be asked again later.
    #[error("stripe is not available")]
    Transient,
    /// The object does not exist (any more).
    #[error("stripe does not know the object")]
    NotFound,
    /// Stripe refuses the request, and will refuse it again.
    #[error("stripe refused with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The answer has another shape than this version expects.
    #[error("stripe's answer could not be read")]
    Unreadable,
    /// The request could not be built, which is a defect of ours.
    #[error("the request to stripe could not be built")]
    Unsendable,
}

/// A payment page to open. Equal values always make equal requests, because Stripe compares a repeated
/// request with the first one.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub(crate) metadata: Metadata,
    /// The line on the payment page.
    pub(crate) title: String,
    pub(crate) price: Money,
    pub(crate) email: Option<String>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// A payment page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenedSession {
    pub(crate) id: String,
    pub(crate) url: String,
}

impl StripeGateway {
    /// Builds the HTTP client. Fails with [`StripeConfigError`] when the key or the base address
    /// cannot be used.
    pub(crate) fn new(settings: &StripeSettings) -> Result<Self, StripeConfigError> {
        let key = settings.secret_key.expose_secret();
        if key.trim().is_empty() {
            return Err(StripeConfigError::SecretKey);
        }
        #[expect(clippy::disallowed_methods, reason = "the gateway's own client, with its limit")]
        let mut builder = ClientBuilder::new(key).timeout(settings.timeout);
        if let Some(base) = &settings.api_base {
            if !(base.starts_with("http://") || base.starts_with("https://")) {
                return Err(StripeConfigError::ApiBase);
            }
            builder = builder.url(format!("{}/", base.trim_end_matches('/')));
        }
        let client = builder.build().map_err(|error| match error {
            StripeError::ConfigError(_) => StripeConfigError::ApiBase,
            _ => StripeConfigError::SecretKey,
        })?;
        Ok(Self { client })
    }

    /// Opens a payment page. The purchase's id is the idempotency key, so a request repeated after
    /// a lost reply returns the page that was opened first.
    ///
    /// Fails with [`GatewayError`] when Stripe refuses, or is still not available after a few
    /// repetitions.
    pub(crate) async fn open_session(
        &self,
        new: &NewSession,
    ) -> Result<OpenedSession, GatewayError> {
        let request = create_request(new);
        // async-stripe's own retrying strategies invent a key per call: a crash between two calls
        // would then open two pages.
        let key = IdempotencyKey::new(format!("purchase-{}", new.metadata.purchase_id))
            .map_err(|_| GatewayError::Unsendable)?;
        let attempt = || async {
            let strategy = RequestStrategy::Idempotent(key.clone());
            let session = request.customize().request_strategy(strategy).send(&self.client).await?;
            let url = session.url.ok_or(GatewayError::Unreadable)?;
            Ok(OpenedSession { id: session.id.to_string(), url })
        };
        let backoff = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_times(MAX_RETRIES)
            .with_jitter();
        let retried = attempt.retry(backoff).when(|error: &GatewayError| error.is_transient());
        tokio::time::timeout(OPEN_TIMEOUT, retried).await.unwrap_or(Err(GatewayError::Transient))
    }

    /// Returns the session as it is now, with its payment intent. Fails with [`GatewayError`]
    /// when Stripe does not know it or gives no usable answer.
    pub(crate) async fn session(&self, id: &str) -> Result<SessionSnapshot, GatewayError> {
        let request = RetrieveCheckoutSession::new(id).expand(["payment_intent".to_owned()]);
        Ok(session_snapshot(request.send(&self.client).await?))
    }

    /// Returns the payment intent as it is now. Fails with [`GatewayError`] when Stripe does not
    /// know it or gives no usable answer.
    pub(crate) async fn payment_intent(
        &self,
        id: &str,
    ) -> Result<PaymentIntentSnapshot, GatewayError> {
        Ok(intent_snapshot(&RetrievePaymentIntent::new(id).send(&self.client).await?))
    }
}

impl GatewayError {
    /// Whether the same request may succeed at once. An unreadable answer counts: what stands
    /// between us and Stripe answers in HTML when it is overloaded.
    const fn is_transient(self) -> bool {
        matches!(self, Self::Transient | Self::Unreadable)
    }
}

impl From<StripeError> for GatewayError {
    fn from(error: StripeError) -> Self {
        match error {
            StripeError::Stripe(_, 404) => Self::NotFound,
            // 409: the same key is in use right now; 424: a service behind Stripe failed.
            StripeError::Stripe(_, 409 | 424 | 429 | 500..=599)
            | StripeError::ClientError(_)
            | StripeError::Timeout => Self::Transient,
            StripeError::Stripe(_, status) => Self::Refused { status },
            StripeError::JSONDeserialize(_) => Self::Unreadable,
            StripeError::ConfigError(_) => Self::Unsendable,
        }
    }
}

fn create_request(new: &NewSession) -> CreateCheckoutSession {
    let metadata = HashMap::from([
        (Metadata::TENANT_ID.to_owned(), new.metadata.tenant_id.to_string()),
        (Metadata::PURCHASE_ID.to_owned(), new.metadata.purchase_id.to_string()),
    ]);
    let Ok(currency) = new.price.currency.as_str().to_ascii_lowercase().parse();
    let mut item = CreateCheckoutSessionLineItems::new();
    item.quantity = Some(1);
    item.price_data = Some(CreateCheckoutSessionLineItemsPriceData {
        currency,
        product: None,
        product_data: Some(ProductData::new(new.title.clone())),
        recurring: None,
        tax_behavior: None,
        unit_amount: Some(new.price.amount_minor),
        unit_amount_decimal: None,
    });
    let mut payment = CreateCheckoutSessionPaymentIntentData::new();
    payment.metadata = Some(metadata.clone());
    let request = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .line_items(vec![item])
        .client_reference_id(new.metadata.purchase_id.to_string())
        .metadata(metadata)
        .payment_intent_data(payment)
        .success_url(new.success_url.as_str())
        .cancel_url(new.cancel_url.as_str())
        .expires_at(new.expires_at.timestamp());
    match &new.email {
        Some(email) => request.customer_email(email.as_str()),
        None => request,
    }
}

fn session_snapshot(session: CheckoutSession) -> SessionSnapshot {
    SessionSnapshot {
        id: session.id.to_string(),
        status: match session.status {
            Some(CheckoutSessionStatus::Open) => SessionStatus::Open,
            Some(CheckoutSessionStatus::Complete) => SessionStatus::Complete,
            Some(CheckoutSessionStatus::Expired) => SessionStatus::Expired,
            Some(_) | None => SessionStatus::Unknown,
        },
        payment_status: match session.payment_status {
            CheckoutSessionPaymentStatus::Paid => PaymentStatus::Paid,
            CheckoutSessionPaymentStatus::Unpaid => PaymentStatus::Unpaid,
            CheckoutSessionPaymentStatus::NoPaymentRequired => PaymentStatus::NotRequired,
            _ => PaymentStatus::Unknown,
        },
        amount_minor: session.amount_total,
        currency: session.currency.map(|code| code.to_string().to_ascii_uppercase()),
        payment_intent: session.payment_intent.map(|intent| match intent.as_object() {
            Some(intent) => intent_snapshot(intent),
            // Stripe did not expand it: only its id is known.
            None => PaymentIntentSnapshot {
                id: intent.id().to_string(),
                status: PaymentIntentStatus::Pending,
                metadata: None,
            },
        }),
        livemode: session.livemode,
        metadata: session.metadata.as_ref().and_then(our_metadata),
        reference: session.client_reference_id.and_then(|id| id.parse::<PurchaseId>().ok()),
    }
}

fn intent_snapshot(intent: &PaymentIntent) -> PaymentIntentSnapshot {
    PaymentIntentSnapshot {
        id: intent.id.to_string(),
        status: match intent.status {
            StripeIntentStatus::Succeeded => PaymentIntentStatus::Succeeded,
            StripeIntentStatus::Canceled | StripeIntentStatus::RequiresPaymentMethod => {
                PaymentIntentStatus::Failed
            }
            _ => PaymentIntentStatus::Pending,
        },
        metadata: our_metadata(&intent.metadata),
    }
}

fn our_metadata(metadata: &HashMap<String, String>) -> Option<Metadata> {
    Some(Metadata {
        tenant_id: metadata.get(Metadata::TENANT_ID)?.parse().ok()?,
        purchase_id: metadata.get(Metadata::PURCHASE_ID)?.parse().ok()?,
    })
}
