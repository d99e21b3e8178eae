//! Work inside one tenant's fence.

use bk_kernel::TenantId;

use crate::{
    Database, DbError, TenantTx,
    attempts::{attempt, in_own_task},
    tx::Access,
};

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

    /// The tenant whose transactions it opens.
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
        in_own_task(self.database.runtime(), async move {
            attempt(&scope.database, scope.tenant, Access::Write, work).await.0
        })
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
        in_own_task(self.database.runtime(), async move {
            attempt(&scope.database, scope.tenant, Access::Read, work).await.0
        })
    }
}
