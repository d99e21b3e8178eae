//! The use case: bring one purchase to what Stripe says now.

use bk_contracts::facts::{Fact, PurchasePaid};
use bk_kernel::{Clock, PurchaseId, TenantId};
use bk_persistence::{Database, DbError, TenantTx};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    judgement::{Verdict, judge},
    store,
};
use crate::{
    purchase::{Attention, Purchase, PurchaseState},
    stripe::{GatewayError, SessionSeen, StripeGateway},
};

/// Settles purchases, as the worker.
#[derive(Clone)]
pub(crate) struct SettlePurchase {
    /// The worker's.
    pub(crate) db: Database,
    pub(crate) stripe: StripeGateway,
    pub(crate) clock: Clock,
    pub(crate) livemode: bool,
}

/// A purchase and the objects of Stripe it is to be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) tenant: TenantId,
    pub(crate) purchase: PurchaseId,
    /// `cs_…`, from our own records.
    pub(crate) session: String,
    /// `pi_…`, when a payment led here by its labels: the session must name it too.
    pub(crate) payment_intent: Option<String>,
}

/// What a settlement found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// The purchase is now paid; it was not before.
    Paid,
    /// The purchase is now cancelled; it was not before.
    Cancelled,
    /// There was nothing to change.
    Unchanged,
    /// The session does not exist at Stripe (any more): there is nothing to learn.
    Gone,
    /// What Stripe says contradicts what was sold; nothing was recorded.
    Parked(Attention),
}

/// Why nothing could be settled now.
#[derive(Debug, Error)]
pub(crate) enum SettleError {
    /// Stripe did not answer.
    #[error("stripe")]
    Stripe(#[from] GatewayError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
    /// The directory names a purchase that its tenant does not have.
    #[error("the purchase does not exist")]
    NoPurchase,
}

impl SettlePurchase {
    /// Asks Stripe about `target` and records the answer. `also` runs in the same transaction, so
    /// that an event is marked as processed exactly when its effect is recorded.
    pub(crate) async fn settle<F, Fut>(
        &self,
        target: Target,
        also: F,
    ) -> Result<Settled, SettleError>
    where
        F: FnOnce(TenantTx, Settled) -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), DbError>> + Send + 'static,
    {
        let this = self.clone();
        let tenant = target.tenant;
        let settled = self.db.tenant(tenant).run(move |tx| async move {
            let settled = this.settle_in(&tx, &target).await?;
            also(tx, settled).await?;
            if let Settled::Parked(attention) = settled {
                report(&target, attention);
            }
            Ok::<_, SettleError>(settled)
        });
        settled.await
    }

    /// The session of a purchase: none without such a purchase, `Some(None)` without a page.
    pub(crate) async fn session_of(
        &self,
        tenant: TenantId,
        purchase: PurchaseId,
    ) -> Result<Option<Option<String>>, DbError> {
        let found = self
            .db
            .tenant(tenant)
            .read(move |tx| async move { store::purchase(&tx, purchase).await });
        let found: Option<Purchase> = found.await?;
        Ok(found.map(|purchase| purchase.page.map(|page| page.session_id)))
    }

    async fn settle_in(&self, tx: &TenantTx, target: &Target) -> Result<Settled, SettleError> {
        // Stripe is asked while the lock is held: an answer fetched before it could be older than
        // what the transaction before this one has recorded.
        store::lock_object(tx, &target.session).await?;
        let seen = match self.stripe.session(&target.session).await {
            Ok(seen) => seen,
            Err(GatewayError::NotFound) => return Ok(Settled::Gone),
            Err(error) => return Err(error.into()),
        };
        let purchase =
            store::lock_purchase(tx, target.purchase).await?.ok_or(SettleError::NoPurchase)?;
        let verdict = if target.leads_to(&seen) {
            judge(target.tenant, &purchase, &seen, self.livemode)
        } else {
            Verdict::Park(Attention::MetadataMismatch)
        };
        Ok(apply(tx, &purchase, verdict, seen.livemode, self.clock.now()).await?)
    }
}

impl Target {
    fn leads_to(&self, seen: &SessionSeen) -> bool {
        let named = seen.payment_intent.as_ref().map(|intent| intent.id.as_str());
        seen.id == self.session
            && self.payment_intent.as_deref().is_none_or(|intent| named == Some(intent))
    }
}

async fn apply(
    tx: &TenantTx,
    purchase: &Purchase,
    verdict: Verdict,
    livemode: bool,
    now: DateTime<Utc>,
) -> Result<Settled, DbError> {
    match verdict {
        Verdict::Keep => Ok(Settled::Unchanged),
        Verdict::Cancel => {
            store::cancel(tx, purchase.id).await?;
            Ok(Settled::Cancelled)
        }
        Verdict::Park(attention) => {
            store::mark(tx, purchase.id, attention).await?;
            Ok(Settled::Parked(attention))
        }
        Verdict::Pay { payment_intent } => {
            if purchase.state == PurchaseState::Cancelled {
                tracing::warn!(purchase_id = %purchase.id, "a cancelled purchase was paid after all");
            }
            store::pay(tx, purchase.id, &payment_intent, now).await?;
            store::post_payment(tx, purchase, &payment_intent, livemode, now).await?;
            paid(purchase, now).tell(tx, None, now).await?;
            Ok(Settled::Paid)
        }
    }
}

fn paid(purchase: &Purchase, now: DateTime<Utc>) -> Fact {
    Fact::PurchasePaid(PurchasePaid {
        purchase_id: purchase.id,
        account_id: purchase.account_id,
        product_id: purchase.product_id,
        title: purchase.title.clone(),
        meals: purchase.meals,
        meal_size_g: purchase.meal_size_g,
        paid: purchase.price,
        paid_at: now,
    })
}

/// Somebody should look: money that does not fit, or an object that claims to be another's.
fn report(target: &Target, attention: Attention) {
    metrics::counter!("billing_parked_total", "reason" => attention.as_str()).increment(1);
    tracing::warn!(
        target: "security",
        event = "billing.parked",
        reason = attention.as_str(),
        tenant_id = %target.tenant,
        purchase_id = %target.purchase,
        "what the payment provider says contradicts what was sold"
    );
}
