//! The use case: ask Stripe about every purchase that waits, so that a lost webhook ends in the same
//! ledger as one that came.

use bk_kernel::{Clock, TenantId};
use bk_persistence::{Database, DbError, TenantTx};
use chrono::TimeDelta;
use thiserror::Error;

use super::{
    settle_purchase::{SettleError, SettlePurchase, Settled, Target},
    store,
};
use crate::{checkout::RESUMABLE_FOR, purchase::Purchase};

/// Younger purchases are left to their webhooks.
const WAITS_FOR: TimeDelta = TimeDelta::minutes(2);
/// A purchase without a page that is older can no longer be resumed and is given up. Twice as long as
/// it can be resumed, so that the two never meet.
const PAGELESS_FOR: TimeDelta = TimeDelta::minutes(2 * RESUMABLE_FOR.num_minutes());
/// Purchases read at once.
const BATCH: u64 = 100;

/// Reconciles tenants, as the worker.
#[derive(Clone)]
pub(crate) struct Reconcile {
    /// The worker's.
    pub(crate) db: Database,
    pub(crate) settle: SettlePurchase,
    pub(crate) clock: Clock,
}

/// What a reconciliation did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reconciled {
    pub(crate) paid: u64,
    pub(crate) cancelled: u64,
    pub(crate) parked: u64,
    /// Could not be asked about; the next run tries again.
    pub(crate) left: u64,
}

/// Why a reconciliation stopped.
#[derive(Debug, Error)]
pub(crate) enum ReconcileError {
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

impl Reconcile {
    /// Settles everything of `tenant` that waits. One purchase that cannot be settled does not keep
    /// the others waiting.
    pub(crate) async fn tenant(&self, tenant: TenantId) -> Result<Reconciled, ReconcileError> {
        let mut done =
            Reconciled { cancelled: self.give_up(tenant).await?, ..Reconciled::default() };
        let before = self.clock.now() - WAITS_FOR;
        let mut after = None;
        loop {
            let batch = self
                .db
                .tenant(tenant)
                .read(move |tx| async move { store::waiting(&tx, before, after, BATCH).await });
            let batch: Vec<Purchase> = batch.await?;
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            for purchase in batch {
                self.one(tenant, purchase, &mut done).await;
            }
        }
        tracing::debug!(tenant_id = %tenant, ?done, "reconciled");
        Ok(done)
    }

    async fn give_up(&self, tenant: TenantId) -> Result<u64, DbError> {
        let before = self.clock.now() - PAGELESS_FOR;
        let given_up = self
            .db
            .tenant(tenant)
            .run(move |tx| async move { store::cancel_pageless(&tx, before).await });
        given_up.await
    }

    async fn one(&self, tenant: TenantId, purchase: Purchase, done: &mut Reconciled) {
        let Some(page) = &purchase.page else { return };
        let target = Target {
            tenant,
            purchase: purchase.id,
            session: page.session_id.clone(),
            payment_intent: None,
        };
        let (id, now) = (purchase.id, self.clock.now());
        let settled = self.settle.settle(target, move |tx: TenantTx, settled| async move {
            if settled == Settled::Gone {
                store::cancel_forgotten(&tx, &purchase, now).await?;
            }
            Ok(())
        });
        match settled.await {
            Ok(Settled::Paid) => done.paid += 1,
            Ok(Settled::Cancelled) => done.cancelled += 1,
            Ok(Settled::Parked(_)) => done.parked += 1,
            Ok(Settled::Unchanged | Settled::Gone) => {}
            Err(error) => {
                done.left += 1;
                let cause = match &error {
                    SettleError::Stripe(error) => error.to_string(),
                    SettleError::Db(error) => error.to_string(),
                    SettleError::NoPurchase => error.to_string(),
                };
                tracing::warn!(tenant_id = %tenant, purchase_id = %id, cause, "a purchase could not be reconciled");
            }
        }
    }
}
