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
    PaymentIntent, PaymentIntentStatus,
};
use thiserror::Error;

use super::{
    IntentSeen, IntentStatus, Labels, PaymentStatus, SessionSeen, SessionStatus, StripeConfigError,
    StripeSettings,
};

/// Repetitions of a request that opens a session.
const RETRIES: usize = 3;
/// How long opening a session may take with all its repetitions; a customer is waiting.
const OPEN_WITHIN: Duration = Duration::from_secs(20);

/// Speaks to one Stripe account. Cheap to clone.
#[derive(Clone)]
pub(crate) struct StripeGateway {
    client: Client,
}

/// Why Stripe gave no answer. No variant carries what Stripe said: it repeats values of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum GatewayError {
    /// No answer in time, or one that says "later".
    #[error("stripe is not available")]
    Transient,
    /// The object does not exist (any more).
    #[error("stripe does not know the object")]
    NotFound,
    /// Stripe will not do this, however often it is asked.
    #[error("stripe refused with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The answer has another shape than this version expects.
    #[error("stripe's answer could not be read")]
    Unreadable,
    /// The request could not be made at all: a defect.
    #[error("the request to stripe could not be built")]
    Unsendable,
}

/// A payment page to be opened. The same values always make the same request, because Stripe
/// compares a repeated one with the first.
#[derive(Debug, Clone)]
pub(crate) struct NewSession {
    pub(crate) labels: Labels,
    /// What the customer reads.
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
    pub(crate) fn new(settings: &StripeSettings) -> Result<Self, StripeConfigError> {
        let key = settings.secret_key.expose_secret();
        if key.trim().is_empty() {
            return Err(StripeConfigError::SecretKey);
        }
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

    /// Opens a payment page. Repeated with the same idempotency key it answers the same page, so
    /// a lost reply opens no second one; what may pass is tried again for a while.
    pub(crate) async fn open_session(
        &self,
        new: &NewSession,
    ) -> Result<OpenedSession, GatewayError> {
        let request = create_request(new);
        // async-stripe's own retrying strategies invent a key per call: a crash between two calls
        // would then open two pages.
        let key = IdempotencyKey::new(format!("purchase-{}", new.labels.purchase))
            .map_err(|_| GatewayError::Unsendable)?;
        let attempt = || async {
            let strategy = RequestStrategy::Idempotent(key.clone());
            let session = request.customize().request_strategy(strategy).send(&self.client).await?;
            let url = session.url.ok_or(GatewayError::Unreadable)?;
            Ok(OpenedSession { id: session.id.to_string(), url })
        };
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_times(RETRIES)
            .with_jitter();
        let retried = attempt.retry(pauses).when(|error: &GatewayError| error.is_transient());
        tokio::time::timeout(OPEN_WITHIN, retried).await.unwrap_or(Err(GatewayError::Transient))
    }

    /// The session as it is now, with its payment intent.
    pub(crate) async fn session(&self, id: &str) -> Result<SessionSeen, GatewayError> {
        let request = RetrieveCheckoutSession::new(id).expand(["payment_intent".to_owned()]);
        Ok(seen_session(request.send(&self.client).await?))
    }

    /// The payment intent as it is now.
    pub(crate) async fn payment_intent(&self, id: &str) -> Result<IntentSeen, GatewayError> {
        Ok(seen_intent(&RetrievePaymentIntent::new(id).send(&self.client).await?))
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
        (Labels::TENANT.to_owned(), new.labels.tenant.to_string()),
        (Labels::PURCHASE.to_owned(), new.labels.purchase.to_string()),
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
        .client_reference_id(new.labels.purchase.to_string())
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

fn seen_session(session: CheckoutSession) -> SessionSeen {
    SessionSeen {
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
            Some(intent) => seen_intent(intent),
            // Not expanded: no more than its name is known.
            None => IntentSeen {
                id: intent.id().to_string(),
                status: IntentStatus::Pending,
                labels: None,
            },
        }),
        livemode: session.livemode,
        labels: session.metadata.as_ref().and_then(labels),
        reference: session.client_reference_id.and_then(|id| id.parse::<PurchaseId>().ok()),
    }
}

fn seen_intent(intent: &PaymentIntent) -> IntentSeen {
    IntentSeen {
        id: intent.id.to_string(),
        status: match intent.status {
            PaymentIntentStatus::Succeeded => IntentStatus::Succeeded,
            PaymentIntentStatus::Canceled | PaymentIntentStatus::RequiresPaymentMethod => {
                IntentStatus::Refused
            }
            _ => IntentStatus::Pending,
        },
        labels: labels(&intent.metadata),
    }
}

fn labels(metadata: &HashMap<String, String>) -> Option<Labels> {
    Some(Labels {
        tenant: metadata.get(Labels::TENANT)?.parse().ok()?,
        purchase: metadata.get(Labels::PURCHASE)?.parse().ok()?,
    })
}
