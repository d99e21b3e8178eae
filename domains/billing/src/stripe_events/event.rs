//! An event of Stripe, as it is kept, and what became of it. Pure.

use bk_kernel::{TenantId, string_enum};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::purchases::ReviewReason;

/// Attempts at an event before it fails for good, the first included. With the queue's exponential
/// backoff they take most of a day.
pub(crate) const MAX_ATTEMPTS: i16 = 12;

/// Stripe's name of an event. It is also the payload of the event's job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EventKey {
    /// The connected account; empty for our own.
    pub(crate) account: String,
    /// `evt_…`
    pub(crate) event_id: String,
}

/// An event as the worker needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingEvent {
    pub(crate) key: EventKey,
    pub(crate) object_type: String,
    pub(crate) object_id: Option<String>,
    pub(crate) payment_intent: Option<String>,
    /// Attempts made, this one included.
    pub(crate) attempts: i32,
}

/// An event as staff may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventSummary {
    /// Our own id of it, sortable by arrival.
    pub(crate) id: Uuid,
    /// `evt_…`
    pub(crate) event_id: String,
    /// `checkout.session.completed`
    pub(crate) kind: String,
    pub(crate) object_type: String,
    pub(crate) object_id: Option<String>,
    pub(crate) livemode: bool,
    pub(crate) created: DateTime<Utc>,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) state: EventState,
    pub(crate) reason: Option<EventReason>,
    pub(crate) attempts: i32,
    pub(crate) last_error: Option<String>,
    pub(crate) processed_at: Option<DateTime<Utc>>,
}

/// Which events to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct EventFilter {
    pub(crate) state: Option<EventState>,
}

/// How far an event got, and why it got no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventOutcome {
    pub(crate) state: EventState,
    pub(crate) reason: Option<EventReason>,
}

/// The end of the work on an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FinishedEvent {
    pub(crate) outcome: EventOutcome,
    /// Whom it concerns, if our own records say so.
    pub(crate) tenant_id: Option<TenantId>,
    pub(crate) at: DateTime<Utc>,
}

string_enum! {
    /// How far the work on an event got.
    pub(crate) enum EventState: "a state of an event" {
        /// It is kept; its work waits or will be tried again.
        Received = "RECEIVED",
        /// Its object was compared and everything was recorded.
        Processed = "PROCESSED",
        /// It concerns nothing of ours, or nothing that matters here.
        Ignored = "IGNORED",
        /// It contradicts what we know: staff have to review it.
        Held = "PARKED",
        /// Its work failed as often as it may; it can be replayed.
        Failed = "FAILED",
    }
}

string_enum! {
    /// Why an event was ignored, held or failed.
    pub(crate) enum EventReason: "a reason of an event" {
        /// Its type concerns no purchase.
        UnknownType = "UNKNOWN_TYPE",
        /// Its object is not one that we made.
        NotOurs = "NOT_OURS",
        /// Its object does not exist at Stripe any more.
        Gone = "GONE",
        /// Real money in a test deployment, or the other way round.
        LivemodeMismatch = "LIVEMODE_MISMATCH",
        /// Another amount or currency than the price.
        AmountMismatch = "AMOUNT_MISMATCH",
        /// The metadata names another purchase or tenant than our records.
        MetadataMismatch = "METADATA_MISMATCH",
        /// The session is paid, but names no payment.
        PaymentMissing = "PAYMENT_MISSING",
        /// Every attempt failed.
        AttemptsExhausted = "ATTEMPTS_EXHAUSTED",
    }
}

impl EventOutcome {
    /// The event waits for its work.
    pub(crate) const RECEIVED: Self = Self { state: EventState::Received, reason: None };

    /// The event did its work.
    pub(crate) const PROCESSED: Self = Self { state: EventState::Processed, reason: None };

    /// The event is of no interest, for this reason.
    pub(crate) const fn ignored(reason: EventReason) -> Self {
        Self { state: EventState::Ignored, reason: Some(reason) }
    }

    /// Staff have to review the event, for this reason.
    pub(crate) const fn held(reason: EventReason) -> Self {
        Self { state: EventState::Held, reason: Some(reason) }
    }

    /// Every attempt at the event failed.
    pub(crate) const FAILED: Self =
        Self { state: EventState::Failed, reason: Some(EventReason::AttemptsExhausted) };
}

impl From<ReviewReason> for EventReason {
    fn from(reason: ReviewReason) -> Self {
        match reason {
            ReviewReason::AmountMismatch => Self::AmountMismatch,
            ReviewReason::MetadataMismatch => Self::MetadataMismatch,
            ReviewReason::LivemodeMismatch => Self::LivemodeMismatch,
            ReviewReason::PaymentMissing => Self::PaymentMissing,
        }
    }
}
