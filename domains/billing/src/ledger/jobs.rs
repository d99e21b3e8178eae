//! The background work of this slice, as the queue sees it.

use std::sync::Arc;

use async_trait::async_trait;
use bk_contracts::tenants::Tenants;
use bk_kernel::OperationContext;
use bk_persistence::{
    Database, DbError,
    jobs::{self, JobContext, JobError, JobHandler, NewJob, Registry, for_each_tenant},
};
use serde_json::{Value, json};

use super::reconcile_tenant::ReconcileTenant;

/// Queues a reconciliation of every tenant; no payload.
const RECONCILE: &str = "stripe.reconcile";
/// Reconciles one tenant; payload `{"tenant_id"}`.
const RECONCILE_TENANT: &str = "stripe.reconcile_tenant";

const EVERY_TEN_MINUTES: &str = "*/10 * * * *";
/// Runs of a tenant's reconciliation before it is left to the next schedule.
const MAX_ATTEMPTS: i16 = 3;

/// The job that reconciles the tenant of the operation. At most one of a tenant waits.
pub(super) fn reconciliation_job(ctx: &OperationContext) -> NewJob {
    let tenant = ctx.tenant_id();
    let job = NewJob {
        key: Some(format!("{RECONCILE_TENANT}:{tenant}")),
        max_attempts: Some(MAX_ATTEMPTS),
        ..NewJob::now(RECONCILE_TENANT, json!({ "tenant_id": tenant }))
    };
    job.caused_by(ctx.request_id())
}

/// What the jobs need; the database is the worker's.
pub(crate) struct ReconcileJobs {
    pub(crate) reconcile: ReconcileTenant,
    pub(crate) tenants: Arc<dyn Tenants>,
    pub(crate) db: Database,
}

impl ReconcileJobs {
    /// Registers handlers and schedules.
    pub(crate) fn register(self, registry: &mut Registry) {
        let Self { reconcile, tenants, db } = self;
        registry.register(RECONCILE_TENANT, Arc::new(ReconcileOne(reconcile)));
        registry.register(RECONCILE, Arc::new(ReconcileAll { tenants, db }));
        registry.schedule(EVERY_TEN_MINUTES, RECONCILE, json!({}));
    }
}

struct ReconcileOne(ReconcileTenant);

#[async_trait]
impl JobHandler for ReconcileOne {
    async fn run(&self, job: &JobContext, _: Value) -> Result<(), JobError> {
        self.0.reconcile(&job.operation()?).await?;
        Ok(())
    }
}

struct ReconcileAll {
    tenants: Arc<dyn Tenants>,
    db: Database,
}

#[async_trait]
impl JobHandler for ReconcileAll {
    async fn run(&self, job: &JobContext, _: Value) -> Result<(), JobError> {
        let tenants = self.tenants.active().await?;
        let enqueue = |ctx: OperationContext| {
            let job = reconciliation_job(&ctx);
            self.db.transaction(&ctx, job, async |tx, job| jobs::enqueue(&tx, job).await)
        };
        for_each_tenant::<DbError, _, _>(job, tenants, enqueue).await
    }
}
