//! `bk demo`: one week of a new kitchen, played over HTTP against a running development server.
//!
//! It owns the order of the steps and what each must be answered; it refuses to know the database or
//! any domain crate, so it sees what a front end sees. An unexpected answer ends it with the step, the
//! request, the status and the problem. Whatever happens, a clock that it moved is put back.

mod answer;
mod ask;
mod browser;
mod clock;
mod failure;
mod mailbox;
mod people;
mod progress;
mod stage;
mod steps;
mod summary;
mod wait;

use std::process::ExitCode;

use bk_api::config::DEMO_PASSWORD;
use clap::Args;

use crate::Outcome;
use failure::{Broken, Failure};
use progress::Steps;
use stage::Stage;
use summary::Summary;

/// Play one week of a new kitchen over HTTP against a running development server.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where the API answers: an origin, without a path.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    api: String,
    /// The password of the demo logins; the new kitchen's people take it too.
    #[arg(long, env = "BK_DEMO_PASSWORD", hide_env_values = true, default_value = DEMO_PASSWORD)]
    password: String,
}

impl Demo {
    /// Plays the week, puts the clock back, and prints what to look at.
    pub(crate) async fn run(self) -> Outcome {
        let stage = Stage::new(&self.api, self.password)?;
        let mut steps = Steps::start();
        let played = tokio::select! {
            played = play(&stage, &mut steps) => played,
            _ = tokio::signal::ctrl_c() => Err(steps.broken(Failure::Interrupted)),
        };
        let restored = put_clock_back(&stage).await;
        let summary = played?;
        restored?;
        print!("{summary}");
        Ok(ExitCode::SUCCESS)
    }
}

/// The whole week, a step after the other.
async fn play(stage: &Stage, steps: &mut Steps) -> Result<Summary, Broken> {
    let kitchen = steps.play("a kitchen is created", steps::tenant::play(stage)).await?;
    let staff = steps.play("its people move in", steps::staff::play(stage, &kitchen)).await?;
    let menu = steps.play("foods become a menu", steps::menu::play(&staff.owner)).await?;
    let customer = steps
        .play(
            "a customer is brought on board",
            steps::customer::play(stage, &kitchen, &staff, &menu),
        )
        .await?;
    let purchase = steps.play("a pack is bought", steps::purchase::play(&customer, &menu)).await?;
    let order = steps
        .play("an order is confirmed", steps::order::play(stage, &customer, &menu, &purchase))
        .await?;
    let production = steps
        .play(
            "the week is locked and cooked",
            steps::production::play(stage, &kitchen, &customer, &menu, &order),
        )
        .await?;
    let fenced = steps::fences::Fenced {
        kitchen: &kitchen,
        menu: &menu,
        customer: &customer,
        production: &production,
    };
    steps.play("nobody else gets in", steps::fences::play(stage, &fenced)).await?;
    Ok(Summary::of(stage, &kitchen, &menu, &customer, &purchase, &order, production))
}

/// Leaves the server's clock as it was found, when the week ended before it did so itself.
async fn put_clock_back(stage: &Stage) -> Result<(), Failure> {
    if let Some(now) = stage.clock.put_back().await? {
        println!("  The clock is back at {}.", clock::told(now));
    }
    Ok(())
}
