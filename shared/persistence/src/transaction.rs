//! One connection from `BEGIN` to its confirmed end.
//!
//! sqlx's own transaction forgets a `BEGIN` whose future was dropped half-way (its issue 4393) and
//! takes the answer to a `COMMIT` of a failed transaction, which is a rollback, for success. So this
//! module tracks the state itself: a connection goes back to the pool only after the server confirmed
//! the end of the transaction, and in every other case it is closed.

use std::sync::Arc;

use deadpool::managed::Object;
use sea_orm::{DbErr, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, PgConnection, Postgres,
    postgres::{PgDatabaseError, PgSeverity},
    query::Query,
};

use crate::{
    DbError,
    pool::{self, Connection, Connections},
};

/// A transaction on its connection.
pub(crate) struct Transaction {
    /// Absent only while this is dropped.
    connection: Option<Connection>,
    state: State,
    /// A statement or the commit lost to a concurrent transaction.
    lost_race: bool,
    /// `COMMIT` was sent, and the server did not say what became of it.
    commit_unanswered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between two statements.
    Open,
    /// A statement is under way, or its future was dropped before its end.
    Busy,
    /// A statement failed: the server refuses everything but a rollback.
    Failed,
    /// The server confirmed the end.
    Ended,
}

/// How a transaction ended or was made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The changes are kept.
    Commit,
    /// The changes are undone.
    Rollback,
}

/// The statements of a savepoint.
pub(crate) struct Savepoint {
    pub(crate) begin: &'static str,
    /// Keeps what was done since, and forgets the savepoint.
    pub(crate) release: &'static str,
    /// Undoes what was done since, a failure too, and forgets the savepoint.
    pub(crate) roll_back: &'static str,
}

macro_rules! savepoints {
    ($($name:literal),+) => {
        [$(Savepoint {
            begin: concat!("SAVEPOINT ", $name),
            release: concat!("RELEASE SAVEPOINT ", $name),
            roll_back: concat!("ROLLBACK TO SAVEPOINT ", $name, "; RELEASE SAVEPOINT ", $name),
        }),+]
    };
}

/// One for each level of nesting; more are refused.
pub(crate) const SAVEPOINTS: [Savepoint; 8] =
    savepoints!("bk_1", "bk_2", "bk_3", "bk_4", "bk_5", "bk_6", "bk_7", "bk_8");

impl Transaction {
    /// Takes a connection and begins, in one round trip. `begin` may set things after `BEGIN;`.
    ///
    /// A connection that died in the pool, as all do when the server restarts, is replaced: nothing
    /// has been asked of it yet.
    pub(crate) async fn begin(connections: &Connections, begin: &str) -> Result<Self, DbError> {
        loop {
            let connection = pool::borrow(connections).await?;
            let is_new = Object::metrics(&connection).recycle_count == 0;
            let mut transaction = Self {
                connection: Some(connection),
                state: State::Busy,
                lost_race: false,
                commit_unanswered: false,
            };
            match sqlx::raw_sql(AssertSqlSafe(begin)).execute(transaction.connection()?).await {
                Ok(_) => {
                    transaction.state = State::Open;
                    return Ok(transaction);
                }
                Err(error) => match DbError::from(error) {
                    DbError::Unavailable(_) if !is_new => {}
                    error => return Err(error),
                },
            }
        }
    }

    fn connection(&mut self) -> sqlx::Result<&mut PgConnection> {
        self.connection.as_deref_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// Whether a statement lost to a concurrent transaction, so that running it all again may help.
    pub(crate) const fn has_lost_race(&self) -> bool {
        self.lost_race
    }

    /// Whether it is unknown what became of the commit.
    pub(crate) const fn is_commit_unanswered(&self) -> bool {
        self.commit_unanswered
    }

    /// Runs one prepared statement.
    pub(crate) async fn statement<T>(
        &mut self,
        statement: &Statement,
        run: impl AsyncFnOnce(Query<'_, Postgres, SqlxValues>, &mut PgConnection) -> sqlx::Result<T>,
    ) -> Result<T, DbErr> {
        self.begin_statement()?;
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        let query = sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values));
        let outcome = async { run(query, self.connection()?).await }.await;
        self.end_statement(outcome)
    }

    /// Runs SQL text without parameters, of one or more statements. Returns the rows affected.
    pub(crate) async fn raw(&mut self, sql: &str) -> Result<sqlx::postgres::PgQueryResult, DbErr> {
        self.begin_statement()?;
        let query = sqlx::raw_sql(AssertSqlSafe(sql));
        let outcome = async { query.execute(self.connection()?).await }.await;
        self.end_statement(outcome)
    }

    /// Runs the statement that rolls back to a savepoint, after which a failed transaction goes on.
    pub(crate) async fn roll_back_to(&mut self, savepoint: &Savepoint) -> Result<(), DbErr> {
        if self.state == State::Failed {
            self.state = State::Open;
        }
        self.raw(savepoint.roll_back).await.map(drop)
    }

    /// Ends the transaction. An error after `End::Commit` means that nothing was kept, except when
    /// the connection broke while the commit was under way ([`DbError::Unavailable`]): then it may
    /// have been kept, and the work must be safe to repeat.
    pub(crate) async fn end(&mut self, how: End) -> Result<(), DbError> {
        match (how, self.state) {
            // A busy connection is closed when this is dropped, and the server rolls back.
            (_, State::Ended) | (End::Rollback, State::Busy) => Ok(()),
            (End::Rollback, State::Open | State::Failed) => self.rollback().await,
            (End::Commit, State::Open) => self.commit().await,
            (End::Commit, State::Busy) => {
                Err(DbError::other("a statement was abandoned half-way; nothing was kept"))
            }
            (End::Commit, State::Failed) => {
                self.rollback().await?;
                Err(DbError::other("a failed statement was ignored; nothing was kept"))
            }
        }
    }

    async fn commit(&mut self) -> Result<(), DbError> {
        self.state = State::Busy;
        match sqlx::raw_sql("COMMIT").execute(self.connection()?).await {
            Ok(_) => {
                self.state = State::Ended;
                Ok(())
            }
            Err(error) => {
                // A constraint, a lost race or a server that goes away: the answer alone does not tell
                // whether the connection lives on, so it is closed.
                self.commit_unanswered = !is_refusal(&error);
                let error = DbError::from(error);
                self.lost_race |= matches!(error, DbError::Serialization);
                Err(error)
            }
        }
    }

    async fn rollback(&mut self) -> Result<(), DbError> {
        self.state = State::Busy;
        sqlx::raw_sql("ROLLBACK").execute(self.connection()?).await?;
        self.state = State::Ended;
        Ok(())
    }

    fn begin_statement(&mut self) -> Result<(), DbErr> {
        match self.state {
            // The server itself explains why it refuses to go on after a failure.
            State::Open | State::Failed => {
                self.state = State::Busy;
                Ok(())
            }
            State::Busy => Err(DbErr::Custom("a statement was abandoned half-way".to_owned())),
            State::Ended => Err(ended()),
        }
    }

    fn end_statement<T>(&mut self, outcome: sqlx::Result<T>) -> Result<T, DbErr> {
        self.state = match &outcome {
            // Values that could not be sent or read do no harm to the transaction.
            Ok(_)
            | Err(
                sqlx::Error::ColumnDecode { .. }
                | sqlx::Error::ColumnNotFound(_)
                | sqlx::Error::RowNotFound
                | sqlx::Error::Encode(_),
            ) => State::Open,
            Err(sqlx::Error::Database(_)) => State::Failed,
            // The connection is broken: it is never used again.
            Err(_) => State::Busy,
        };
        outcome.map_err(|error| {
            self.lost_race |= matches!(DbError::from(&error), DbError::Serialization);
            DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
        })
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.state != State::Ended {
            // Taken out of the pool and closed; the server rolls back what was under way.
            drop(self.connection.take().map(Object::take));
        }
    }
}

/// Whether the server answered a commit with a refusal, so that nothing was kept. One that goes away
/// (severity `FATAL`) may have committed before.
fn is_refusal(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|refusal| refusal.try_downcast_ref::<PgDatabaseError>())
        .is_some_and(|refusal| matches!(refusal.severity(), PgSeverity::Error))
}

/// What a handle answers after its transaction ended.
pub(crate) fn ended() -> DbErr {
    DbErr::Custom("the transaction has ended".to_owned())
}
