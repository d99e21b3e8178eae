//! The envelope of an event: enough to know which object to ask Stripe about. Pure.
//!
//! What the object looks like is not read: it is fetched anew, at the API version we speak.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use thiserror::Error;

/// The envelope of a verified event. Every id is safe to be put into a path or a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// The connected account it is about; empty for our own.
    pub(crate) account: String,
    /// `evt_…`
    pub(crate) id: String,
    /// `checkout.session.completed`
    pub(crate) kind: String,
    pub(crate) api_version: Option<String>,
    pub(crate) livemode: bool,
    /// When Stripe made the event. Shown to staff; never used for ordering.
    pub(crate) created: DateTime<Utc>,
    pub(crate) object_type: String,
    pub(crate) object_id: Option<String>,
    /// The payment that a charge belongs to, `pi_…`.
    pub(crate) payment_intent: Option<String>,
}

/// The body is not an event that can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a Stripe event")]
pub(crate) struct Malformed;

/// Types of events, and of their objects, that are a reason to look at a purchase. All others are kept
/// and ignored.
const KNOWN_TYPES: &[(&str, &str)] = &[
    ("checkout.session.async_payment_failed", "checkout.session"),
    ("checkout.session.async_payment_succeeded", "checkout.session"),
    ("checkout.session.completed", "checkout.session"),
    ("checkout.session.expired", "checkout.session"),
    ("payment_intent.canceled", "payment_intent"),
    ("payment_intent.payment_failed", "payment_intent"),
    ("payment_intent.succeeded", "payment_intent"),
    ("charge.succeeded", "charge"),
    ("charge.failed", "charge"),
    ("charge.updated", "charge"),
];

impl Envelope {
    /// Parses a verified body. Fails with [`Malformed`] when it is not an event, or holds an id that
    /// is not safe to use.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let parsed: Body = serde_json::from_slice(body).map_err(|_| Malformed)?;
        let Body { id, object, kind, api_version, livemode, created, account, data } = parsed;
        let valid = object == "event"
            && id.starts_with("evt_")
            && is_id(&id)
            && account.as_deref().is_none_or(is_id)
            && is_word(&kind)
            && is_word(&data.object.kind)
            && api_version.as_deref().is_none_or(is_word)
            && data.object.id.as_deref().is_none_or(is_id)
            && (data.object.id.is_some() || !is_known(&kind, &data.object.kind));
        if !valid {
            return Err(Malformed);
        }
        Ok(Self {
            account: account.unwrap_or_default(),
            id,
            api_version,
            livemode,
            created: DateTime::from_timestamp(created, 0).ok_or(Malformed)?,
            payment_intent: data.object.payment_intent.and_then(PaymentIntent::id),
            object_type: data.object.kind,
            object_id: data.object.id,
            kind,
        })
    }

    /// Whether the event is a reason to look at a purchase.
    pub(crate) fn is_known(&self) -> bool {
        is_known(&self.kind, &self.object_type)
    }
}

#[derive(Deserialize)]
struct Body {
    id: String,
    object: String,
    #[serde(rename = "type")]
    kind: String,
    api_version: Option<String>,
    livemode: bool,
    created: i64,
    account: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    id: Option<String>,
    #[serde(rename = "object")]
    kind: String,
    payment_intent: Option<PaymentIntent>,
}

/// An id in the objects that matter here; it may be anything else in other objects.
#[derive(Deserialize)]
#[serde(untagged)]
enum PaymentIntent {
    Id(String),
    Other(serde::de::IgnoredAny),
}

impl PaymentIntent {
    fn id(self) -> Option<String> {
        match self {
            Self::Id(id) if is_id(&id) => Some(id),
            Self::Id(_) | Self::Other(_) => None,
        }
    }
}

fn is_known(kind: &str, object: &str) -> bool {
    KNOWN_TYPES.iter().any(|(known, of)| *known == kind && *of == object)
}

/// Stripe's ids: at most 255 characters (<https://docs.stripe.com/upgrades>), here of a safe alphabet.
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_word(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event() -> Value {
        json!({
            "id": "evt_1", "object": "event", "type": "checkout.session.completed",
            "api_version": "2026-09-30.endive", "livemode": false, "created": 1_795_737_600,
            "pending_webhooks": 1, "request": {"id": null},
            "data": {"object": {"id": "cs_1", "object": "checkout.session", "payment_intent": "pi_1"}}
        })
    }

    fn parse(change: impl FnOnce(&mut Value)) -> Result<Envelope, Malformed> {
        let mut event = event();
        change(&mut event);
        Envelope::parse(event.to_string().as_bytes())
    }

    #[test]
    fn an_envelope_keeps_what_is_needed_and_nothing_else() {
        let envelope = parse(|_| ()).unwrap();
        assert!(envelope.is_known());
        assert_eq!(envelope.object_id.as_deref(), Some("cs_1"));
        assert_eq!(envelope.payment_intent.as_deref(), Some("pi_1"));
        assert_eq!(envelope.account, "");
    }

    #[test]
    fn an_unknown_type_is_still_an_event() {
        let unknown = parse(|e| {
            e["type"] = "customer.created".into();
            e["data"]["object"] = json!({"object": "balance", "payment_intent": {"id": "pi_1"}});
        });
        let unknown = unknown.unwrap();
        assert!(!unknown.is_known());
        assert_eq!((unknown.object_id, unknown.payment_intent), (None, None));
    }

    #[test]
    fn a_body_that_is_not_an_event_is_malformed() {
        let changes: [fn(&mut Value); 9] = [
            |e| e["object"] = "charge".into(),
            |e| e["id"] = "ch_1".into(),
            |e| e["id"] = "evt_/../1".into(),
            |e| e["livemode"] = "false".into(),
            |e| e["created"] = i64::MAX.into(),
            |e| e["type"] = "a\0b".into(),
            |e| e["data"]["object"]["id"] = "cs_1/../../v1/refunds".into(),
            |e| e["data"]["object"]["id"] = Value::Null,
            |e| e["data"] = Value::Null,
        ];
        for (index, change) in changes.into_iter().enumerate() {
            assert_eq!(parse(change), Err(Malformed), "change {index}");
        }
        for body in ["", "[]", "{", "\u{feff}{}"] {
            assert_eq!(Envelope::parse(body.as_bytes()), Err(Malformed), "{body}");
        }
    }
}
