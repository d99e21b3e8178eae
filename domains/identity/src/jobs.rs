//! The background work of identity.

use std::sync::Arc;

use async_trait::async_trait;
use bk_kernel::TenantId;
use bk_persistence::{
    DbError,
    jobs::{JobContext, JobError, JobHandler, Registry},
};
use serde_json::{Value, json};

use crate::{
    Identity, invitations,
    invitations::{SEND_JOB, SendInvitation},
    sessions,
    tenant::NOBODYS_TENANT,
};

const PRUNE_JOB: &str = "sessions.prune";

/// A quiet minute of every hour.
const PRUNE_CRON: &str = "17 * * * *";

impl Identity {
    /// Registers what this domain does in the background: mailing invitations, and deleting hourly
    /// what has been over for long.
    pub fn jobs(&self, registry: &mut Registry) {
        registry.register(SEND_JOB, Arc::new(SendInvitation(self.clone())));
        registry.register(PRUNE_JOB, Arc::new(Prune(self.clone())));
        registry.schedule(PRUNE_CRON, PRUNE_JOB, json!({}));
    }
}

/// Does [`PRUNE_JOB`], tenant by tenant; one that fails does not stop the others.
struct Prune(Identity);

#[async_trait]
impl JobHandler for Prune {
    async fn run(&self, _: &JobContext, _: Value) -> Result<(), JobError> {
        let mut tenants = self.0.tenants().active().await?;
        tenants.push(NOBODYS_TENANT.into());
        let mut failed = 0_u32;
        for tenant in tenants {
            if let Err(error) = self.one(tenant).await {
                tracing::warn!(%tenant, %error, "old sessions could not be deleted");
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
    async fn one(&self, tenant: TenantId) -> Result<(), DbError> {
        let now = self.0.clock().now();
        let scope = self.0.db().tenant(tenant);
        let rows = scope
            .run(move |tx| async move {
                let sessions = sessions::prune(&tx, now).await?;
                Ok::<_, DbError>(sessions + invitations::prune(&tx, now).await?)
            })
            .await?;
        metrics::counter!("identity_pruned_rows_total").increment(rows);
        Ok(())
    }
}
