//! The SQL that every migration writes for its tables, so the fence is the same everywhere.
//!
//! Names are given bare, of tables in `public`, in lower case with underscores; they come from
//! migrations, never from input. The catalogue test of the gates checks what these helpers promise.

use std::time::Duration;

use sea_orm::SqlxPostgresConnector;
use sqlx::{Connection, PgConnection, PgPool};

use crate::{
    DatabaseUrl, DbError, DbRole, Environment, PoolSettings,
    environment::{self, EnvironmentError},
    jobs, pool,
    store::sql,
};

/// The tenant of the transaction; null when none is set. After one `SET LOCAL` the setting reads
/// `''` on that connection, not null, hence the `nullif`.
pub const CURRENT_TENANT: &str = "nullif(current_setting('app.tenant_id', true), '')::uuid";

/// Fences a table with a `tenant_id`: no role, the owner included, reads or writes another tenant's
/// rows. A partition needs its own call.
#[must_use]
pub fn enable_tenant_rls(table: &str) -> String {
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
         ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
         CREATE POLICY tenant_fence ON {table} FOR ALL
             USING (tenant_id = {CURRENT_TENANT})
             WITH CHECK (tenant_id = {CURRENT_TENANT});\n"
    )
}

/// Makes a table a ledger: app and worker may read and insert, and a trigger stops everybody, the
/// owner too, from updating, deleting or truncating.
#[must_use]
pub fn append_only(table: &str) -> String {
    format!(
        "GRANT SELECT, INSERT ON {table} TO bk_app, bk_worker;
         CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
             FOR EACH ROW EXECUTE FUNCTION refuse_change();
         CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}
             FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();\n"
    )
}

/// Lets app and worker read and write.
#[must_use]
pub fn grant_rw(table: &str) -> String {
    format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO bk_app, bk_worker;\n")
}

/// Lets app and worker read.
#[must_use]
pub fn grant_read(table: &str) -> String {
    format!("GRANT SELECT ON {table} TO bk_app, bk_worker;\n")
}

/// A connection that changes the schema as the owner, one at a time per database.
pub struct Owner {
    connection: sea_orm::DatabaseConnection,
    pool: PgPool,
    /// Holds the lock for as long as it lives.
    lock: PgConnection,
}

/// One migrator at a time, per database.
const LOCK: i64 = 0x626b_0002;

/// Migrations may wait long for the migrator before them.
const WAIT_FOR_OTHERS: Duration = Duration::from_mins(10);

impl Owner {
    /// Connects as `bk_migrate`, acting as the owner, and waits until no other migrator is at work.
    pub async fn connect(url: &DatabaseUrl) -> Result<Self, DbError> {
        let settings = PoolSettings::of(DbRole::Migrate);
        let pool = pool::for_libraries(url, DbRole::Migrate, &settings);
        let settings = PoolSettings { statement_timeout: WAIT_FOR_OTHERS, ..settings };
        let options = pool::connect_options(url, DbRole::Migrate, &settings);
        let mut lock = PgConnection::connect_with(&options).await?;
        sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut lock).await?;
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
        Ok(Self { connection, pool, lock })
    }

    /// What `sea-orm-migration` works on.
    #[must_use]
    pub const fn connection(&self) -> &sea_orm::DatabaseConnection {
        &self.connection
    }

    /// Refuses a database that is marked for another environment. One without a marker is new.
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

    /// Lets the next migrator go on.
    pub async fn close(self) -> Result<(), DbError> {
        self.pool.close().await;
        self.lock.close().await?;
        Ok(())
    }
}
