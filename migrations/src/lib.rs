//! The schema, as the sequence of changes that made it.
//!
//! One file per change, `sql/mYYYYMMDD_what.sql`, named in [`Migrator`] in the order they are applied.
//! The fence, keys and grants of a table stand beside it, written with the functions of
//! `bk_persistence::migration::HELPERS`. A migration that was released is never edited. There is no
//! way down: undoing a change to a database that people have used is a new change, thought about then,
//! not a script written before.

mod renamed;

use bk_persistence::{
    DatabaseUrl, DbError, Environment,
    environment::EnvironmentError,
    migration::{HELPERS, Owner},
};
use sea_orm_migration::prelude::*;

/// All migrations.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        MIGRATIONS.iter().map(|migration| Box::new(*migration) as _).collect()
    }
}

macro_rules! migrations {
    ($($name:literal),+ $(,)?) => {
        [$(SqlMigration { name: $name, sql: include_str!(concat!("../sql/", $name, ".sql")) }),+]
    };
}

/// In the order they are applied.
const MIGRATIONS: [SqlMigration; 9] = migrations![
    "m20261122_foundation",
    "m20261122_guard",
    "m20261122_audit",
    "m20261122_identity",
    "m20261122_admin",
    "m20261122_billing",
    "m20261122_kitchen_catalogue",
    "m20261122_kitchen_ordering",
    "m20261125_job_request_ids",
];

/// A change that is nothing but SQL; it happens whole or not at all.
#[derive(Debug, Clone, Copy)]
struct SqlMigration {
    name: &'static str,
    sql: &'static str,
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let transaction = manager.get_connection();
        transaction.execute_unprepared(HELPERS).await?;
        transaction.execute_unprepared(self.sql).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration(
            "migrations go forward only; undo a change with a new migration".to_owned(),
        ))
    }
}

/// Identifies what the schema is made of: it changes when any migration does.
pub const SCHEMA_FINGERPRINT: &str = env!("BK_SCHEMA_FINGERPRINT");

/// Why a database was not migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// It is for another environment. Nothing was changed.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The database refused or is away. Migrations that were finished stay.
    #[error("the migrations could not be run")]
    Database(#[from] DbError),
    /// A migration failed; what it did was undone.
    #[error("a migration failed: {0}")]
    Migration(DbErr),
}

/// Brings the database to the current schema, as `bk_migrate`, and marks a new one with its
/// environment. Any number of processes may call it at once: one migrates, the others wait for it.
///
/// The server's roles and the database itself must exist (`bk_persistence::bootstrap`). Fails, and
/// changes nothing, when the database is marked for another environment.
pub async fn migrate(url: &DatabaseUrl, environment: Environment) -> Result<(), MigrateError> {
    let owner = Owner::connect(url).await?;
    owner.check_environment(environment).await?;
    owner.install_queue().await?;
    renamed::record_new_names(owner.connection()).await?;
    Migrator::up(owner.connection(), None).await.map_err(MigrateError::Migration)?;
    owner.mark_environment(environment).await?;
    owner.close().await?;
    Ok(())
}

/// Returns the names of migrations that the database lacks, on any connection that may read. One
/// that the database recorded under its old name is not lacking; [`migrate`] records the new name.
pub async fn pending(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbError> {
    let recorded = renamed::recorded(connection).await?;
    let lacking = MIGRATIONS.iter().filter(|migration| !recorded.contains(migration.name));
    Ok(lacking.map(|migration| migration.name.to_owned()).collect())
}
