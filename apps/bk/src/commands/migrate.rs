//! `bk migrate`: migrates the schema, and with `--bootstrap` first creates the database and its roles.

use std::process::ExitCode;

use bk_api::{
    config::{DatabaseSettings, StorageSettings},
    storage::Storage,
};
use clap::Args;

use crate::Outcome;

/// Bring the database to this version's schema. Several may run at once: one works, the others wait.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// First create the database roles and the database, as the user of `DATABASE_ADMIN_URL`, and
    /// give the roles the passwords that their URLs carry.
    #[arg(long)]
    bootstrap: bool,
}

impl Migrate {
    pub(crate) async fn run(self) -> Outcome {
        let settings = StorageSettings::from_env()?;
        let own_server = matches!(settings.database, DatabaseSettings::Server(_));
        if self.bootstrap && own_server && settings.admin.is_none() {
            return Err("DATABASE_ADMIN_URL is required with --bootstrap; for example \
                        DATABASE_ADMIN_URL=postgres://postgres:secret@db:5432/postgres"
                .into());
        }
        let storage = Storage::open(&settings.database, settings.admin, &settings.data_dir).await?;
        let migration = async {
            if self.bootstrap || !own_server {
                storage.bootstrap().await?;
            }
            if self.bootstrap && own_server {
                storage.set_passwords().await?;
            }
            storage.migrate(settings.environment).await
        };
        let migrated = migration.await;
        storage.close().await;
        migrated?;
        println!("The database is at this version's schema.");
        Ok(ExitCode::SUCCESS)
    }
}
