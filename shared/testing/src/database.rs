//! One database per test, copied from a template that is migrated once per state of the migrations.
//!
//! Locks on the server coordinate the test processes: while a template is built everybody waits, and
//! each database is locked by its test, so that what a killed test left behind is recognised and
//! dropped by the next one.

use std::{str::FromStr, thread, time::Duration};

use bk_kernel::{Clock, OperationContext, RequestId, TenantId};
use bk_migrations::{SCHEMA_FINGERPRINT, migrate};
use bk_persistence::{
    Database, DatabaseUrl, DbError, DbRole, Environment, PoolSettings,
    bootstrap::{bootstrap, close_to_public},
    store::tenant_sql,
};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

use crate::{fail, server::Server};

/// Guards the building of templates and, shared, their copying.
const TEMPLATE_LOCK: i64 = 0x626b_0003;

/// Templates of other states of the migrations that are kept, for other branches and test runs.
const OLD_TEMPLATES: i64 = 6;

/// The connections of this database that wait for a lock.
const WAITING: &str =
    "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// A migrated database that is dropped with this value.
pub struct TestDb {
    /// Where it is, as the superuser.
    pub url: DatabaseUrl,
    /// As the API sees it.
    pub app: Database,
    /// As background work sees it, and woken by the outbox of `app`.
    pub worker: Database,
    /// As the superuser, whom row-level security does not stop: for looking behind the scenes.
    pub admin: PgPool,
    _dropped_last: Lease,
}

impl TestDb {
    /// A fresh database. Fails the test when there is no server.
    pub async fn new() -> Self {
        Self::with_connections(5).await
    }

    /// The same with pools of at most `connections` connections.
    pub async fn with_connections(connections: u32) -> Self {
        Self::create(connections, template().await).await.unwrap_or_else(|e| fail(&explain(&e)))
    }

    /// A fresh database with more in it than the schema: `prepare` fills the first one of each `key`
    /// (lower-case letters, digits, underscores), which the others are copies of. It gets the
    /// superuser's URL and closes every connection it opens.
    pub async fn prepared(
        connections: u32,
        key: &str,
        prepare: impl AsyncFnOnce(DatabaseUrl),
    ) -> Self {
        let template = prepared_template(key, prepare).await.unwrap_or_else(|e| fail(&explain(&e)));
        Self::create(connections, template).await.unwrap_or_else(|e| fail(&explain(&e)))
    }

    /// One number, as the superuser reads it.
    pub async fn number(&self, sql: impl Into<String>) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.into()));
        query.fetch_one(&self.admin).await.unwrap_or_else(|e| fail(&e.to_string()))
    }

    /// One text, as the superuser reads it.
    pub async fn text(&self, sql: impl Into<String>) -> String {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.into()));
        query.fetch_one(&self.admin).await.unwrap_or_else(|e| fail(&e.to_string()))
    }

    /// Does something behind the product's back, as the superuser.
    pub async fn sql(&self, sql: impl Into<String>) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(&self.admin).await;
        done.map_or_else(|error| fail(&error.to_string()), drop);
    }

    /// Rows of two texts, as the superuser reads them.
    pub async fn pairs(&self, sql: impl Into<String>) -> Vec<(String, String)> {
        let query = sqlx::query_as(AssertSqlSafe(sql.into()));
        query.fetch_all(&self.admin).await.unwrap_or_else(|e| fail(&e.to_string()))
    }

    /// Runs a statement that takes a lock, and holds the lock until the transaction is dropped.
    pub async fn hold(&self, sql: impl Into<String>) -> Transaction<'static, Postgres> {
        let mut holder = self.admin.begin().await.unwrap_or_else(|e| fail(&e.to_string()));
        let done = sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(&mut *holder).await;
        done.map_or_else(|error| fail(&error.to_string()), |_| holder)
    }

    /// Returns once `count` connections of this database wait for a lock.
    pub async fn waiting(&self, count: i64) {
        while self.number(format!("SELECT count(*) {WAITING}")).await < count {
            tokio::task::yield_now().await;
        }
    }

    /// Kills the connections of this database that wait for a lock.
    pub async fn kill_waiting(&self) {
        self.sql(format!("SELECT pg_terminate_backend(pid) {WAITING}")).await;
    }

    /// Adds a tenant to the directory.
    #[expect(clippy::disallowed_methods, reason = "a test seeds for the product")]
    pub async fn tenant(&self, slug: &str) -> TenantId {
        let tenant = TenantId::new();
        let context = OperationContext::system(tenant, RequestId::new(), Clock::system().now());
        let done = self.app.transaction(&context, slug.to_owned(), async |tx, slug| {
            tenant_sql(&tx, "SELECT tenant_directory_put($1, $2, 'ACTIVE')")
                .bind(slug)
                .exists(&tx)
                .await
        });
        match done.await {
            Ok(_) => tenant,
            Err(error) => fail(&explain(&error)),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a test's own pools, the superuser's included")]
    async fn create(connections: u32, template: Template) -> Result<Self, DbError> {
        let Template { server, name: template } = template;
        let mut maintenance = connect(&server.admin).await?;
        sweep(&mut maintenance).await?;
        let name = format!("bk_test_{}", Uuid::new_v4().simple());
        // First the lock, then the database: a database without a lock is an abandoned one.
        sqlx::query("SELECT pg_advisory_lock(hashtextextended($1, 0))")
            .bind(&name)
            .execute(&mut maintenance)
            .await?;
        copy_template(&mut maintenance, &template, &name).await?;
        let url = server.admin.with_database(&name);
        let lease = Lease { name, server, _lock: maintenance };
        let pool = |role| PoolSettings {
            // Test machines are busy.
            acquire_timeout: Duration::from_secs(30),
            application_name: "test".to_owned(),
            ..PoolSettings::of(role).with_connections(connections)
        };
        let worker = Database::connect(&url, DbRole::Worker, pool(DbRole::Worker)).await?;
        let app = Database::connect(&url, DbRole::App, pool(DbRole::App)).await?.waking(&worker);
        let admin = PgPoolOptions::new().max_connections(3).connect_lazy(url.expose())?;
        Ok(Self { url, app, worker, admin, _dropped_last: lease })
    }
}

/// The database's name, its lock and the server under it.
struct Lease {
    name: String,
    server: Server,
    _lock: PgConnection,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (admin, name) = (self.server.admin.clone(), self.name.clone());
        // The test's own runtime may be the one that is dropping this.
        #[expect(clippy::disallowed_methods, reason = "a runtime of its own needs a thread")]
        let dropping = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut maintenance = connect(&admin).await.ok()?;
                drop_database(&mut maintenance, &name).await.ok()?;
                maintenance.close().await.ok()
            })
        });
        // What could not be dropped now is swept by the next test.
        let _ = dropping.join();
    }
}

/// What databases are copied from, and the server it is on.
struct Template {
    server: Server,
    name: String,
}

/// The migrated template; made if need be.
async fn template() -> Template {
    #[expect(clippy::disallowed_methods, reason = "starting the embedded server blocks")]
    let server = tokio::task::spawn_blocking(Server::get)
        .await
        .unwrap_or_else(|error| fail(&error.to_string()));
    let name = format!("bk_template_{SCHEMA_FINGERPRINT}");
    let made = make_template(&server, &name, "bk_template", async |building| {
        bootstrap(&server.admin, building).await?;
        migrate(&server.admin.with_database(building), Environment::Test)
            .await
            .unwrap_or_else(|error| fail(&explain(&error)));
        Ok(())
    });
    made.await.unwrap_or_else(|error| fail(&explain(&error)));
    Template { server, name }
}

/// A copy of the migrated template with more in it; made if need be.
async fn prepared_template(
    key: &str,
    prepare: impl AsyncFnOnce(DatabaseUrl),
) -> Result<Template, DbError> {
    let Template { server, name: migrated } = template().await;
    let name = format!("bk_prepared_{SCHEMA_FINGERPRINT}_{key}");
    make_template(&server, &name, "bk_prepared", async |building| {
        let mut maintenance = connect(&server.admin).await?;
        copy(&mut maintenance, &migrated, building).await?;
        maintenance.close().await?;
        prepare(server.admin.with_database(building)).await;
        Ok(())
    })
    .await?;
    Ok(Template { server, name })
}

/// Lets `build` make the database `name`, under another name until it is whole, unless it is there;
/// the oldest of its `kind` go.
async fn make_template(
    server: &Server,
    name: &str,
    kind: &str,
    build: impl AsyncFnOnce(&str) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let mut builder = connect(&server.admin).await?;
    if exists(&mut builder, name).await? {
        builder.close().await?;
        return Ok(());
    }
    sqlx::query("SELECT pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut builder).await?;
    if !exists(&mut builder, name).await? {
        let building = format!("{name}_building");
        drop_database(&mut builder, &building).await?;
        build(&building).await?;
        run(&mut builder, format!("ALTER DATABASE {building} RENAME TO {name}")).await?;
        let old: Vec<String> = sqlx::query_scalar(
            "SELECT datname::text FROM pg_database WHERE datname ~ $1 ORDER BY oid DESC OFFSET $2",
        )
        .bind(format!("^{kind}_[0-9a-f]+(_[0-9a-z_]+)?$"))
        .bind(OLD_TEMPLATES)
        .fetch_all(&mut builder)
        .await?;
        for name in old {
            drop_database(&mut builder, &name).await?;
        }
    }
    builder.close().await?;
    Ok(())
}

/// Copies a template, while nobody builds or drops one.
async fn copy_template(
    maintenance: &mut PgConnection,
    template: &str,
    name: &str,
) -> Result<(), DbError> {
    sqlx::query("SELECT pg_advisory_lock_shared($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut *maintenance)
        .await?;
    let copied = copy(maintenance, template, name).await;
    sqlx::query("SELECT pg_advisory_unlock_shared($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut *maintenance)
        .await?;
    copied
}

async fn copy(maintenance: &mut PgConnection, template: &str, name: &str) -> Result<(), DbError> {
    run(maintenance, format!("CREATE DATABASE {name} TEMPLATE {template} OWNER bk_owner")).await?;
    close_to_public(maintenance, name).await
}

/// Drops databases whose test is gone: nobody holds their lock.
async fn sweep(maintenance: &mut PgConnection) -> Result<(), DbError> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname::text FROM pg_database WHERE datname ~ '^bk_test_[0-9a-f]{32}$'",
    )
    .fetch_all(&mut *maintenance)
    .await?;
    for name in names {
        let abandoned: bool =
            sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
                .bind(&name)
                .fetch_one(&mut *maintenance)
                .await?;
        if abandoned {
            // Another sweeper may have been faster; that is fine as well.
            let _ = drop_database(maintenance, &name).await;
            sqlx::query("SELECT pg_advisory_unlock(hashtextextended($1, 0))")
                .bind(&name)
                .execute(&mut *maintenance)
                .await?;
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a test administers its server")]
async fn connect(url: &DatabaseUrl) -> Result<PgConnection, DbError> {
    let options = PgConnectOptions::from_str(url.expose())?.disable_statement_logging();
    Ok(PgConnection::connect_with(&options).await?)
}

async fn exists(server: &mut PgConnection, name: &str) -> Result<bool, DbError> {
    let there = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)");
    Ok(there.bind(name).fetch_one(server).await?)
}

async fn drop_database(server: &mut PgConnection, name: &str) -> Result<(), DbError> {
    run(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
}

/// The names in it are this module's own.
async fn run(server: &mut PgConnection, sql: String) -> Result<(), DbError> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(server).await?;
    Ok(())
}

/// An error with its sources, for the person who reads the test's output.
fn explain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
