//! The schema, as the sequence of changes that made it.
//!
//! One file per change, `mNNNNNN_name.rs` with its SQL, named in [`Migrator`] in order. A migration
//! that was released is never edited. There is no way down: undoing a change to a database that
//! people have used is a new change, thought about then, not a script written before.

mod m000001_foundation;
mod m000010_guard;
mod m000015_audit;
mod m000020_identity;
mod m000030_admin;
mod m000040_billing;
mod m000050_kitchen_catalogue;
mod m000051_kitchen_ordering;
mod m20261125_job_request_ids;

use bk_persistence::{
    DatabaseUrl, DbError, Environment, environment::EnvironmentError, migration::Owner,
};
use sea_orm_migration::prelude::*;

/// All migrations.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        // In the order of their numbers.
        vec![
            Box::new(m000001_foundation::Migration),
            Box::new(m000010_guard::Migration),
            Box::new(m000015_audit::Migration),
            Box::new(m000020_identity::Migration),
            Box::new(m000030_admin::Migration),
            Box::new(m000040_billing::Migration),
            Box::new(m000050_kitchen_catalogue::Migration),
            Box::new(m000051_kitchen_ordering::Migration),
            Box::new(m20261125_job_request_ids::Migration),
        ]
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
/// The server's roles and the database itself must exist (`bk_persistence::bootstrap`).
pub async fn migrate(url: &DatabaseUrl, environment: Environment) -> Result<(), MigrateError> {
    let owner = Owner::connect(url).await?;
    owner.check_environment(environment).await?;
    owner.install_queue().await?;
    Migrator::up(owner.connection(), None).await.map_err(MigrateError::Migration)?;
    owner.mark_environment(environment).await?;
    owner.close().await?;
    Ok(())
}

/// The names of migrations that the database lacks, on any connection that may read.
pub async fn pending(connection: &impl ConnectionTrait) -> Result<Vec<String>, DbError> {
    let pending = Migrator::get_pending_migrations_read_only(connection).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}

/// The answer of every migration's `down`.
pub(crate) fn forward_only() -> DbErr {
    DbErr::Migration("migrations go forward only; undo a change with a new migration".to_owned())
}
