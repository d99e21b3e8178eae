//! `bk-api`: everything in development, one role of the deployment in production.

use std::{error::Error, process::ExitCode};

use bk_api::{Config, run};
use mimalloc::MiMalloc;

/// Serves threads without contention and gives back what a start or a burst has used.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => {
            eprint!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The runtime could not be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(config)) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error with what caused it, a line each.
fn explain(error: &dyn Error) -> String {
    let mut text = format!("Not started: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}\n  because: {cause}");
        source = cause.source();
    }
    text
}
