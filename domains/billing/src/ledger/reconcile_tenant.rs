//! The use case: ask Stripe about every open purchase of a tenant, so that a lost webhook ends in the
//! same ledger as a delivered one.

use bk_kernel::{Clock, OperationContext, PurchaseId};
use bk_persistence::{Database, DbError, TenantTx};
use chrono::{DateTime, TimeDelta, Utc};

use super::settle_purchase::{SettleError, SettlePurchase, Settlement, SettlementTarget};
use crate::purchases::{
    Purchase, PurchaseEvent, RESUMABLE_FOR, cancel_purchase, list_open_purchases, lock_purchase,
};

/// Purchases younger than this are left to their webhooks.
const MIN_AGE: TimeDelta = TimeDelta::minutes(2);
/// A purchase without a page that is older than this is cancelled. Twice as long as it can be resumed,
/// so that the two never meet.
const PAGELESS_MAX_AGE: TimeDelta = TimeDelta::minutes(2 * RESUMABLE_FOR.num_minutes());
/// Purchases read at once.
const BATCH_SIZE: u64 = 100;

/// Reconciles tenants, as the worker.
#[derive(Clone)]
pub(crate) struct ReconcileTenant {
    pub(crate) db: Database,
    pub(crate) settle: SettlePurchase,
    pub(crate) clock: Clock,
}

/// What a reconciliation did, in purchases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ReconciliationSummary {
    pub(crate) paid: u64,
    pub(crate) cancelled: u64,
    pub(crate) held: u64,
    /// Could not be settled; the next run tries again.
    pub(crate) failed: u64,
}

impl ReconcileTenant {
    /// Settles every open purchase of the tenant. One that cannot be settled does not keep the others
    /// waiting.
    ///
    /// Fails with [`DbError`] when the open purchases cannot be read.
    pub(crate) async fn reconcile(
        &self,
        ctx: &OperationContext,
    ) -> Result<ReconciliationSummary, DbError> {
        let mut summary = ReconciliationSummary::default();
        let created_before = ctx.at() - MIN_AGE;
        let mut after = None;
        loop {
            let batch = self.open_purchases(ctx, created_before, after).await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            for purchase in batch {
                // Every purchase takes a while, because Stripe is asked.
                let ctx = ctx.clone().later(self.clock.now());
                self.one(&ctx, purchase, &mut summary).await;
            }
        }
        tracing::debug!(tenant_id = %ctx.tenant_id(), ?summary, "reconciled");
        Ok(summary)
    }

    async fn open_purchases(
        &self,
        ctx: &OperationContext,
        created_before: DateTime<Utc>,
        after: Option<PurchaseId>,
    ) -> Result<Vec<Purchase>, DbError> {
        let input = (created_before, after);
        let batch = self.db.read(ctx, input, async |tx, (created_before, after)| {
            list_open_purchases(&tx, created_before, after, BATCH_SIZE).await
        });
        batch.await
    }

    async fn one(
        &self,
        ctx: &OperationContext,
        purchase: Purchase,
        summary: &mut ReconciliationSummary,
    ) {
        let id = purchase.id;
        let settled = match purchase.page {
            Some(page) => self.settle_open(ctx, id, page.session_id).await,
            None => self.cancel_pageless(ctx, id).await,
        };
        match settled {
            Ok(Settlement::Paid) => summary.paid += 1,
            Ok(Settlement::Cancelled) => summary.cancelled += 1,
            Ok(Settlement::Held(_)) => summary.held += 1,
            Ok(Settlement::Unchanged | Settlement::Gone) => {}
            Err(error) => {
                summary.failed += 1;
                tracing::warn!(
                    tenant_id = %ctx.tenant_id(), purchase_id = %id, %error,
                    "a purchase could not be reconciled"
                );
            }
        }
    }

    /// Settles a purchase by its session. One whose session Stripe has forgotten is cancelled once
    /// its time is over.
    async fn settle_open(
        &self,
        ctx: &OperationContext,
        id: PurchaseId,
        session: String,
    ) -> Result<Settlement, SettleError> {
        let target = SettlementTarget { purchase: id, session, payment_intent: None };
        match self.settle.settle(ctx, &target, (), async |_, (), _| Ok(())).await? {
            Settlement::Gone => {
                let close =
                    async |tx, (id, at)| close(&tx, id, |purchase| purchase.has_expired(at)).await;
                let closed: Result<_, DbError> =
                    self.db.transaction(ctx, (id, ctx.at()), close).await;
                Ok(closed?)
            }
            settlement => Ok(settlement),
        }
    }

    /// Cancels a purchase that never got its page and can no longer be resumed.
    async fn cancel_pageless(
        &self,
        ctx: &OperationContext,
        id: PurchaseId,
    ) -> Result<Settlement, SettleError> {
        let over = ctx.at() - PAGELESS_MAX_AGE;
        let close = async |tx, (id, over)| {
            close(&tx, id, |purchase| purchase.page.is_none() && purchase.created_at < over).await
        };
        let closed: Result<_, DbError> = self.db.transaction(ctx, (id, over), close).await;
        Ok(closed?)
    }
}

/// Cancels a purchase, if it is still open and `over` says that its time is over.
async fn close(
    tx: &TenantTx,
    id: PurchaseId,
    over: impl FnOnce(&Purchase) -> bool,
) -> Result<Settlement, DbError> {
    let Some(purchase) = lock_purchase(tx, id).await?.filter(over) else {
        return Ok(Settlement::Unchanged);
    };
    let Some(transition) = purchase.state.apply(PurchaseEvent::PageClosed) else {
        return Ok(Settlement::Unchanged);
    };
    cancel_purchase(tx, &purchase, transition).await?;
    Ok(Settlement::Cancelled)
}
