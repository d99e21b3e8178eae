//! A database as one role sees it.

use std::{fmt, sync::Arc};

use bk_kernel::{OperationContext, TenantId};
use sqlx::PgPool;
use tokio::{runtime::Handle, sync::Notify};

use crate::{
    DatabaseUrl, DbError, DbRole, GlobalTx, PoolSettings, TenantScope, TenantTx,
    attempts::{finish, in_own_task, until_won},
    pool::{self, Connections},
    tx::Access,
};

/// The pool of one role. Clones share it.
///
/// Work runs on the runtime that connected, whichever thread asks for it: that runtime polls the
/// connections, and an answer that had to cross threads would cost more than most statements.
#[derive(Clone)]
pub struct Database {
    connections: Connections,
    libraries: PgPool,
    role: DbRole,
    runtime: Handle,
    /// Notified when a commit brought events, so that the relay delivers them at once.
    relay: Arc<Notify>,
}

impl Database {
    /// Connects as `role` to the server and database that `url` names. The URL's password is used,
    /// its user is not. Fails when the server cannot be reached or refuses the role.
    pub async fn connect(
        url: &DatabaseUrl,
        role: DbRole,
        pool: PoolSettings,
    ) -> Result<Self, DbError> {
        Ok(Self {
            connections: pool::connections(url, role, &pool).await?,
            libraries: pool::for_libraries(url, role, &pool),
            role,
            runtime: Handle::current(),
            relay: Arc::default(),
        })
    }

    /// The old way to a tenant's transactions: see [`transaction`](Self::transaction).
    #[must_use]
    pub fn tenant(&self, tenant: TenantId) -> TenantScope {
        TenantScope::new(self.clone(), tenant)
    }

    /// Runs `work` in one transaction of the context's tenant and commits; an error of `work` rolls
    /// back. This is the one place that opens a transaction of a tenant.
    ///
    /// `work` is given a clone of `input` and starts over, at most five times in all, when the
    /// transaction lost to a concurrent one (SQLSTATE 40001 or 40P01), so it must have no effect
    /// outside the transaction. A transaction whose commit was sent and not answered is never
    /// repeated: [`DbError::Unavailable`] then means that it may or may not have been kept.
    ///
    /// It runs as a task of its own: a caller that is dropped does not stop it, and it commits. A
    /// panic of `work` rolls back and goes on in the caller.
    ///
    /// An async closure that captures nothing fits, and takes what it needs from `input`:
    ///
    /// ```
    /// # use bk_kernel::OperationContext;
    /// # use bk_persistence::{Database, DbError, store::sql};
    /// # async fn rename(db: &Database, ctx: &OperationContext, name: String) -> Result<u64, DbError> {
    /// db.transaction(ctx, (ctx.clone(), name), async |tx, (ctx, name)| {
    ///     sql("UPDATE tenants SET name = $2 WHERE tenant_id = $1")
    ///         .bind_id(ctx.tenant_id())
    ///         .bind(name)
    ///         .execute(&tx)
    ///         .await
    /// })
    /// .await
    /// # }
    /// ```
    pub fn transaction<I, T, E, F, Fut>(
        &self,
        context: &OperationContext,
        input: I,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<I, T, E, F, Fut>
    where
        F: Fn(TenantTx, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        I: Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.begin(context, Access::Write, input, work)
    }

    /// Like [`transaction`](Self::transaction), read only: the server refuses every change.
    pub fn read<I, T, E, F, Fut>(
        &self,
        context: &OperationContext,
        input: I,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<I, T, E, F, Fut>
    where
        F: Fn(TenantTx, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        I: Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        self.begin(context, Access::Read, input, work)
    }

    fn begin<I, T, E, F, Fut>(
        &self,
        context: &OperationContext,
        access: Access,
        input: I,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<I, T, E, F, Fut>
    where
        F: Fn(TenantTx, I) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        I: Clone + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let attempts = until_won(self.clone(), context.tenant_id(), access, input, work);
        in_own_task(self.runtime(), attempts)
    }

    /// Like [`transaction`](Self::transaction) but once, and with no tenant set: for the allow-listed functions and the
    /// tables without a tenant (directory, inbox of webhooks, queue). Tenant tables look empty.
    pub fn global<T, E, F, Fut>(
        &self,
        work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F, Fut>
    where
        F: FnOnce(GlobalTx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let connections = self.connections.clone();
        in_own_task(self.runtime(), async move {
            let tx = GlobalTx::begin(&connections).await?;
            let outcome = work(tx.clone()).await;
            finish(outcome, async |how| tx.end(how).await).await.0
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbError> {
        self.global(async |_| Ok(())).await
    }

    /// The role this connects as.
    #[must_use]
    pub const fn role(&self) -> DbRole {
        self.role
    }

    /// Notified after every commit, in this process, of a transaction that appended to the outbox.
    pub(crate) fn outbox_wake(&self) -> Arc<Notify> {
        Arc::clone(&self.relay)
    }

    /// The same pool, whose commits wake the relay that works on another role's database in this
    /// process.
    #[must_use]
    pub fn waking(mut self, worker: &Self) -> Self {
        self.relay = worker.outbox_wake();
        self
    }

    /// Closes all connections; one on loan when it comes back.
    pub async fn close(&self) {
        self.connections.close();
        self.libraries.close().await;
    }

    pub(crate) fn runtime(&self) -> Handle {
        self.runtime.clone()
    }

    pub(crate) fn wake_relay(&self) {
        self.relay.notify_one();
    }

    pub(crate) const fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Only for what cannot run inside a transaction of this crate: the queue's own machinery.
    pub(crate) const fn libraries(&self) -> &PgPool {
        &self.libraries
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("role", &self.role).finish_non_exhaustive()
    }
}
