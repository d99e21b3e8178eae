//! Starting: one thread with its own runtime, so that it does not matter who starts the simulator or
//! when the caller's runtime ends.

use std::net::TcpListener;
use std::sync::{Arc, mpsc};

use actix_web::{App, HttpServer, rt, web};
use tokio::sync::oneshot;

use crate::config::{SimConfig, SimError};
use crate::handle::SimHandle;
use crate::sim::Sim;
use crate::{api, control, delivery, pages};

/// Starts simulators.
#[derive(Debug, Clone, Copy)]
pub struct Simulator;

impl Simulator {
    /// Listens, takes up the stored state and starts delivering. When it returns, requests are answered.
    pub fn start(config: SimConfig) -> Result<SimHandle, SimError> {
        if let Some(target) = &config.webhook {
            target.check()?;
        }
        let failed = |source| SimError::Listen { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let base_url = format!("http://{address}");
        let public_base = public_base(config.public_base.as_deref(), &base_url)?;
        let client = delivery::client()?;
        let sim = Arc::new(Sim::new(config, public_base)?);

        let (stop, stopping) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        let (ready, is_ready) = mpsc::sync_channel(1);
        let (served, sender) = (Arc::clone(&sim), client.clone());
        std::thread::Builder::new()
            .name("stripe-sim".to_owned())
            .spawn(move || {
                rt::System::new().block_on(serve(served, sender, listener, ready, stopping));
                // Nobody may be waiting for the end any more.
                let _unheard = ended.send(());
            })
            .map_err(|error| SimError::Start(error.to_string()))?;
        match is_ready.recv() {
            Ok(Ok(())) => Ok(SimHandle::new(sim, client, base_url, stop, has_ended)),
            Ok(Err(error)) => Err(SimError::Start(error.to_string())),
            Err(_) => Err(SimError::Start("the server ended before it began".to_owned())),
        }
    }
}

/// Serves until asked to stop, or until the handle is dropped.
async fn serve(
    sim: Arc<Sim>,
    client: reqwest::Client,
    listener: TcpListener,
    ready: mpsc::SyncSender<std::io::Result<()>>,
    stopping: oneshot::Receiver<()>,
) {
    let state = web::Data::from(Arc::clone(&sim));
    let sender = web::Data::new(client.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(sender.clone())
            .configure(pages::routes)
            .configure(control::routes)
            .route("/v1/{tail:.*}", web::route().to(api::serve))
            .default_service(web::to(pages::not_found))
    })
    .workers(1)
    .disable_signals()
    .listen(listener);
    let server = match server {
        Ok(server) => server.run(),
        Err(error) => {
            let _unheard = ready.send(Err(error));
            return;
        }
    };
    let handle = server.handle();
    let serving = rt::spawn(server);
    let delivering = rt::spawn(delivery::run(sim, client));
    let _unheard = ready.send(Ok(()));
    // An error means the handle was dropped, which asks for the same.
    let _asked = stopping.await;
    delivering.abort();
    handle.stop(false).await;
    if let Ok(Err(error)) = serving.await {
        tracing::warn!(%error, "the simulator's server ended badly");
    }
}

fn public_base(given: Option<&str>, listening: &str) -> Result<String, SimError> {
    let Some(given) = given else { return Ok(listening.to_owned()) };
    let valid = reqwest::Url::parse(given)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    if valid {
        Ok(given.trim_end_matches('/').to_owned())
    } else {
        Err(SimError::PublicBase(given.to_owned()))
    }
}
