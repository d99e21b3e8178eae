//! Runs the Stripe simulator as a process of its own, until it is interrupted.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bk_stripe_sim::{Chaos, SimConfig, SimError, Simulator, WebhookTarget};
use clap::Parser;

/// A stateful simulator of Stripe.
#[derive(Debug, Parser)]
#[command(name = "stripe-sim", version)]
struct Options {
    /// Address to listen on; port 0 takes any free port.
    #[arg(long, env = "STRIPE_SIM_LISTEN", default_value = "127.0.0.1:12111")]
    listen: SocketAddr,
    /// Base address for browsers, when it differs from the listening address.
    #[arg(long, env = "STRIPE_SIM_PUBLIC_BASE")]
    public_base: Option<String>,
    /// Endpoint that events are sent to, such as `http://127.0.0.1:8080/webhooks/stripe`.
    #[arg(long, env = "STRIPE_SIM_WEBHOOK_URL", requires = "webhook_secret")]
    webhook_url: Option<String>,
    /// Signing secret of the endpoint, `whsec_…`.
    #[arg(long, env = "STRIPE_SIM_WEBHOOK_SECRET", hide_env_values = true)]
    webhook_secret: Option<String>,
    /// Sends every event once and in order.
    #[arg(long)]
    tidy: bool,
    /// Seed of the random repetition and order of events.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// File that keeps the state across restarts.
    #[arg(long, env = "STRIPE_SIM_STATE_FILE")]
    state_file: Option<PathBuf>,
    /// Delay of every API request, in milliseconds.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Name of the seller on the checkout page.
    #[arg(long, default_value = "Balance Kitchen")]
    merchant: String,
}

impl Options {
    fn into_config(self) -> SimConfig {
        SimConfig {
            public_base: self.public_base,
            webhook: self
                .webhook_url
                .zip(self.webhook_secret)
                .map(|(url, secret)| WebhookTarget { url, secret }),
            chaos: Chaos { duplicate: !self.tidy, shuffle: !self.tidy, seed: self.seed },
            state_file: self.state_file,
            latency: Duration::from_millis(self.latency_ms),
            merchant: self.merchant,
            ..SimConfig::new(self.listen)
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{}", with_sources(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), SimError> {
    let handle = Simulator::start(options.into_config())?;
    tracing::info!("Stripe simulator at {}, pages at {}/", handle.base_url(), handle.public_base());
    if let Err(error) = tokio::signal::ctrl_c().await {
        return Err(SimError::Start(error.to_string()));
    }
    handle.stop().await;
    Ok(())
}

/// Formats an error together with the errors that caused it.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
