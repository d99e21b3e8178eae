//! The use case: Stripe delivers an event.

use bk_kernel::Clock;
use bk_persistence::{
    Database, DbError, GlobalTx,
    jobs::{self, NewJob},
};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    envelope::Envelope,
    inbox::{EventKey, EventState, MOST_ATTEMPTS, Reason},
    jobs::PROCESS,
    signature::SigningSecrets,
    store,
};

/// Takes in events.
#[derive(Clone)]
pub(crate) struct ReceiveEvent {
    pub(crate) db: Database,
    pub(crate) secrets: SigningSecrets,
    /// The time signatures are compared with; the machine's in production.
    pub(crate) signing_clock: Clock,
    pub(crate) clock: Clock,
    pub(crate) livemode: bool,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// Kept, and its work is queued.
    Queued,
    /// Kept; there is nothing to do about it.
    Kept(EventState),
    /// It was kept before.
    Duplicate,
}

/// Why a delivery was refused; Stripe will deliver it again.
#[derive(Debug, Error)]
pub(crate) enum ReceiveError {
    /// Not from Stripe, or not from now.
    #[error("the signature does not match")]
    Signature,
    /// From Stripe, but not an event.
    #[error("not an event")]
    Malformed,
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

impl ReceiveEvent {
    /// Verifies, then reads, then keeps the event and queues its work in one transaction. When this
    /// returns, both are committed.
    pub(crate) async fn receive(
        &self,
        signature: &str,
        body: Vec<u8>,
    ) -> Result<Received, ReceiveError> {
        self.secrets
            .verify(signature, &body, self.signing_clock.now())
            .map_err(|_| ReceiveError::Signature)?;
        let envelope = Envelope::parse(&body).map_err(|_| ReceiveError::Malformed)?;
        let (first, now) = (self.first_state(&envelope), self.clock.now());
        if first.1 == Some(Reason::LivemodeMismatch) {
            tracing::warn!(
                target: "security",
                event = "billing.livemode_mismatch",
                stripe_event = %envelope.id,
                livemode = envelope.livemode,
                "an event of the other mode was parked"
            );
        }
        let received =
            self.db.global(move |tx| async move { keep(&tx, &envelope, &body, now, first).await });
        let received = received.await?;
        let outcome = match received {
            Received::Queued => "queued",
            Received::Kept(_) => "kept",
            Received::Duplicate => "duplicate",
        };
        metrics::counter!("billing_stripe_events_total", "outcome" => outcome).increment(1);
        Ok(received)
    }

    fn first_state(&self, envelope: &Envelope) -> (EventState, Option<Reason>) {
        if envelope.livemode != self.livemode {
            (EventState::Parked, Some(Reason::LivemodeMismatch))
        } else if envelope.is_known() {
            (EventState::Received, None)
        } else {
            (EventState::Ignored, Some(Reason::UnknownType))
        }
    }
}

async fn keep(
    tx: &GlobalTx,
    envelope: &Envelope,
    body: &[u8],
    now: DateTime<Utc>,
    first: (EventState, Option<Reason>),
) -> Result<Received, ReceiveError> {
    if !store::insert(tx, envelope, body, now, first).await? {
        return Ok(Received::Duplicate);
    }
    if first.0 != EventState::Received {
        return Ok(Received::Kept(first.0));
    }
    let key = EventKey { account: envelope.account.clone(), event_id: envelope.id.clone() };
    jobs::enqueue(tx, job(&key, envelope.object_id.as_deref())?).await?;
    Ok(Received::Queued)
}

/// The job of an event. Events of one object queue behind each other.
pub(super) fn job(key: &EventKey, object: Option<&str>) -> Result<NewJob, DbError> {
    let payload = serde_json::to_value(key).map_err(DbError::encoding)?;
    Ok(NewJob {
        key: Some(format!("{PROCESS}:{}:{}", key.account, key.event_id)),
        queue: object.map(|id| format!("stripe:{id}")),
        max_attempts: Some(MOST_ATTEMPTS),
        ..NewJob::now(PROCESS, payload)
    })
}
