//! `bk seed`: seeds the demo data without starting the API.

use std::process::ExitCode;

use bk_api::{config::DEMO_PASSWORD, seed};
use bk_kernel::Environment;

use crate::{Outcome, resources::Resources};

#[expect(
    clippy::disallowed_methods,
    reason = "a password is no argument of a command, which others can see"
)]
pub(crate) async fn run() -> Outcome {
    let resources = Resources::open().await?;
    if resources.environment == Environment::Production {
        resources.close().await;
        return Err("demo data is a development convenience; production refuses it".into());
    }
    let password = std::env::var("BK_DEMO_PASSWORD").unwrap_or_else(|_| DEMO_PASSWORD.to_owned());
    let product = resources.product()?;
    let seeded = seed::seed(&product, &password.into()).await;
    resources.close().await;
    seeded?;
    println!("The demo data is there.");
    Ok(ExitCode::SUCCESS)
}
