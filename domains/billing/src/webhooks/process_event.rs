//! The use case: work on an event of the inbox.

use bk_kernel::Clock;
use bk_persistence::{Database, DbError, TenantTx};
use thiserror::Error;

use super::{
    inbox::{Ending, EventKey, EventState, InboxEvent, MOST_ATTEMPTS, Reason},
    locate::{Locate, Located},
    store,
};
use crate::{
    ledger::{SettleError, SettlePurchase, Settled, Target},
    stripe::{GatewayError, StripeGateway},
};

/// Works on events, as the worker.
#[derive(Clone)]
pub(crate) struct ProcessEvent {
    db: Database,
    locate: Locate,
    ledger: SettlePurchase,
    clock: Clock,
}

/// Why an attempt failed. The queue tries again.
#[derive(Debug, Error)]
pub(crate) enum ProcessError {
    /// The call that opens the payment page has not stored it yet.
    #[error("the payment page is not stored yet")]
    PageNotStored,
    /// Stripe did not answer.
    #[error(transparent)]
    Stripe(#[from] GatewayError),
    /// The directory names a purchase that its tenant does not have.
    #[error("the purchase does not exist")]
    NoPurchase,
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<SettleError> for ProcessError {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Stripe(error) => Self::Stripe(error),
            SettleError::Db(error) => Self::Db(error),
            SettleError::NoPurchase => Self::NoPurchase,
        }
    }
}

impl ProcessEvent {
    pub(crate) fn new(ledger: SettlePurchase, stripe: StripeGateway, clock: Clock) -> Self {
        let db = ledger.db.clone();
        let locate = Locate { db: db.clone(), stripe, ledger: ledger.clone() };
        Self { db, locate, ledger, clock }
    }

    /// Works on the event, if it waits. Killed anywhere, the event still waits, and working on it
    /// twice changes nothing the second time. The last attempt that fails makes it `FAILED`.
    pub(crate) async fn process(&self, key: EventKey) -> Result<(), ProcessError> {
        let Some(event) =
            self.db.global(move |tx| async move { store::begin(&tx, &key).await }).await?
        else {
            return Ok(());
        };
        match self.attempt(&event).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.failed(event, &error).await?;
                Err(error)
            }
        }
    }

    async fn attempt(&self, event: &InboxEvent) -> Result<(), ProcessError> {
        match self.locate.find(event).await? {
            Located::Purchase(target) => self.settle(event, target).await,
            Located::Nothing(reason) => {
                self.end(event, EventState::Ignored, Some(reason)).await?;
                Ok(())
            }
            Located::Contradiction => {
                tracing::warn!(
                    target: "security",
                    event = "billing.parked",
                    reason = Reason::MetadataMismatch.as_str(),
                    stripe_event = %event.key.event_id,
                    "an object claims to be a purchase's and is not in its records"
                );
                self.end(event, EventState::Parked, Some(Reason::MetadataMismatch)).await?;
                Ok(())
            }
        }
    }

    async fn settle(&self, event: &InboxEvent, target: Target) -> Result<(), ProcessError> {
        let (key, tenant, at) = (event.key.clone(), target.tenant, self.clock.now());
        let settled = self.ledger.settle(target, move |tx: TenantTx, settled| async move {
            let (state, reason) = match settled {
                Settled::Paid | Settled::Cancelled | Settled::Unchanged => {
                    (EventState::Processed, None)
                }
                Settled::Gone => (EventState::Ignored, Some(Reason::Gone)),
                Settled::Parked(attention) => (EventState::Parked, Some(attention.into())),
            };
            store::finish(&tx, &key, Ending { state, reason, tenant: Some(tenant), at }).await
        });
        settled.await?;
        Ok(())
    }

    async fn end(
        &self,
        event: &InboxEvent,
        state: EventState,
        reason: Option<Reason>,
    ) -> Result<(), DbError> {
        let (key, at) = (event.key.clone(), self.clock.now());
        let ending = Ending { state, reason, tenant: None, at };
        self.db.global(move |tx| async move { store::finish(&tx, &key, ending).await }).await
    }

    async fn failed(&self, event: InboxEvent, error: &ProcessError) -> Result<(), DbError> {
        let (why, at) = (error.to_string(), self.clock.now());
        let last = event.attempts >= i32::from(MOST_ATTEMPTS);
        if last {
            metrics::counter!("billing_stripe_events_failed_total").increment(1);
            tracing::error!(stripe_event = %event.key.event_id, why, "an event was given up");
        }
        let noted = self.db.global(move |tx| async move {
            store::note_failure(&tx, &event.key, &why).await?;
            if last {
                let reason = Some(Reason::AttemptsExhausted);
                let ending = Ending { state: EventState::Failed, reason, tenant: None, at };
                store::finish(&tx, &event.key, ending).await?;
            }
            Ok(())
        });
        noted.await
    }
}
