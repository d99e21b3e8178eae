//! Events: what happened to an object, the object's JSON at that instant, and the delivery to the webhook
//! endpoint.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Resource;
use crate::config::API_VERSION;

/// The state of an event's delivery to the webhook endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// The event is not queued: there was no endpoint when it happened, or automatic delivery was off.
    Recorded,
    /// The event is queued for its first attempt or for a retry.
    Pending,
    /// The endpoint answered at least one attempt with a 2xx status.
    Delivered,
    /// Every attempt that the retry policy allows failed.
    Abandoned,
}

impl DeliveryStatus {
    /// Returns the status as the index page and the JSON of `/_sim/state` write it.
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

/// The result of one delivery attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// The endpoint answered with this HTTP status.
    Answered(u16),
    /// The endpoint could not be reached or did not answer in time; the text is the client's error.
    Unreachable(String),
}

impl AttemptOutcome {
    /// Returns whether the endpoint accepted the event, which any 2xx status does.
    #[must_use]
    pub const fn accepted(&self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

/// One attempt to deliver an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When the attempt ended, by the simulator's clock.
    pub at: DateTime<Utc>,
    /// Whether the endpoint answered, and how.
    pub outcome: AttemptOutcome,
}

/// An event with all attempts to deliver it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Id of the event, `evt_…`.
    pub id: String,
    /// Stripe's `type`, such as `checkout.session.completed`.
    pub kind: String,
    /// When the event happened, in Unix seconds.
    pub created: i64,
    /// JSON of the object at the instant of the event.
    pub object: Value,
    /// Former values of the fields that changed, for the events that report a change.
    pub previous_attributes: Option<Value>,
    /// Id of the request that caused the event; absent for what Stripe does itself.
    pub request_id: Option<String>,
    /// Idempotency key of that request.
    pub idempotency_key: Option<String>,
    /// State of the delivery to the webhook endpoint.
    pub status: DeliveryStatus,
    /// All delivery attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

impl EventRecord {
    /// Renders the event as Stripe's API does.
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

    /// Returns the request body that is signed and sent. It is indented like Stripe's, so that a receiver
    /// which verifies a re-serialised body instead of the raw one fails in development already.
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

    fn to_stripe(&self, _public_base: &str) -> Value {
        self.envelope()
    }
}
