//! `bk`: the command line for the operators of a deployment.
//!
//! It reads the same settings as the API (`.env.example`) and works on the same database. In development it uses
//! the embedded PostgreSQL server, and starts that for the duration of the command when it is not running.
//!
//! Exit codes: 0 success; 1 the command failed, or a check found a difference; 2 the arguments or the file to import
//! are invalid.

mod commands;
mod demo;
mod directory;
mod resources;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

use commands::{audit, import, migrate, openapi, seed, tenant};

/// Balance Kitchen, for operators.
#[derive(Debug, Parser)]
#[command(name = "bk", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the database to this version's schema.
    Migrate(migrate::Migrate),
    /// Seed the demo tenants and logins (development only).
    Seed,
    /// Compare the OpenAPI document and the policy table with the code, or write them.
    Openapi(openapi::OpenApi),
    /// Look at the tenants of this deployment.
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Check a tenant's audit log.
    #[command(subcommand)]
    Audit(audit::Audit),
    Demo(demo::Demo),
    /// Import data from files.
    #[command(subcommand)]
    Import(import::Import),
}

/// The exit code of a command that ran, or the error that ended it, which is printed with exit code 1.
type Outcome = Result<ExitCode, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // For TLS to the database. The call fails when a provider is installed already, which then serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = match arguments.command {
        Command::Migrate(command) => command.run().await,
        Command::Seed => seed::run().await,
        Command::Openapi(command) => command.run(),
        Command::Tenant(command) => command.run().await,
        Command::Audit(command) => command.run().await,
        Command::Demo(command) => command.run().await,
        Command::Import(command) => command.run().await,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("{}", explain(&*error));
        ExitCode::FAILURE
    })
}

/// Formats an error and the errors that caused it, one line each.
fn explain(error: &dyn Error) -> String {
    let mut text = error.to_string().trim_end().to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}\n  because: {cause}");
        source = cause.source();
    }
    text
}
