//! `bk tenant`: the directory.

use std::process::ExitCode;

use clap::Subcommand;

use crate::{Outcome, directory, ground::Ground};

/// Tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// List all tenants: slug, status, id.
    List,
}

impl Tenant {
    pub(crate) async fn run(self) -> Outcome {
        let Self::List = self;
        let ground = Ground::open().await?;
        let entries = directory::all(&ground.platform).await;
        ground.leave().await;
        for entry in entries? {
            println!("{:<40} {:<10} {}", entry.slug, entry.status, entry.id);
        }
        Ok(ExitCode::SUCCESS)
    }
}
