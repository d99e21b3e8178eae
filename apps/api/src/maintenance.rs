//! The host's own background work: deleting what the shared crates keep for a while only.

use std::sync::Arc;

use async_trait::async_trait;
use bk_admin::AdminPorts;
use bk_contracts::tenants::Tenants;
use bk_guard::prune_idempotency_keys;
use bk_kernel::OperationContext;
use bk_persistence::{
    Database, DbError,
    jobs::{JobContext, JobError, JobHandler, Registry, for_each_tenant},
    outbox,
};
use chrono::TimeDelta;
use serde_json::{Value, json};

const JOB: &str = "host.prune";

/// A quiet minute of every hour.
const CRON: &str = "43 * * * *";

/// Delivered events stay this long, for people who look into something.
const DELIVERED_EVENT_RETENTION: TimeDelta = TimeDelta::days(30);

/// Events deleted in one transaction.
const PRUNE_BATCH_SIZE: i64 = 1_000;

/// Registers the job and its schedule.
pub(crate) fn register(worker: &Database, ports: &AdminPorts, registry: &mut Registry) {
    let prune = Prune { db: worker.clone(), tenants: ports.clone() };
    registry.register(JOB, Arc::new(prune));
    registry.schedule(CRON, JOB, json!({}));
}

/// Deletes expired idempotency keys and events delivered long ago, tenant by tenant.
struct Prune {
    db: Database,
    tenants: AdminPorts,
}

#[async_trait]
impl JobHandler for Prune {
    async fn run(&self, job: &JobContext, _: Value) -> Result<(), JobError> {
        let tenants = self.tenants.active().await?;
        for_each_tenant(job, tenants, async |ctx| self.prune(&ctx).await).await
    }
}

impl Prune {
    async fn prune(&self, ctx: &OperationContext) -> Result<(), DbError> {
        let mut rows = prune_idempotency_keys(&self.db, ctx).await?;
        loop {
            let delivered_before = ctx.at() - DELIVERED_EVENT_RETENTION;
            let deleted = self
                .db
                .transaction(ctx, delivered_before, async |tx, before| {
                    outbox::prune(&tx, before, PRUNE_BATCH_SIZE).await
                })
                .await?;
            rows += deleted;
            if deleted < PRUNE_BATCH_SIZE.unsigned_abs() {
                break;
            }
        }
        metrics::counter!("host_pruned_rows_total").increment(rows);
        Ok(())
    }
}
