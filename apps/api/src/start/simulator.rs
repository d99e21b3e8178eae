//! Development's Stripe: the simulator, on an address people can remember if it is free.

use std::{net::SocketAddr, path::Path};

use bk_billing::StripeSettings;
use bk_kernel::Clock;
use bk_stripe_sim::{SimConfig, SimError, SimHandle, Simulator, WebhookTarget};
use secrecy::{ExposeSecret, SecretString};

/// Where the simulator is looked for.
const DEFAULT_ADDR: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8090);

/// File in the data directory that keeps the simulator's state.
const STATE_FILE: &str = "stripe.json";

/// Any key of this shape opens the simulator.
const SECRET_KEY: &str = "sk_test_development";

/// Starts the simulator; its events go to the API at `api`, signed with `webhook_secret`.
pub(crate) fn start(
    addr: Option<SocketAddr>,
    api: SocketAddr,
    webhook_secret: &SecretString,
    clock: &Clock,
    data_dir: &Path,
) -> Result<SimHandle, SimError> {
    let clock = clock.clone();
    let config = SimConfig {
        webhook: Some(WebhookTarget {
            url: format!("http://{api}/webhooks/stripe"),
            secret: webhook_secret.expose_secret().to_owned(),
        }),
        now: Some(std::sync::Arc::new(move || clock.now())),
        // Signatures are checked against the machine's time, wherever the product's clock stands.
        sign_with_machine_clock: true,
        state_file: Some(data_dir.join(STATE_FILE)),
        ..SimConfig::new(addr.unwrap_or(DEFAULT_ADDR))
    };
    match Simulator::start(config.clone()) {
        Err(SimError::Listen { .. }) if addr.is_none() => {
            let any = SocketAddr::new(DEFAULT_ADDR.ip(), 0);
            Simulator::start(SimConfig { listen: any, ..config })
        }
        started => started,
    }
}

/// The signing secret made from a key of the data directory.
pub(crate) fn webhook_secret(key: &SecretString) -> SecretString {
    format!("whsec_{}", key.expose_secret()).into()
}

/// How billing speaks to the simulator; one that another process started is at its usual address.
pub(crate) fn settings(
    started: Option<&SimHandle>,
    addr: Option<SocketAddr>,
    webhook_secret: SecretString,
) -> StripeSettings {
    let base = started.map_or_else(
        || format!("http://{}", addr.unwrap_or(DEFAULT_ADDR)),
        |sim| sim.base_url().to_owned(),
    );
    StripeSettings {
        secret_key: SECRET_KEY.into(),
        api_base: Some(base),
        timeout: StripeSettings::DEFAULT_TIMEOUT,
        webhook_secrets: vec![webhook_secret],
        livemode: false,
    }
}
