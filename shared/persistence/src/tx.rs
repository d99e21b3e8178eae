//! Handles on an open transaction, which stores give their queries to.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use bk_kernel::TenantId;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::Mutex;

use crate::{
    DbError,
    pool::Connections,
    transaction::{End, SAVEPOINTS, Savepoint, Transaction, ended},
};

/// A transaction that sees one tenant. Clones are handles on the same transaction; after it ended
/// they answer every statement with an error.
#[derive(Clone)]
pub struct TenantTx {
    tenant: TenantId,
    shared: Arc<Shared>,
}

/// A transaction without a tenant: for the allow-listed functions and tables only. Row-level
/// security shows it no tenant's rows.
#[derive(Clone)]
pub struct GlobalTx {
    shared: Arc<Shared>,
}

/// The transaction that the handles share.
struct Shared {
    /// Taken out when it ends.
    transaction: Mutex<Option<Transaction>>,
    has_events: AtomicBool,
    /// Savepoints that are open.
    savepoints: AtomicUsize,
}

/// A level of nested savepoints, held for as long as the work in it runs or until it is abandoned.
struct Level<'a> {
    depth: &'a AtomicUsize,
    /// 0 for the outermost.
    number: usize,
}

impl<'a> Level<'a> {
    fn enter(depth: &'a AtomicUsize) -> Self {
        Self { depth, number: depth.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.depth.store(self.number, Ordering::Relaxed);
    }
}

/// What became of a transaction, besides its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommitOutcome {
    /// The server confirmed it.
    Committed {
        /// An event was appended to the outbox.
        has_events: bool,
    },
    /// Nothing was kept.
    RolledBack {
        /// A statement or the commit lost to a concurrent transaction (SQLSTATE 40001 or 40P01).
        lost_race: bool,
    },
    /// The commit was sent and not answered: it may or may not have been kept.
    Unknown,
}

impl CommitOutcome {
    /// Whether the same work may succeed when it is run again at once, and nothing was kept of it.
    pub(crate) const fn lost_race(self) -> bool {
        matches!(self, Self::RolledBack { lost_race: true })
    }
}

impl TenantTx {
    pub(crate) async fn begin(
        connections: &Connections,
        tenant: TenantId,
        access: Access,
    ) -> Result<Self, DbError> {
        // A UUID prints hexadecimal digits and dashes only: there is nothing to escape. SET LOCAL
        // and not set_config: only the former travels to the shards of a distributed database.
        let begin = format!("{}; SET LOCAL app.tenant_id = '{}'", access.begin(), tenant.uuid());
        Ok(Self { tenant, shared: Shared::begin(connections, &begin).await? })
    }

    /// The tenant whose rows this transaction sees. Queries name it too.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.tenant
    }

    /// Runs `work` so that its failure undoes only its own changes, and the transaction goes on.
    /// Other handles must not be used meanwhile: their changes would be undone as well. Savepoints
    /// nest, at most eight deep.
    pub async fn savepoint<T, E, Fut>(&self, work: impl FnOnce(Self) -> Fut) -> Result<T, E>
    where
        Fut: Future<Output = Result<T, E>>,
        E: From<DbError>,
    {
        let level = Level::enter(&self.shared.savepoints);
        let savepoint = SAVEPOINTS
            .get(level.number)
            .ok_or_else(|| DbError::other("savepoints are nested too deeply"))?;
        self.shared.raw(savepoint.begin).await.map_err(DbError::from)?;
        match work(self.clone()).await {
            Ok(done) => {
                self.shared.raw(savepoint.release).await.map_err(DbError::from)?;
                Ok(done)
            }
            Err(error) => {
                self.shared.roll_back_to(savepoint).await.map_err(DbError::from)?;
                Err(error)
            }
        }
    }

    /// Remembers that the outbox has something new, so that the relay is woken after the commit.
    pub(crate) fn mark_events(&self) {
        self.shared.has_events.store(true, Ordering::Relaxed);
    }

    pub(crate) async fn end(&self, how: End) -> (Result<(), DbError>, CommitOutcome) {
        self.shared.end(how).await
    }
}

impl GlobalTx {
    pub(crate) async fn begin(connections: &Connections) -> Result<Self, DbError> {
        Ok(Self { shared: Shared::begin(connections, "BEGIN").await? })
    }

    pub(crate) async fn end(&self, how: End) -> (Result<(), DbError>, CommitOutcome) {
        self.shared.end(how).await
    }
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    Read,
}

impl Access {
    const fn begin(self) -> &'static str {
        match self {
            Self::Write => "BEGIN",
            Self::Read => "BEGIN READ ONLY",
        }
    }
}

impl Shared {
    async fn begin(connections: &Connections, begin: &str) -> Result<Arc<Self>, DbError> {
        let transaction = Transaction::begin(connections, begin).await?;
        Ok(Arc::new(Self {
            transaction: Mutex::new(Some(transaction)),
            has_events: AtomicBool::new(false),
            savepoints: AtomicUsize::new(0),
        }))
    }

    async fn raw(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut transaction = self.transaction.lock().await;
        transaction.as_mut().ok_or_else(ended)?.raw(sql).await.map(Into::into)
    }

    async fn roll_back_to(&self, savepoint: &Savepoint) -> Result<(), DbErr> {
        let mut transaction = self.transaction.lock().await;
        transaction.as_mut().ok_or_else(ended)?.roll_back_to(savepoint).await
    }

    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut transaction = self.transaction.lock().await;
        let transaction = transaction.as_mut().ok_or_else(ended)?;
        let done = transaction
            .statement(&statement, async |query, connection| query.execute(connection).await);
        done.await.map(Into::into)
    }

    async fn one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut transaction = self.transaction.lock().await;
        let transaction = transaction.as_mut().ok_or_else(ended)?;
        let row = transaction.statement(&statement, async |query, connection| {
            query.fetch_optional(connection).await
        });
        Ok(row.await?.map(Into::into))
    }

    async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut transaction = self.transaction.lock().await;
        let transaction = transaction.as_mut().ok_or_else(ended)?;
        let rows = transaction
            .statement(&statement, async |query, connection| query.fetch_all(connection).await);
        Ok(rows.await?.into_iter().map(Into::into).collect())
    }

    /// Takes the transaction out, so the handles that are left are useless, and ends it.
    async fn end(&self, how: End) -> (Result<(), DbError>, CommitOutcome) {
        let Some(mut transaction) = self.transaction.lock().await.take() else {
            return (Err(ended().into()), CommitOutcome::RolledBack { lost_race: false });
        };
        let result = transaction.end(how).await;
        let outcome = match (&result, how) {
            (Ok(()), End::Commit) => {
                CommitOutcome::Committed { has_events: self.has_events.load(Ordering::Relaxed) }
            }
            (Err(_), End::Commit) if transaction.is_commit_unanswered() => CommitOutcome::Unknown,
            _ => CommitOutcome::RolledBack { lost_race: transaction.has_lost_race() },
        };
        (result, outcome)
    }
}

macro_rules! connection_through_shared {
    ($handle:ty) => {
        #[async_trait]
        impl ConnectionTrait for $handle {
            fn get_database_backend(&self) -> DbBackend {
                DbBackend::Postgres
            }

            async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
                self.shared.execute(statement).await
            }

            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                self.shared.raw(sql).await
            }

            async fn query_one_raw(
                &self,
                statement: Statement,
            ) -> Result<Option<QueryResult>, DbErr> {
                self.shared.one(statement).await
            }

            async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
                self.shared.all(statement).await
            }
        }
    };
}

connection_through_shared!(TenantTx);
connection_through_shared!(GlobalTx);
