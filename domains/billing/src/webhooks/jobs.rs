//! The background work of billing, as the queue sees it.

use std::sync::Arc;

use async_trait::async_trait;
use bk_contracts::tenants::Tenants;
use bk_kernel::{Clock, TenantId};
use bk_persistence::{
    Database, DbError,
    jobs::{JobContext, JobError, JobHandler, Registry},
};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    inbox::{EventKey, MOST_ATTEMPTS},
    process_event::ProcessEvent,
    store,
};
use crate::ledger::Reconcile;

/// Works on one event of the inbox; payload [`EventKey`].
pub(super) const PROCESS: &str = "stripe.process";
/// Queues a reconciliation of every tenant; no payload.
const RECONCILE: &str = "stripe.reconcile";
/// Reconciles one tenant; payload `{"tenant_id"}`.
pub(super) const RECONCILE_TENANT: &str = "stripe.reconcile_tenant";

const EVERY_TEN_MINUTES: &str = "*/10 * * * *";
/// An event whose attempts are used up and which still waits after this long was abandoned by a
/// worker that died.
const ABANDONED_AFTER: TimeDelta = TimeDelta::days(2);

/// Everything the jobs need.
pub(crate) struct Jobs {
    pub(crate) process: ProcessEvent,
    pub(crate) reconcile: Reconcile,
    pub(crate) tenants: Arc<dyn Tenants>,
    /// The worker's.
    pub(crate) db: Database,
    pub(crate) clock: Clock,
}

impl Jobs {
    /// Registers handlers and schedules.
    pub(crate) fn register(self, registry: &mut Registry) {
        let Self { process, reconcile, tenants, db, clock } = self;
        registry.register(PROCESS, Arc::new(Process(process)));
        registry.register(RECONCILE_TENANT, Arc::new(ReconcileOne(reconcile)));
        registry.register(RECONCILE, Arc::new(ReconcileAll { tenants, db, clock }));
        registry.schedule(EVERY_TEN_MINUTES, RECONCILE, json!({}));
    }
}

struct Process(ProcessEvent);

#[async_trait]
impl JobHandler for Process {
    async fn run(&self, _: &JobContext, payload: Value) -> Result<(), JobError> {
        let key = EventKey::deserialize(&payload)
            .map_err(|_| JobError::give_up("the payload names no event"))?;
        Ok(self.0.process(key).await?)
    }
}

struct ReconcileOne(Reconcile);

#[derive(Deserialize)]
struct OfTenant {
    tenant_id: TenantId,
}

#[async_trait]
impl JobHandler for ReconcileOne {
    async fn run(&self, _: &JobContext, payload: Value) -> Result<(), JobError> {
        let OfTenant { tenant_id } = OfTenant::deserialize(&payload)
            .map_err(|_| JobError::give_up("the payload names no tenant"))?;
        self.0.tenant(tenant_id).await?;
        Ok(())
    }
}

struct ReconcileAll {
    tenants: Arc<dyn Tenants>,
    db: Database,
    clock: Clock,
}

#[async_trait]
impl JobHandler for ReconcileAll {
    async fn run(&self, _: &JobContext, _: Value) -> Result<(), JobError> {
        let (now, tenants) = (self.clock.now(), self.tenants.active().await?);
        let queued = self.db.global(move |tx| async move {
            let abandoned =
                store::fail_abandoned(&tx, MOST_ATTEMPTS, now - ABANDONED_AFTER, now).await?;
            if abandoned > 0 {
                metrics::counter!("billing_stripe_events_failed_total").increment(abandoned);
            }
            for tenant in tenants {
                store::enqueue_reconcile(&tx, tenant).await?;
            }
            Ok::<_, DbError>(())
        });
        Ok(queued.await?)
    }
}
