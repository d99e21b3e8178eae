//! The use case: Stripe delivers an event.

use bk_kernel::{Clock, RequestId};
use bk_persistence::{Database, DbError, GlobalTx, jobs};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    envelope::Envelope,
    event::{EventKey, EventOutcome, EventReason, EventState},
    jobs::processing_job,
    signature::SigningSecrets,
    store,
};

/// Receives events.
#[derive(Clone)]
pub(crate) struct ReceiveEvent {
    pub(crate) db: Database,
    pub(crate) secrets: SigningSecrets,
    /// The clock that signatures are compared with; the machine's in production.
    pub(crate) signing_clock: Clock,
    pub(crate) clock: Clock,
    /// Whether real money moves in this deployment.
    pub(crate) livemode: bool,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// Kept, and its work is queued.
    Queued,
    /// Kept, and nothing more will be done.
    Kept(EventState),
    /// Kept before.
    Duplicate,
}

/// Why a delivery was refused. Stripe delivers the event again.
#[derive(Debug, Error)]
pub(crate) enum ReceiveError {
    /// The delivery does not come from Stripe, or not from now.
    #[error("the signature does not match")]
    Signature,
    /// The delivery comes from Stripe, but is not an event.
    #[error("not an event")]
    Malformed,
    /// The database failed, and the event was not kept.
    #[error("database")]
    Db(#[from] DbError),
}

impl ReceiveEvent {
    /// Verifies, then parses, then keeps the event and queues its work in one transaction. When this
    /// returns, both are committed. `request_id` is the delivery's: what the event causes carries it.
    ///
    /// Fails with [`ReceiveError`] when the signature does not match, the body is not an event, or the
    /// database fails.
    pub(crate) async fn receive(
        &self,
        request_id: RequestId,
        signature: &str,
        body: Vec<u8>,
    ) -> Result<Received, ReceiveError> {
        self.secrets
            .verify(signature, &body, self.signing_clock.now())
            .map_err(|_| ReceiveError::Signature)?;
        let envelope = Envelope::parse(&body).map_err(|_| ReceiveError::Malformed)?;
        let (outcome, now) = (self.first_outcome(&envelope), self.clock.now());
        if outcome.reason == Some(EventReason::LivemodeMismatch) {
            tracing::warn!(
                target: "security",
                event = "billing.livemode_mismatch",
                stripe_event = %envelope.id,
                livemode = envelope.livemode,
                "an event of the other mode is held for review"
            );
        }
        let kept = self.db.global(move |tx| async move {
            keep(&tx, request_id, &envelope, &body, now, outcome).await
        });
        let received = kept.await?;
        let label = match received {
            Received::Queued => "queued",
            Received::Kept(_) => "kept",
            Received::Duplicate => "duplicate",
        };
        metrics::counter!("billing_stripe_events_total", "outcome" => label).increment(1);
        Ok(received)
    }

    fn first_outcome(&self, envelope: &Envelope) -> EventOutcome {
        if envelope.livemode != self.livemode {
            EventOutcome::held(EventReason::LivemodeMismatch)
        } else if envelope.is_known() {
            EventOutcome::RECEIVED
        } else {
            EventOutcome::ignored(EventReason::UnknownType)
        }
    }
}

async fn keep(
    tx: &GlobalTx,
    request_id: RequestId,
    envelope: &Envelope,
    body: &[u8],
    now: DateTime<Utc>,
    outcome: EventOutcome,
) -> Result<Received, ReceiveError> {
    if !store::insert(tx, envelope, body, now, outcome).await? {
        return Ok(Received::Duplicate);
    }
    if outcome.state != EventState::Received {
        return Ok(Received::Kept(outcome.state));
    }
    let key = EventKey { account: envelope.account.clone(), event_id: envelope.id.clone() };
    let job = processing_job(&key, envelope.object_id.as_deref(), request_id)?;
    jobs::enqueue(tx, job).await?;
    Ok(Received::Queued)
}
