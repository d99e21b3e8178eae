//! `bk seed`: the demo data, without starting the API.

use std::process::ExitCode;

use bk_api::{config::DEMO_PASSWORD, seed};

use bk_kernel::Environment;

use crate::{Outcome, ground::Ground};

pub(crate) async fn run() -> Outcome {
    let ground = Ground::open().await?;
    if ground.environment == Environment::Production {
        ground.leave().await;
        return Err("demo data is a development convenience; production refuses it".into());
    }
    let password = std::env::var("BK_DEMO_PASSWORD").unwrap_or_else(|_| DEMO_PASSWORD.to_owned());
    let product = ground.product()?;
    let done = seed::seed(&product, &password.into()).await;
    ground.leave().await;
    done?;
    println!("The demo data is there.");
    Ok(ExitCode::SUCCESS)
}
