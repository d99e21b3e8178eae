//! Work inside one tenant's fence.

use std::{panic, time::Duration};

use backon::BackoffBuilder;
use bk_kernel::TenantId;
use tokio::runtime::Handle;
use tracing::Instrument;

use crate::{
    Database, DbError, TenantTx,
    session::End,
    tx::{Access, Aftermath},
};

/// Runs of [`TenantScope::run_retrying`], the first included.
const MOST_RUNS: usize = 5;

/// One tenant of a database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TenantScope {
    database: Database,
    tenant: TenantId,
}

impl TenantScope {
    pub(crate) const fn new(database: Database, tenant: TenantId) -> Self {
        Self { database, tenant }
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    /// Runs `work` in one transaction and commits; an error of `work` rolls back.
    ///
    /// It runs as a task of its own: a caller that is dropped does not stop it, and it commits. A
    /// panic of `work` rolls back and goes on in the caller.
    pub fn run<T, E, F, Fut>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F, Fut>
    where
        F: FnOnce(TenantTx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let scope = self.clone();
        in_own_task(
            self.database.runtime(),
            async move { scope.attempt(Access::Write, work).await.0 },
        )
    }

    /// The same, read only: the server refuses every change.
    pub fn read<T, E, F, Fut>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F, Fut>
    where
        F: FnOnce(TenantTx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let scope = self.clone();
        in_own_task(
            self.database.runtime(),
            async move { scope.attempt(Access::Read, work).await.0 },
        )
    }

    /// Like [`run`](Self::run), but starts over, at most five times in all, when the transaction
    /// lost to a concurrent one. `work` must have no effect outside the transaction.
    pub fn run_retrying<T, E, F, Fut>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F, Fut>
    where
        F: Fn(TenantTx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let scope = self.clone();
        in_own_task(self.database.runtime(), async move {
            let mut pauses = backon::ExponentialBuilder::new()
                .with_min_delay(Duration::from_millis(5))
                .with_max_times(MOST_RUNS - 1)
                .with_jitter()
                .build();
            loop {
                let (outcome, aftermath) = scope.attempt(Access::Write, &work).await;
                match (outcome.is_err() && aftermath.lost).then(|| pauses.next()).flatten() {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return outcome,
                }
            }
        })
    }

    async fn attempt<T, E, F, Fut>(&self, access: Access, work: F) -> (Result<T, E>, Aftermath)
    where
        F: FnOnce(TenantTx) -> Fut,
        Fut: Future<Output = Result<T, E>>,
        E: From<DbError>,
    {
        let tx = match TenantTx::begin(self.database.connections(), self.tenant, access).await {
            Ok(tx) => tx,
            Err(error) => return (Err(error.into()), Aftermath::default()),
        };
        let outcome = work(tx.clone()).await;
        let (outcome, aftermath) = finish(outcome, async |how| tx.end(how).await).await;
        if aftermath.told {
            self.database.nudge();
        }
        (outcome, aftermath)
    }
}

/// Commits what succeeded and rolls back what failed. The failure of the work itself is the one
/// that is told, even when the rollback fails too.
pub(crate) async fn finish<T, E: From<DbError>>(
    outcome: Result<T, E>,
    end: impl AsyncFnOnce(End) -> (Result<(), DbError>, Aftermath),
) -> (Result<T, E>, Aftermath) {
    match outcome {
        Ok(done) => {
            let (ended, aftermath) = end(End::Commit).await;
            (ended.map(|()| done).map_err(E::from), aftermath)
        }
        Err(error) => {
            let (_, aftermath) = end(End::Rollback).await;
            (Err(error), aftermath)
        }
    }
}

/// Runs to the end, on this runtime, whatever becomes of the caller.
pub(crate) async fn in_own_task<T, E>(
    runtime: Handle,
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    match runtime.spawn(work.in_current_span()).await {
        Ok(outcome) => outcome,
        Err(failure) => match failure.try_into_panic() {
            Ok(payload) => panic::resume_unwind(payload),
            Err(_) => Err(DbError::other("the runtime is shutting down").into()),
        },
    }
}
