//! `bk demo`: plays one week of a new tenant over HTTP against a running development server.
//!
//! It calls the API as the two front ends do and knows neither the database nor the domain crates. Each step checks
//! the responses; an unexpected one ends the demo with the step, the request, the status and the problem. The demo
//! moves the server's clock, and restores it however it ends.

mod browser;
mod clock;
mod failure;
mod mailbox;
mod progress;
mod request;
mod response;
mod server;
mod steps;
mod summary;
mod user;
mod wait;

use std::process::ExitCode;

use bk_api::config::DEMO_PASSWORD;
use clap::Args;

use crate::Outcome;
use failure::{Failure, StepFailed};
use progress::Progress;
use server::DevServer;
use summary::Summary;

/// Play one week of a new tenant over HTTP against a running development server.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Address of the API: an origin, without a path.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    api: String,
    /// Password of the demo logins; the new tenant's users get it too.
    #[arg(long, env = "BK_DEMO_PASSWORD", hide_env_values = true, default_value = DEMO_PASSWORD)]
    password: String,
}

impl Demo {
    /// Plays the week, restores the clock and prints the summary.
    pub(crate) async fn run(self) -> Outcome {
        let server = DevServer::new(&self.api, self.password)?;
        let mut progress = Progress::new();
        let result = tokio::select! {
            result = play_week(&server, &mut progress) => result,
            _ = tokio::signal::ctrl_c() => Err(progress.step_failed(Failure::Interrupted)),
        };
        let restored = restore_clock(&server).await;
        let summary = result?;
        restored?;
        print!("{summary}");
        Ok(ExitCode::SUCCESS)
    }
}

/// Runs the steps of the week in order.
async fn play_week(server: &DevServer, progress: &mut Progress) -> Result<Summary, StepFailed> {
    let tenant = progress.run("a tenant is created", steps::tenant::run(server)).await?;
    let staff = progress.run("its staff accept", steps::staff::run(server, &tenant)).await?;
    let menu = progress.run("a menu is published", steps::menu::run(&staff.owner)).await?;
    let customer = progress
        .run("a customer is invited", steps::customer::run(server, &tenant, &staff, &menu))
        .await?;
    let purchase = progress.run("a pack is bought", steps::purchase::run(&customer, &menu)).await?;
    let order = progress
        .run("an order is confirmed", steps::order::run(server, &customer, &menu, &purchase))
        .await?;
    let production = progress
        .run(
            "the week is locked and cooked",
            steps::production::run(server, &tenant, &customer, &menu, &order),
        )
        .await?;
    let protected = steps::access::ProtectedResources {
        tenant: &tenant,
        menu: &menu,
        customer: &customer,
        production: &production,
    };
    progress.run("other users are refused", steps::access::run(server, &protected)).await?;
    Ok(Summary::new(server, &tenant, &menu, &customer, &purchase, &order, production))
}

/// Restores the server's clock when the demo ended before it did so itself.
async fn restore_clock(server: &DevServer) -> Result<(), Failure> {
    if let Some(now) = server.clock.restore().await? {
        println!("  The clock is back at {}.", clock::format_instant(now));
    }
    Ok(())
}
