//! What a job knows of the run it is in.

use std::panic::AssertUnwindSafe;

use bk_kernel::{OperationContext, RequestId, TenantId};
use chrono::{DateTime, Utc};
use futures::FutureExt;
use tracing::Instrument;

use super::JobError;

/// One run of a job: which job, for which tenant if for one, caused by which request, since when.
///
/// The operation contexts of a job are made here: [`operation`](Self::operation) for a job of one
/// tenant, [`for_each_tenant`] or [`operation_of`](Self::operation_of) for one of the whole
/// deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobContext {
    job: &'static str,
    tenant_id: Option<TenantId>,
    request_id: RequestId,
    at: DateTime<Utc>,
}

impl JobContext {
    /// The run of a job for a tenant, or for the whole deployment. The [`Runner`](super::Runner)
    /// makes it; tests and tools that call a handler themselves do too.
    #[must_use]
    pub const fn new(
        job: &'static str,
        tenant_id: Option<TenantId>,
        request_id: RequestId,
        at: DateTime<Utc>,
    ) -> Self {
        Self { job, tenant_id, request_id, at }
    }

    /// The job's identifier.
    #[must_use]
    pub const fn job(&self) -> &'static str {
        self.job
    }

    /// The tenant that the payload names; none for a job of the whole deployment.
    #[must_use]
    pub const fn tenant_id(&self) -> Option<TenantId> {
        self.tenant_id
    }

    /// The request that enqueued the job; for one that came by schedule, a fresh id of this run.
    #[must_use]
    pub const fn request_id(&self) -> RequestId {
        self.request_id
    }

    /// When the run began, by the product's clock.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The operation of a job of one tenant. Fails for good when the payload names none.
    pub fn operation(&self) -> Result<OperationContext, JobError> {
        self.tenant_id
            .map(|tenant| self.operation_of(tenant))
            .ok_or_else(|| JobError::give_up("the payload names no tenant"))
    }

    /// The operation, within this job, of one of the tenants it works for.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the contexts of jobs are made here")]
    pub const fn operation_of(&self, tenant: TenantId) -> OperationContext {
        OperationContext::system(tenant, self.request_id, self.at)
    }
}

/// Runs `work` for one tenant after the other. One that fails or panics stops no other; it is
/// logged, and in the end the job fails, to be retried, with the number of those that failed.
pub async fn for_each_tenant<E, F, Fut>(
    job: &JobContext,
    tenants: impl IntoIterator<Item = TenantId>,
    work: F,
) -> Result<(), JobError>
where
    F: Fn(OperationContext) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Into<JobError>,
{
    let (mut count, mut failed) = (0_u32, 0_u32);
    for tenant in tenants {
        count += 1;
        let span = tracing::info_span!("tenant", tenant_id = %tenant);
        let outcome = AssertUnwindSafe(work(job.operation_of(tenant)))
            .catch_unwind()
            .instrument(span.clone())
            .await
            .map_or_else(|_| Err(JobError::retry("it panicked")), |done| done.map_err(Into::into));
        if let Err(error) = outcome {
            failed += 1;
            let _entered = span.entered();
            tracing::error!(job = job.job(), %error, "a job failed for a tenant");
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(JobError::retry(format!("{failed} of {count} tenants failed"))),
    }
}
