//! The use case: bring one purchase to what Stripe says now.

use bk_contracts::facts::{Fact, PurchasePaid};
use bk_kernel::{OperationContext, PurchaseId};
use bk_persistence::{Database, DbError, TenantTx};
use thiserror::Error;
use uuid::Uuid;

use super::{
    entry::{Entry, EntryKind},
    settlement::{SettlementDecision, decide},
    store,
};
use crate::{
    purchases::{
        Purchase, PurchaseState, ReviewReason, Transition, cancel_purchase, find_purchase,
        hold_purchase, lock_purchase, mark_paid,
    },
    stripe::{GatewayError, SessionSnapshot, StripeGateway},
};

/// Settles purchases, as the worker.
#[derive(Clone)]
pub(crate) struct SettlePurchase {
    pub(crate) db: Database,
    pub(crate) stripe: StripeGateway,
    /// Whether real money moves in this deployment.
    pub(crate) livemode: bool,
}

/// A purchase and the objects of Stripe it is to be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettlementTarget {
    pub(crate) purchase: PurchaseId,
    /// `cs_…`, from our own records.
    pub(crate) session: String,
    /// `pi_…`, when a payment led here by its metadata: the session must name it too.
    pub(crate) payment_intent: Option<String>,
}

/// What a settlement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// The purchase is now paid; it was not before.
    Paid,
    /// The purchase is now cancelled; it was not before.
    Cancelled,
    /// There was nothing to change.
    Unchanged,
    /// The session does not exist at Stripe (any more), so nothing was learned.
    Gone,
    /// What Stripe says contradicts what was sold; nothing was recorded.
    Held(ReviewReason),
}

/// Why nothing could be settled now.
#[derive(Debug, Error)]
pub(crate) enum SettleError {
    /// Stripe gave no usable answer.
    #[error(transparent)]
    Stripe(#[from] GatewayError),
    /// The database failed, and nothing was recorded.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The directory of objects names a purchase that its tenant does not have.
    #[error("the purchase does not exist")]
    NoPurchase,
}

/// What Stripe said, and the purchase as it was before Stripe was asked.
#[derive(Clone)]
struct Answer {
    before: Purchase,
    /// None when Stripe does not know the session (any more).
    session: Option<SessionSnapshot>,
}

impl SettlePurchase {
    /// Asks Stripe about `target`, a purchase of the tenant of `ctx`, and records the answer in one
    /// transaction with what `then` does.
    ///
    /// Nothing is held while Stripe is asked. An answer is recorded only while the purchase is what
    /// it was before Stripe was asked, so that nothing older ever overwrites anything newer: when it
    /// has changed, Stripe is asked again. That ends, because a purchase never returns to what it was.
    ///
    /// Fails with [`SettleError`], having recorded nothing, when Stripe gives no usable answer, the
    /// purchase does not exist, or the database or `then` fails.
    pub(crate) async fn settle<I, F, Fut>(
        &self,
        ctx: &OperationContext,
        target: &SettlementTarget,
        input: I,
        then: F,
    ) -> Result<Settlement, SettleError>
    where
        F: Fn(TenantTx, I, Settlement) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<(), DbError>> + Send + 'static,
        I: Clone + Send + 'static,
    {
        loop {
            let answer = self.ask(ctx, target).await?;
            let step = Step { ctx: ctx.clone(), target: target.clone(), livemode: self.livemode };
            let (input, then) = (input.clone(), then.clone());
            let work = move |tx: TenantTx, (step, answer, input): (Step, Answer, I)| {
                let then = then.clone();
                async move {
                    let recorded = step.record(&tx, answer).await?;
                    if let Some(settlement) = recorded {
                        then(tx, input, settlement).await?;
                    }
                    Ok::<_, SettleError>(recorded)
                }
            };
            let recorded = self.db.transaction(ctx, (step, answer, input), work).await?;
            if let Some(settlement) = recorded {
                return Ok(settlement);
            }
        }
    }

    async fn ask(
        &self,
        ctx: &OperationContext,
        target: &SettlementTarget,
    ) -> Result<Answer, SettleError> {
        let find = async |tx, id| find_purchase(&tx, id).await;
        let found: Result<_, DbError> = self.db.read(ctx, target.purchase, find).await;
        let before = found?.ok_or(SettleError::NoPurchase)?;
        let session = match self.stripe.session(&target.session).await {
            Ok(session) => Some(session),
            Err(GatewayError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Answer { before, session })
    }
}

/// One attempt to record an answer.
#[derive(Clone)]
struct Step {
    ctx: OperationContext,
    target: SettlementTarget,
    /// Whether real money moves in this deployment.
    livemode: bool,
}

impl Step {
    /// Records `answer`, or returns none when the purchase has changed since Stripe was asked.
    async fn record(
        &self,
        tx: &TenantTx,
        answer: Answer,
    ) -> Result<Option<Settlement>, SettleError> {
        let Self { ctx, target, livemode } = self;
        let purchase = lock_purchase(tx, target.purchase).await?.ok_or(SettleError::NoPurchase)?;
        if purchase != answer.before {
            return Ok(None);
        }
        let Some(session) = answer.session else { return Ok(Some(Settlement::Gone)) };
        let decision = if target.matches(&session) {
            decide(ctx.tenant_id(), &purchase, &session, *livemode)
        } else {
            SettlementDecision::Hold(ReviewReason::MetadataMismatch)
        };
        Ok(Some(apply(ctx, tx, &purchase, decision, session.livemode).await?))
    }
}

impl SettlementTarget {
    fn matches(&self, session: &SessionSnapshot) -> bool {
        let named = session.payment_intent.as_ref().map(|intent| intent.id.as_str());
        session.id == self.session
            && self.payment_intent.as_deref().is_none_or(|intent| named == Some(intent))
    }
}

async fn apply(
    ctx: &OperationContext,
    tx: &TenantTx,
    purchase: &Purchase,
    decision: SettlementDecision,
    livemode: bool,
) -> Result<Settlement, DbError> {
    match decision {
        SettlementDecision::Keep => Ok(Settlement::Unchanged),
        SettlementDecision::Cancel(transition) => {
            cancel_purchase(tx, purchase, transition).await?;
            Ok(Settlement::Cancelled)
        }
        SettlementDecision::Hold(reason) => {
            hold_purchase(tx, purchase, reason).await?;
            report_hold(ctx, purchase, reason);
            Ok(Settlement::Held(reason))
        }
        SettlementDecision::RecordPayment { transition, payment_intent } => {
            record_payment(ctx, tx, purchase, transition, payment_intent, livemode).await?;
            Ok(Settlement::Paid)
        }
    }
}

/// Makes the purchase paid, posts the payment and publishes the fact.
async fn record_payment(
    ctx: &OperationContext,
    tx: &TenantTx,
    purchase: &Purchase,
    transition: Transition,
    payment_intent: String,
    livemode: bool,
) -> Result<(), DbError> {
    if transition.from() == PurchaseState::Cancelled {
        tracing::warn!(purchase_id = %purchase.id, "a cancelled purchase was paid after all");
    }
    mark_paid(ctx, tx, purchase, transition, &payment_intent).await?;
    let entry = Entry {
        id: Uuid::now_v7(),
        kind: EntryKind::Payment,
        purchase_id: purchase.id,
        account_id: purchase.account_id,
        stripe_object: payment_intent,
        amount: purchase.price,
        livemode,
        at: ctx.at(),
    };
    store::insert(tx, &entry).await?;
    purchase_paid(ctx, purchase).publish(ctx, tx).await
}

fn purchase_paid(ctx: &OperationContext, purchase: &Purchase) -> Fact {
    Fact::PurchasePaid(PurchasePaid {
        purchase_id: purchase.id,
        account_id: purchase.account_id,
        product_id: purchase.product_id,
        title: purchase.title.clone(),
        meals: purchase.meals,
        meal_size_g: purchase.meal_size_g,
        paid: purchase.price,
        paid_at: ctx.at(),
    })
}

/// Counts and logs a purchase that staff should review: money that does not fit, or an object that
/// claims to be another's.
fn report_hold(ctx: &OperationContext, purchase: &Purchase, reason: ReviewReason) {
    metrics::counter!("billing_parked_total", "reason" => reason.as_str()).increment(1);
    tracing::warn!(
        target: "security",
        event = "billing.parked",
        reason = reason.as_str(),
        tenant_id = %ctx.tenant_id(),
        purchase_id = %purchase.id,
        "what the payment provider says contradicts what was sold"
    );
}
