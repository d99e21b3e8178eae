//! What migrations are run with: the helper functions their SQL calls, and the connection of the one
//! migrator.

use std::time::Duration;

use sea_orm::SqlxPostgresConnector;
use sqlx::{Connection, PgConnection, PgPool};

use crate::{
    DatabaseUrl, DbError, DbRole, Environment, PoolSettings,
    environment::{self, EnvironmentError},
    jobs, pool,
    store::sql,
};

/// Creates the functions that a migration calls beside each of its tables, for the session it runs in:
/// `pg_temp.enable_tenant_rls`, `pg_temp.grant_rw` and `pg_temp.append_only`. The catalogue test of
/// the gates checks what they promise.
pub const HELPERS: &str = include_str!("migration.sql");

/// A connection that changes the schema as the owner, one at a time per database.
#[expect(clippy::disallowed_types, reason = "the migrations' library takes this connection")]
pub struct Owner {
    connection: sea_orm::DatabaseConnection,
    pool: PgPool,
    /// Holds the lock for as long as it lives.
    lock: PgConnection,
}

/// One migrator at a time, per database.
const LOCK: i64 = 0x626b_0002;

/// Migrations may wait long for the migrator before them.
const LOCK_TIMEOUT: Duration = Duration::from_mins(10);

impl Owner {
    /// Connects as `bk_migrate`, acting as the owner, and waits until no other migrator is at work.
    /// Fails when one is for longer than ten minutes.
    #[expect(clippy::disallowed_methods, reason = "the migrations' library takes a connection")]
    pub async fn connect(url: &DatabaseUrl) -> Result<Self, DbError> {
        let settings = PoolSettings::of(DbRole::Migrate);
        let pool = pool::for_libraries(url, DbRole::Migrate, &settings);
        let settings = PoolSettings { statement_timeout: LOCK_TIMEOUT, ..settings };
        let options = pool::connect_options(url, DbRole::Migrate, &settings);
        let mut lock = pool::connect(&options).await?;
        sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut lock).await?;
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
        Ok(Self { connection, pool, lock })
    }

    /// The connection that `sea-orm-migration` works on.
    #[must_use]
    #[expect(clippy::disallowed_types, reason = "the migrations' library takes this connection")]
    pub const fn connection(&self) -> &sea_orm::DatabaseConnection {
        &self.connection
    }

    /// Fails with [`EnvironmentError::Mismatch`] for a database that is marked for another environment.
    /// One without a marker is new.
    pub async fn check_environment(&self, expected: Environment) -> Result<(), EnvironmentError> {
        let is_migrated: bool = sql("SELECT to_regclass('public.environment') IS NOT NULL")
            .value(&self.connection)
            .await?;
        if !is_migrated {
            return Ok(());
        }
        match environment::read(&self.connection).await? {
            None => Ok(()),
            found => environment::compare(found, expected),
        }
    }

    /// Marks a database that has no marker yet.
    pub async fn mark_environment(&self, name: Environment) -> Result<(), DbError> {
        sql("INSERT INTO environment (name) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(name.as_str())
            .execute(&self.connection)
            .await?;
        Ok(())
    }

    /// Brings the queue's own schema up to date and lets the worker use it.
    pub async fn install_queue(&self) -> Result<(), DbError> {
        jobs::install(&self.pool).await
    }

    /// Unlocks the database for the next migrator.
    pub async fn close(self) -> Result<(), DbError> {
        self.pool.close().await;
        self.lock.close().await?;
        Ok(())
    }
}
