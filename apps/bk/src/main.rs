//! `bk`: what operators do to a deployment from a terminal.
//!
//! It reads the same settings as the API (`.env.example`) and works on the same database; in
//! development it joins the embedded server, or starts it for as long as it needs it.
//!
//! Exit codes: 0 done; 1 it failed, or what was checked is not as it should be; 2 the arguments, or
//! the file that was given, are wrong.

mod commands;
mod demo;
mod directory;
mod ground;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

use commands::{audit, import, migrate, openapi, seed, tenant};

/// Balance Kitchen, for operators.
#[derive(Debug, Parser)]
#[command(name = "bk", version)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the database to this version's schema.
    Migrate(migrate::Migrate),
    /// Lay the demo tenants and logins (development only).
    Seed,
    /// Compare the OpenAPI document and the policy table with the code, or write them.
    Openapi(openapi::OpenApi),
    /// Tenants.
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::Audit),
    Demo(demo::Demo),
    /// Bring data in from files.
    #[command(subcommand)]
    Import(import::Import),
}

/// How a command ended.
type Outcome = Result<ExitCode, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let line = Line::parse();
    // The database may want TLS. It fails when one is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = match line.command {
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

/// The error with what caused it, a line each.
fn explain(error: &dyn Error) -> String {
    let mut text = error.to_string().trim_end().to_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}\n  because: {cause}");
        source = cause.source();
    }
    text
}
