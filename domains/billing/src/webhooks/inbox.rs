//! An event in the inbox and what became of it. Pure.

use bk_kernel::TenantId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::purchase::{Attention, words};

/// Runs of an event's work before it is given up, the first included. With the queue's exponential
/// backoff that is most of a day.
pub(crate) const MOST_ATTEMPTS: i16 = 12;

/// Stripe's name of an event. It is also the payload of its job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventKey {
    /// The connected account; empty for our own.
    pub(crate) account: String,
    /// `evt_…`
    pub(crate) event_id: String,
}

/// An event as the worker needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InboxEvent {
    pub(crate) key: EventKey,
    pub(crate) object_type: String,
    pub(crate) object_id: Option<String>,
    pub(crate) payment_intent: Option<String>,
    /// This run included.
    pub(crate) attempts: i32,
}

/// An event as staff may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventSummary {
    /// Our own name for it, sortable by arrival.
    pub(crate) id: Uuid,
    /// `evt_…`
    pub(crate) event_id: String,
    pub(crate) kind: String,
    pub(crate) object_type: String,
    pub(crate) object_id: Option<String>,
    pub(crate) livemode: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) state: EventState,
    pub(crate) reason: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) last_error: Option<String>,
    pub(crate) processed_at: Option<DateTime<Utc>>,
}

words! {
    /// How far the work on an event got.
    EventState {
        /// Kept; its work waits or will be tried again.
        Received = "RECEIVED",
        /// Its object was compared and everything recorded.
        Processed = "PROCESSED",
        /// Nothing of ours, or nothing that matters here.
        Ignored = "IGNORED",
        /// It contradicts what we know: people have to look.
        Parked = "PARKED",
        /// Its work failed as often as it may; it can be replayed.
        Failed = "FAILED",
    }
}

words! {
    /// Why an event was not simply processed.
    Reason {
        /// A type that concerns no purchase.
        UnknownType = "UNKNOWN_TYPE",
        /// Not an object that we made.
        NotOurs = "NOT_OURS",
        /// The object does not exist at Stripe any more.
        Gone = "GONE",
        /// Real money in a test deployment, or the other way round.
        LivemodeMismatch = "LIVEMODE_MISMATCH",
        /// Another amount or currency than the price.
        AmountMismatch = "AMOUNT_MISMATCH",
        /// Labels that name another purchase or tenant than our directory.
        MetadataMismatch = "METADATA_MISMATCH",
        /// Paid, but no payment is named.
        PaymentMissing = "PAYMENT_MISSING",
        /// Every attempt failed.
        AttemptsExhausted = "ATTEMPTS_EXHAUSTED",
    }
}

impl From<Attention> for Reason {
    fn from(attention: Attention) -> Self {
        match attention {
            Attention::AmountMismatch => Self::AmountMismatch,
            Attention::MetadataMismatch => Self::MetadataMismatch,
            Attention::LivemodeMismatch => Self::LivemodeMismatch,
            Attention::PaymentMissing => Self::PaymentMissing,
        }
    }
}

/// The end of the work on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) state: EventState,
    pub(crate) reason: Option<Reason>,
    /// Whom it concerns, if our directory says so.
    pub(crate) tenant: Option<TenantId>,
    pub(crate) at: DateTime<Utc>,
}
