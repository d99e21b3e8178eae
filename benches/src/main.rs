//! `bk-bench`: how far the API is from what its parts could do at best.
//!
//! One run starts a PostgreSQL of its own and the API's binary, and measures three requests at a
//! fixed number of connections: (a) who am I, beside a route of the same web server that does
//! nothing; (b) a list of 25 rows and (c) the confirm of an order with six lines, beside `pgbench`
//! running the same SQL on the same server. Both sides take turns; medians are shown. What it
//! refuses to do is judge: the targets are in `docs/performance.md`.

mod api;
mod bare;
mod baseline;
mod ground;
mod load;
mod measure;
mod report;
mod seed;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

/// What anything here may fail with: the run ends and says why.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Compare the API with bare PostgreSQL and a bare route.
#[derive(Debug, Parser)]
#[command(name = "bk-bench", version)]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve one route that does nothing; the comparison for (a).
    #[command(hide = true)]
    Bare {
        /// The JSON it answers with.
        #[arg(long)]
        body: String,
        /// Threads that answer.
        #[arg(long)]
        workers: usize,
    },
}

/// How much is measured.
#[derive(Debug, Clone, Args)]
struct Settings {
    /// The API's program. Default: beside this one.
    #[arg(long)]
    api: Option<PathBuf>,
    /// Connections, on both sides.
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Seconds of each measurement of (a) and (b).
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Orders confirmed in each measurement of (c), on each side.
    #[arg(long, default_value_t = 8_000)]
    confirms: usize,
    /// Measurements per side; the median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Kitchens in the comparison of many with few.
    #[arg(long, default_value_t = 1_000)]
    tenants: usize,
    /// Threads that answer requests, here and on the bare route.
    #[arg(long, default_value_t = 2)]
    workers: usize,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let outcome = match line.command {
        Some(Command::Bare { body, workers }) => bare::serve(&body, workers),
        None => measure::run(&line.settings),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bk-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
