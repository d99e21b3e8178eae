//! `bk tenant`: reads the directory of tenants.

use std::process::ExitCode;

use clap::Subcommand;

use crate::{Outcome, directory, resources::Resources};

/// Look at the tenants of this deployment.
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// List all tenants with slug, status and id.
    List,
}

impl Tenant {
    pub(crate) async fn run(self) -> Outcome {
        let Self::List = self;
        let resources = Resources::open().await?;
        let entries = directory::all(&resources.platform).await;
        resources.close().await;
        for entry in entries? {
            println!("{:<40} {:<10} {}", entry.slug, entry.status, entry.id);
        }
        Ok(ExitCode::SUCCESS)
    }
}
