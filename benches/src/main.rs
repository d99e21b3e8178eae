//! `bk-bench` compares the API with the fastest that the web server and PostgreSQL could do without it.
//!
//! A benchmark starts a PostgreSQL server and the API, and measures three requests with a fixed number of
//! connections. The baseline of (a), who am I, is a route of the same web server that does nothing else. The baseline
//! of (b), a list of 25 rows, and of (c), the confirmation of an order with six lines, is `pgbench` with the same SQL
//! on the same server. The API and the baseline are measured in turns; the table shows medians. The targets are in
//! `docs/performance.md`.

#![expect(
    clippy::disallowed_methods,
    reason = "a measurement uses bare sockets, threads and the environment"
)]

mod baseline_route;
mod benchmark;
mod load;
mod pgbench;
mod postgres;
mod process;
mod report;
mod seed;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

/// Any error ends the benchmark with its message, so no caller distinguishes them.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Compare the API with pgbench and with a route that does nothing else.
#[derive(Debug, Parser)]
#[command(name = "bk-bench", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the baseline route of (a).
    #[command(hide = true)]
    BaselineRoute {
        /// The JSON that it answers with.
        #[arg(long)]
        body: String,
        /// HTTP threads.
        #[arg(long)]
        workers: usize,
    },
}

/// What is measured, and how long.
#[derive(Debug, Clone, Args)]
struct Settings {
    /// Path of the API's binary. Default: `bk-api` in the directory of this one.
    #[arg(long)]
    api: Option<PathBuf>,
    /// Connections to the API and to the baselines.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Duration of each measurement of (a) and (b), in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Orders confirmed in each measurement of (c), by the API and by the baseline each.
    #[arg(long, default_value_t = 8_000)]
    confirms: usize,
    /// Measurements of each request and of its baseline; the table shows the median.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Tenants in the comparison of many tenants with few.
    #[arg(long, default_value_t = 1_000)]
    tenants: usize,
    /// HTTP threads of the API and of the baseline route.
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Some(Command::BaselineRoute { body, workers }) => baseline_route::serve(&body, workers),
        None => benchmark::run(&arguments.settings),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bk-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
