//! The use case: process an event that was kept.

use bk_kernel::{Clock, OperationContext};
use bk_persistence::{Database, DbError, jobs::JobContext};
use thiserror::Error;

use super::{
    event::{EventKey, EventOutcome, EventReason, FinishedEvent, MAX_ATTEMPTS, PendingEvent},
    locate_purchase::{LocatePurchase, Location},
    store,
};
use crate::{
    ledger::{SettleError, SettlePurchase, Settlement, SettlementTarget},
    stripe::{GatewayError, StripeGateway},
};

/// Processes events, as the worker.
#[derive(Clone)]
pub(crate) struct ProcessEvent {
    db: Database,
    locate: LocatePurchase,
    ledger: SettlePurchase,
    clock: Clock,
}

/// Why an attempt failed. The queue tries again.
#[derive(Debug, Error)]
pub(crate) enum ProcessError {
    /// The call that opens the payment page has not stored it yet.
    #[error("the payment page is not stored yet")]
    PageNotStored,
    /// Stripe gave no usable answer.
    #[error(transparent)]
    Stripe(#[from] GatewayError),
    /// The directory of objects names a purchase that its tenant does not have.
    #[error("the purchase does not exist")]
    NoPurchase,
    /// The database failed, and the event waits as before.
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
    /// Makes the use case of the worker's database and the ledger's settlement.
    pub(crate) fn new(
        db: Database,
        ledger: SettlePurchase,
        stripe: StripeGateway,
        clock: Clock,
    ) -> Self {
        let locate = LocatePurchase { db: db.clone(), stripe };
        Self { db, locate, ledger, clock }
    }

    /// Processes the event, if it waits. Interrupted anywhere, the event still waits, and processing
    /// it twice changes nothing the second time. The last attempt that fails makes it `FAILED`.
    ///
    /// Fails with [`ProcessError`] when the attempt fails, so that the queue tries again.
    pub(crate) async fn process(
        &self,
        job: &JobContext,
        key: EventKey,
    ) -> Result<(), ProcessError> {
        let begun = self.db.global(move |tx| async move { store::begin_attempt(&tx, &key).await });
        let Some(event) = begun.await? else { return Ok(()) };
        match self.attempt(job, &event).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.record_failure(event, &error).await?;
                Err(error)
            }
        }
    }

    async fn attempt(&self, job: &JobContext, event: &PendingEvent) -> Result<(), ProcessError> {
        match self.locate.locate(job, event).await? {
            Location::Purchase(owner, target) => {
                // Locating it may have taken a while, because Stripe was asked.
                let ctx = job.operation_of(owner.tenant_id).later(self.clock.now());
                self.settle(&ctx, event.key.clone(), target).await
            }
            Location::Nothing(reason) => {
                Ok(self.finish(event, EventOutcome::ignored(reason)).await?)
            }
            Location::Contradiction => {
                let reason = EventReason::MetadataMismatch;
                tracing::warn!(
                    target: "security",
                    event = "billing.parked",
                    reason = reason.as_str(),
                    stripe_event = %event.key.event_id,
                    "an object claims to be a purchase's and is not in its records"
                );
                Ok(self.finish(event, EventOutcome::held(reason)).await?)
            }
        }
    }

    /// Settles the purchase and finishes the event in one transaction, so that it counts as
    /// processed exactly when its effect is recorded.
    async fn settle(
        &self,
        ctx: &OperationContext,
        key: EventKey,
        target: SettlementTarget,
    ) -> Result<(), ProcessError> {
        let input = (ctx.clone(), key);
        let finish = async |tx, (ctx, key): (OperationContext, _), settlement| {
            let outcome = match settlement {
                Settlement::Paid | Settlement::Cancelled | Settlement::Unchanged => {
                    EventOutcome::PROCESSED
                }
                Settlement::Gone => EventOutcome::ignored(EventReason::Gone),
                Settlement::Held(reason) => EventOutcome::held(reason.into()),
            };
            let tenant_id = Some(ctx.tenant_id());
            store::finish(&tx, &key, FinishedEvent { outcome, tenant_id, at: ctx.at() }).await
        };
        self.ledger.settle(ctx, &target, input, finish).await?;
        Ok(())
    }

    /// Finishes an event that concerns no tenant.
    async fn finish(&self, event: &PendingEvent, outcome: EventOutcome) -> Result<(), DbError> {
        let key = event.key.clone();
        let finished = FinishedEvent { outcome, tenant_id: None, at: self.clock.now() };
        self.db.global(move |tx| async move { store::finish(&tx, &key, finished).await }).await
    }

    async fn record_failure(
        &self,
        event: PendingEvent,
        error: &ProcessError,
    ) -> Result<(), DbError> {
        let error = error.to_string();
        let was_last = event.attempts >= i32::from(MAX_ATTEMPTS);
        if was_last {
            metrics::counter!("billing_stripe_events_failed_total").increment(1);
            tracing::error!(stripe_event = %event.key.event_id, error, "an event was given up");
        }
        let failed =
            FinishedEvent { outcome: EventOutcome::FAILED, tenant_id: None, at: self.clock.now() };
        let recorded = self.db.global(move |tx| async move {
            store::record_failure(&tx, &event.key, &error).await?;
            if was_last {
                store::finish(&tx, &event.key, failed).await?;
            }
            Ok(())
        });
        recorded.await
    }
}
