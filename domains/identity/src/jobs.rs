//! The background work of identity: mailing invitations, and deleting hourly what is no longer
//! needed.

use std::sync::Arc;

use async_trait::async_trait;
use bk_kernel::OperationContext;
use bk_persistence::{
    DbError,
    jobs::{JobContext, JobError, JobHandler, Registry, for_each_tenant},
};
use serde_json::{Value, json};

use crate::{
    Identity,
    invitations::{self, SEND_JOB, SendInvitation},
    requested_tenant::UNKNOWN_TENANT,
    sessions,
};

/// The identifier of the job that deletes.
const PRUNE_JOB: &str = "sessions.prune";

/// Once an hour, at a minute when little else is scheduled.
const PRUNE_CRON: &str = "17 * * * *";

/// Registers the jobs and their schedules.
pub(crate) fn register(identity: &Identity, registry: &mut Registry) {
    registry.register(SEND_JOB, Arc::new(SendInvitation(identity.clone())));
    registry.register(PRUNE_JOB, Arc::new(Prune(identity.clone())));
    registry.schedule(PRUNE_CRON, PRUNE_JOB, json!({}));
}

/// Does the job [`PRUNE_JOB`] for every tenant.
struct Prune(Identity);

#[async_trait]
impl JobHandler for Prune {
    async fn run(&self, job: &JobContext, _: Value) -> Result<(), JobError> {
        let mut tenants = self.0.tenants().active().await?;
        tenants.push(UNKNOWN_TENANT.into());
        for_each_tenant(job, tenants, async |ctx| prune(&ctx, &self.0).await).await
    }
}

/// Deletes old sessions, failed logins and invitations of the context's tenant.
async fn prune(ctx: &OperationContext, identity: &Identity) -> Result<(), DbError> {
    let rows = identity
        .db()
        .transaction(ctx, ctx.clone(), async |tx, ctx| {
            let sessions = sessions::prune_sessions(&ctx, &tx).await?;
            Ok::<_, DbError>(sessions + invitations::prune_invitations(&ctx, &tx).await?)
        })
        .await?;
    metrics::counter!("identity_pruned_rows_total").increment(rows);
    Ok(())
}
