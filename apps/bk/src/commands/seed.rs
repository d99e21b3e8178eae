//! `bk seed`: the demo data, without starting the API.

use std::process::ExitCode;

use bk_api::{config::{DEMO_PASSWORD, Mode}, seed};

use crate::{Outcome, ground::Ground};

/// Where the API would be reached.
const USUAL_URL: &str = "http://127.0.0.1:8080";

pub(crate) async fn run() -> Outcome {
    let ground = Ground::open().await?;
    if ground.mode == Mode::Production {
        ground.leave().await;
        return Err("demo data is a development convenience; production refuses it".into());
    }
    let text = |key: &str, usual: &str| std::env::var(key).unwrap_or_else(|_| usual.to_owned());
    let password = text("BK_DEMO_PASSWORD", DEMO_PASSWORD).into();
    let url = text("BK_PUBLIC_URL", USUAL_URL);
    let product = ground.product()?;
    let done = seed::seed(&product, url.trim_end_matches('/'), &password).await;
    ground.leave().await;
    done?;
    println!("The demo data is there.");
    Ok(ExitCode::SUCCESS)
}
