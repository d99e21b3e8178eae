//! The host's own background work: forgetting what the shared crates keep for a while.

use std::sync::Arc;

use async_trait::async_trait;
use bk_admin::AdminPorts;
use bk_contracts::tenants::Tenants;
use bk_guard::prune_idempotency_keys;
use bk_kernel::{Clock, OperationContext, RequestId, TenantId};
use bk_persistence::{
    Database, DbError,
    jobs::{JobContext, JobError, JobHandler, Registry},
    outbox,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

const JOB: &str = "host.prune";

/// A quiet minute of every hour.
const CRON: &str = "43 * * * *";

/// Delivered events stay this long, for people who look into something.
const DELIVERED_EVENT_RETENTION: TimeDelta = TimeDelta::days(30);

/// Events deleted in one transaction.
const PRUNE_BATCH_SIZE: i64 = 1_000;

/// Registers the job and its schedule.
pub(crate) fn register(
    worker: &Database,
    ports: &AdminPorts,
    clock: &Clock,
    registry: &mut Registry,
) {
    let prune = Prune { db: worker.clone(), tenants: ports.clone(), clock: clock.clone() };
    registry.register(JOB, Arc::new(prune));
    registry.schedule(CRON, JOB, json!({}));
}

/// Deletes expired idempotency keys and events delivered long ago, tenant by tenant; one that fails
/// does not stop the others.
struct Prune {
    db: Database,
    tenants: AdminPorts,
    clock: Clock,
}

#[async_trait]
impl JobHandler for Prune {
    async fn run(&self, _: &JobContext, _: Value) -> Result<(), JobError> {
        let now = self.clock.now();
        let mut failed = 0_u32;
        for tenant in self.tenants.active().await? {
            if let Err(error) = self.one(tenant, now).await {
                tracing::warn!(%tenant, %error, "old keys and events could not be deleted");
                failed += 1;
            }
        }
        match failed {
            0 => Ok(()),
            tenants => Err(JobError::retry(format!("{tenants} tenants were not pruned"))),
        }
    }
}

impl Prune {
    async fn one(&self, tenant: TenantId, now: DateTime<Utc>) -> Result<(), DbError> {
        let operation = OperationContext::system(tenant, RequestId::new(), now);
        let mut rows = prune_idempotency_keys(&self.db, &operation).await?;
        let before = now - DELIVERED_EVENT_RETENTION;
        loop {
            let scope = self.db.tenant(tenant);
            let work =
                scope.run(async move |tx| outbox::prune(&tx, before, PRUNE_BATCH_SIZE).await);
            let deleted: u64 = work.await?;
            rows += deleted;
            if deleted < PRUNE_BATCH_SIZE.unsigned_abs() {
                break;
            }
        }
        metrics::counter!("host_pruned_rows_total").increment(rows);
        Ok(())
    }
}
