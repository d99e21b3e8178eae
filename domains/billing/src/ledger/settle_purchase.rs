//! The use case: bring one purchase to what Stripe says now.

use bk_contracts::facts::{Fact, PurchasePaid};
use bk_kernel::{OperationContext, PurchaseId};
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;
use uuid::Uuid;

use super::{
    entry::{Entry, EntryKind},
    settlement::{SettlementDecision, decide},
    store,
};
use crate::{
    purchases::{
        Purchase, PurchaseState, ReviewReason, Transition, cancel_purchase, hold_purchase,
        lock_purchase, mark_paid,
    },
    stripe::{GatewayError, SessionSnapshot, StripeGateway},
};

/// Settles purchases, as the worker.
#[derive(Clone)]
pub(crate) struct SettlePurchase {
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

impl SettlePurchase {
    /// Asks Stripe about `target` and records the answer in the caller's transaction, which belongs
    /// to the tenant of the purchase.
    ///
    /// Fails with [`SettleError`] when Stripe gives no usable answer, the purchase does not exist, or
    /// the database fails.
    pub(crate) async fn settle(
        &self,
        ctx: &OperationContext,
        tx: &TenantTx,
        target: &SettlementTarget,
    ) -> Result<Settlement, SettleError> {
        // Stripe is asked while the lock is held: an answer fetched before it could be older than
        // what the transaction before this one has recorded.
        store::lock_object(tx, &target.session).await?;
        let session = match self.stripe.session(&target.session).await {
            Ok(session) => session,
            Err(GatewayError::NotFound) => return Ok(Settlement::Gone),
            Err(error) => return Err(error.into()),
        };
        let purchase = lock_purchase(tx, target.purchase).await?.ok_or(SettleError::NoPurchase)?;
        let decision = if target.matches(&session) {
            decide(ctx.tenant_id(), &purchase, &session, self.livemode)
        } else {
            SettlementDecision::Hold(ReviewReason::MetadataMismatch)
        };
        Ok(apply(ctx, tx, &purchase, decision, session.livemode).await?)
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
