//! The database of a process: found or started, prepared or checked, opened for each role.

use std::path::Path;

use bk_migrations::{MigrateError, migrate, pending};
use bk_persistence::{
    Database, DatabaseUrl, DbError, DbRole, Environment, PoolSettings,
    bootstrap::{bootstrap, is_bootstrapped},
    embedded::{Embedded, EmbeddedError},
    environment::{self, EnvironmentError},
    rights::{self, RightsError},
};
use thiserror::Error;

use crate::config::{DatabaseSettings, RoleUrls};

/// The database's name where this program chooses it.
pub const DATABASE: &str = "balance_kitchen";

/// The database to connect to when it does not matter which.
const MAINTENANCE: &str = "postgres";

/// Where the embedded server lives below the data directory.
const EMBEDDED_FOLDER: &str = "postgres";

/// Why there is no database to work with.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The embedded server.
    #[error("the embedded PostgreSQL could not be used")]
    Embedded(#[from] EmbeddedError),
    /// The server does not answer, or does not let the role in.
    #[error(
        "the database does not answer as {role}; is the server running and `bk migrate --bootstrap` done?"
    )]
    Unreachable {
        /// As whom it was tried.
        role: DbRole,
        /// What the driver said.
        source: DbError,
    },
    /// Preparing it failed.
    #[error("the database could not be prepared")]
    Preparing(#[source] DbError),
    /// Migrating it failed.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// It belongs to another environment.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// A role is not fenced.
    #[error(transparent)]
    Rights(#[from] RightsError),
    /// It is not at this program's version.
    #[error("the database lacks {0} migrations; run `bk migrate` first, nothing was started")]
    Pending(usize),
    /// The program broke.
    #[error("the embedded PostgreSQL could not be waited for")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// A server that can be reached.
pub struct Storage {
    urls: RoleUrls,
    /// The administrator who may create roles and the database; none when they are managed elsewhere.
    admin: Option<DatabaseUrl>,
    embedded: Option<Embedded>,
}

impl Storage {
    /// Finds the server, or starts the embedded one in `data_dir`.
    #[expect(clippy::disallowed_methods, reason = "starting the embedded server blocks, once")]
    pub async fn open(
        settings: &DatabaseSettings,
        admin: Option<DatabaseUrl>,
        data_dir: &Path,
    ) -> Result<Self, StorageError> {
        match settings {
            DatabaseSettings::Server(urls) => {
                Ok(Self { urls: urls.clone(), admin, embedded: None })
            }
            DatabaseSettings::Embedded => {
                let folder = data_dir.join(EMBEDDED_FOLDER);
                let embedded =
                    tokio::task::spawn_blocking(move || Embedded::start(&folder)).await??;
                let url = embedded.url(DATABASE)?;
                let admin = embedded.url(MAINTENANCE)?;
                let urls = RoleUrls {
                    app: url.clone(),
                    worker: url.clone(),
                    platform: url.clone(),
                    migrate: url,
                };
                Ok(Self { urls, admin: Some(admin), embedded: Some(embedded) })
            }
        }
    }

    /// Development: makes the server fit, if it lets us, and brings the schema up to date.
    pub async fn prepare(&mut self) -> Result<(), StorageError> {
        if self.admin.is_none() {
            // A developer's own server: its superuser may do what an administrator does.
            let maintenance = self.urls.app.with_database(MAINTENANCE);
            if rights::is_superuser(&maintenance).await.unwrap_or(false) {
                self.admin = Some(maintenance);
            }
        }
        self.bootstrap().await?;
        self.migrate(Environment::Development).await
    }

    /// Creates the roles and the database, where an administrator is known and they are missing.
    pub async fn bootstrap(&self) -> Result<(), StorageError> {
        let Some(admin) = &self.admin else { return Ok(()) };
        let name = self.urls.app.database();
        let work = async {
            if is_bootstrapped(admin, &name).await? {
                return Ok(());
            }
            bootstrap(admin, &name).await
        };
        work.await.map_err(StorageError::Preparing)
    }

    /// Gives the roles the passwords their URLs carry; needs an administrator.
    pub async fn set_passwords(&self) -> Result<(), StorageError> {
        let Some(admin) = &self.admin else { return Ok(()) };
        let roles = [
            (DbRole::App, self.urls.app.clone()),
            (DbRole::Worker, self.urls.worker.clone()),
            (DbRole::Platform, self.urls.platform.clone()),
            (DbRole::Migrate, self.urls.migrate.clone()),
        ];
        rights::set_passwords(admin, &roles).await.map_err(StorageError::Preparing)
    }

    /// Brings the schema up to date, or waits while another process does.
    pub async fn migrate(&self, environment: Environment) -> Result<(), StorageError> {
        Ok(migrate(&self.urls.migrate, environment).await?)
    }

    /// Opens the database as `role`.
    #[expect(clippy::disallowed_methods, reason = "the host opens the pools")]
    pub async fn connect(&self, role: DbRole) -> Result<Database, StorageError> {
        let url = match role {
            DbRole::Worker => &self.urls.worker,
            DbRole::Platform => &self.urls.platform,
            DbRole::App | DbRole::Migrate | DbRole::Backup => &self.urls.app,
        };
        Database::connect(url, role, PoolSettings::of(role))
            .await
            .map_err(|source| StorageError::Unreachable { role, source })
    }

    /// Closes the embedded server; the last process to close it stops it.
    #[expect(clippy::disallowed_methods, reason = "stopping the embedded server blocks, once")]
    pub async fn close(self) {
        let Some(embedded) = self.embedded else { return };
        match tokio::task::spawn_blocking(move || embedded.stop()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the embedded PostgreSQL was not closed cleanly");
            }
            Err(error) => tracing::error!(%error, "closing the embedded PostgreSQL panicked"),
        }
    }
}

/// Refuses a database that is another environment's, or not at this program's version.
pub async fn check(app: &Database, environment: Environment) -> Result<(), StorageError> {
    environment::check(app, environment).await?;
    let pending: Vec<String> =
        app.global(async |tx| pending(&tx).await).await.map_err(StorageError::Preparing)?;
    match pending.len() {
        0 => Ok(()),
        count => Err(StorageError::Pending(count)),
    }
}

/// Refuses a role that row-level security does not bind.
pub async fn check_rights(database: &Database) -> Result<(), StorageError> {
    Ok(rights::check(database).await?)
}
