//! A database as one role sees it.

use std::{fmt, sync::Arc};

use bk_kernel::TenantId;
use sqlx::PgPool;
use tokio::sync::Notify;

use crate::{
    DatabaseUrl, DbError, DbRole, GlobalTx, PoolSettings, TenantScope, pool,
    scope::{finish, in_own_task},
};

/// The pool of one role. Clones share it.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
    role: DbRole,
    nudge: Arc<Notify>,
}

impl Database {
    /// Connects as `role` to the server and database that `url` names. The URL's password is used,
    /// its user is not.
    pub async fn connect(
        url: &DatabaseUrl,
        role: DbRole,
        pool: PoolSettings,
    ) -> Result<Self, DbError> {
        Ok(Self { pool: pool::open(url, role, &pool).await?, role, nudge: Arc::default() })
    }

    /// The scope of one tenant.
    #[must_use]
    pub fn tenant(&self, tenant: TenantId) -> TenantScope {
        TenantScope::new(self.clone(), tenant)
    }

    /// Like [`TenantScope::run`] but with no tenant set: for the allow-listed functions and the
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
        let pool = self.pool.clone();
        in_own_task(async move {
            let tx = GlobalTx::begin(&pool).await?;
            let outcome = work(tx.clone()).await;
            finish(outcome, async |how| tx.end(how).await).await.0
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// The role this connects as.
    #[must_use]
    pub const fn role(&self) -> DbRole {
        self.role
    }

    /// Woken after every commit, in this process, of a transaction that appended to the outbox.
    #[must_use]
    pub fn outbox_nudge(&self) -> Arc<Notify> {
        Arc::clone(&self.nudge)
    }

    /// The same pool, waking the relay of another role's database in this process.
    #[must_use]
    pub fn nudging(mut self, other: &Self) -> Self {
        self.nudge = other.outbox_nudge();
        self
    }

    /// Waits for running statements and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    pub(crate) fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Only for what cannot run inside a transaction of this crate: the queue's own machinery.
    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("role", &self.role).finish_non_exhaustive()
    }
}
