//! The HTTP server. It runs on one thread with a runtime of its own, so it depends neither on the runtime of the
//! caller nor on how long that runs.

use std::net::TcpListener;
use std::sync::{Arc, mpsc};

use actix_web::{App, HttpServer, rt, web};
use tokio::sync::oneshot;

use crate::app_state::AppState;
use crate::config::{SimConfig, SimError};
use crate::handle::SimHandle;
use crate::{api, control, delivery, pages};

/// The entry point of this crate: [`Simulator::start`].
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

impl Simulator {
    /// Starts a simulator. It answers requests when this function returns, which also queues the events that the
    /// state file holds as still to be delivered.
    ///
    /// Fails when the configuration is invalid ([`SimError::WebhookUrl`], [`SimError::WebhookSecret`],
    /// [`SimError::PublicBase`]), the address is not available ([`SimError::Listen`]), the state file cannot be
    /// used ([`SimError::State`]) or the server cannot be started ([`SimError::Start`]).
    pub fn start(config: SimConfig) -> Result<SimHandle, SimError> {
        if let Some(target) = &config.webhook {
            target.validate()?;
        }
        let unavailable = |source| SimError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        let base_url = format!("http://{address}");
        let public_base = public_base(config.public_base.as_deref(), &base_url)?;
        let client = delivery::client()?;
        let state = Arc::new(AppState::new(config, public_base)?);

        let (stop, stop_requested) = oneshot::channel();
        let (stopped_sender, stopped) = oneshot::channel();
        let (started_sender, started) = mpsc::sync_channel(1);
        let (server_state, server_client) = (Arc::clone(&state), client.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "the simulator serves on a thread of its own"
        )]
        std::thread::Builder::new()
            .name("stripe-sim".to_owned())
            .spawn(move || {
                let serving =
                    serve(server_state, server_client, listener, started_sender, stop_requested);
                rt::System::new().block_on(serving);
                // The handle is gone when nothing waits for the end; that is no error.
                let _ = stopped_sender.send(());
            })
            .map_err(|error| SimError::Start(error.to_string()))?;
        match started.recv() {
            Ok(Ok(())) => Ok(SimHandle { state, client, base_url, stop: Some(stop), stopped }),
            Ok(Err(error)) => Err(SimError::Start(error.to_string())),
            Err(_) => Err(SimError::Start("the server ended before it began".to_owned())),
        }
    }
}

/// Serves requests and sends deliveries until the handle asks to stop or is dropped. Reports through `started`
/// whether the server could be started.
async fn serve(
    state: Arc<AppState>,
    client: reqwest::Client,
    listener: TcpListener,
    started: mpsc::SyncSender<std::io::Result<()>>,
    stop_requested: oneshot::Receiver<()>,
) {
    let app_state = web::Data::from(Arc::clone(&state));
    let app_client = web::Data::new(client.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(app_state.clone())
            .app_data(app_client.clone())
            .configure(pages::routes)
            .configure(control::routes)
            .route("/v1/{tail:.*}", web::route().to(api::serve))
            .default_service(web::to(pages::not_found))
    })
    .workers(1)
    .disable_signals()
    .listen(listener);
    // `start` waits for what is sent here, so sending cannot fail.
    let server = match server {
        Ok(server) => server.run(),
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    let server_handle = server.handle();
    let serving = rt::spawn(server);
    let delivering = rt::spawn(delivery::run(state, client));
    let _ = started.send(Ok(()));
    // Nothing is ever sent: the sender is dropped, which ends the wait with an error.
    let _ = stop_requested.await;
    delivering.abort();
    server_handle.stop(false).await;
    if let Ok(Err(error)) = serving.await {
        tracing::warn!(%error, "the simulator's server ended with an error");
    }
}

fn public_base(configured: Option<&str>, base_url: &str) -> Result<String, SimError> {
    let Some(configured) = configured else { return Ok(base_url.to_owned()) };
    let is_valid = reqwest::Url::parse(configured)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    if is_valid {
        Ok(configured.trim_end_matches('/').to_owned())
    } else {
        Err(SimError::PublicBase(configured.to_owned()))
    }
}
