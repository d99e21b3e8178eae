//! Events: what happened, the object as it was then, and how telling the endpoint about it went.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Resource;
use crate::config::API_VERSION;

/// Where an event stands with the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Not to be sent by itself: there was no endpoint, or automatic delivery was off.
    Recorded,
    /// Waiting for its first attempt or for the next one.
    Pending,
    /// Answered with 2xx at least once.
    Delivered,
    /// Given up after the last attempt the retry policy allows.
    Abandoned,
}

impl DeliveryStatus {
    /// The word shown on the index page.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Abandoned => "abandoned",
        }
    }
}

/// What came of sending an event once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The endpoint answered with this HTTP status.
    Answered(u16),
    /// There was no answer: refused, cut off or timed out.
    Unreachable(String),
}

impl AttemptOutcome {
    /// Whether the endpoint took the event: any 2xx.
    #[must_use]
    pub const fn accepted(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

/// One sending of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The simulator's time.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub outcome: AttemptOutcome,
}

/// An event and its deliveries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// `evt_…`
    pub id: String,
    /// Stripe's `type`, such as `checkout.session.completed`.
    pub kind: String,
    /// Unix seconds.
    pub created: i64,
    /// The object as it was when the event happened.
    pub object: Value,
    /// The former values of what changed, for `….updated` events.
    pub previous_attributes: Option<Value>,
    /// The request that caused it; absent for what Stripe does by itself.
    pub request_id: Option<String>,
    /// That request's idempotency key.
    pub idempotency_key: Option<String>,
    /// Where it stands with the endpoint.
    pub status: DeliveryStatus,
    /// Every sending so far, oldest first.
    pub attempts: Vec<Attempt>,
}

impl EventRecord {
    /// Stripe's envelope around the object.
    #[must_use]
    pub fn envelope(&self) -> Value {
        let mut data = json!({"object": self.object});
        if let (Some(fields), Some(previous)) = (data.as_object_mut(), &self.previous_attributes) {
            fields.insert("previous_attributes".to_owned(), previous.clone());
        }
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": data,
            "livemode": false,
            "pending_webhooks": i64::from(self.status == DeliveryStatus::Pending),
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": self.kind,
        })
    }

    /// The exact text that is signed and sent. Indented, as Stripe's is, so that a receiver that signs a
    /// re-serialised body instead of the raw one is found out.
    #[must_use]
    pub fn payload(&self) -> String {
        format!("{:#}", self.envelope())
    }
}

impl Resource for EventRecord {
    const NAME: &'static str = "event";

    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn to_stripe(&self, _base: &str) -> Value {
        self.envelope()
    }
}
