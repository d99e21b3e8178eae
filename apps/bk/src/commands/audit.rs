//! `bk audit`: verifies that the audit log was not changed after it was written.

use std::process::ExitCode;

use bk_audit::VerifyError;
use bk_kernel::{Clock, OperationContext, RequestId};
use clap::Subcommand;

use crate::{Outcome, directory, resources::Resources};

/// Check a tenant's audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Verify the hash chain of a tenant's entries; exit with 1 when it is broken.
    Verify {
        /// Slug of the tenant.
        #[arg(long)]
        tenant: String,
    },
}

impl Audit {
    pub(crate) async fn run(self) -> Outcome {
        let Self::Verify { tenant } = self;
        let resources = Resources::open().await?;
        let outcome = verify(&resources, &tenant).await;
        resources.close().await;
        outcome
    }
}

#[expect(clippy::disallowed_methods, reason = "the command line acts for the product")]
async fn verify(resources: &Resources, slug: &str) -> Outcome {
    let Some(tenant) = directory::find(&resources.platform, slug).await? else {
        return Err(format!("there is no tenant {slug}; `bk tenant list` shows them").into());
    };
    let ctx = OperationContext::system(tenant.id, RequestId::new(), Clock::system().now());
    match resources.app.read(&ctx, (), async |tx, ()| bk_audit::verify(&tx).await).await {
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
