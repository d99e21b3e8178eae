//! `bk audit`: is the log what was written?

use std::process::ExitCode;

use bk_audit::VerifyError;
use clap::Subcommand;

use crate::{Outcome, directory, ground::Ground};

/// The audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Walk a tenant's chain of entries and say whether it is whole; exit with 1 when it is not.
    Verify {
        /// The tenant's slug.
        #[arg(long)]
        tenant: String,
    },
}

impl Audit {
    pub(crate) async fn run(self) -> Outcome {
        let Self::Verify { tenant } = self;
        let ground = Ground::open().await?;
        let outcome = verify(&ground, &tenant).await;
        ground.leave().await;
        outcome
    }
}

async fn verify(ground: &Ground, slug: &str) -> Outcome {
    let Some(tenant) = directory::find(&ground.platform, slug).await? else {
        return Err(format!("there is no tenant {slug}; `bk tenant list` shows them").into());
    };
    let scope = ground.app.tenant(tenant.id);
    match scope.read(async |tx| bk_audit::verify(&tx).await).await {
        Ok(verified) => {
            println!("The audit log of {slug} is whole: {} entries.", verified.entries);
            Ok(ExitCode::SUCCESS)
        }
        Err(VerifyError::Broken(broken)) => {
            println!(
                "The audit log of {slug} is broken at entry {}: {}.",
                broken.seq, broken.fault
            );
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}
