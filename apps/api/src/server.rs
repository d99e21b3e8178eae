//! Answering requests: the application of each thread, the listeners, the graceful end.

use std::{fmt, io, net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::{Server, ServerHandle},
    http::header,
    web::{self, ServiceConfig},
};
use bk_contracts::tenants::AllowedOrigins;
use bk_guard::{
    CsrfKey, Guard, GuardConfig, MemoryStore, RateLimits, RateStore, RedisStore, RouteDefects,
    RouteTable,
};
use bk_kernel::Environment;
use bk_persistence::Database;
use bk_telemetry::MetricsHandle;
use ipnet::IpNet;
use tokio::task::JoinHandle;

use crate::{
    Product,
    pages::{
        development::Mailbox,
        docs::{DocumentText, Viewer},
        health::Dependencies,
    },
    routes,
};

/// A request's head must have arrived by then (docs/controls.md, AB-4).
const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than proxies keep theirs, so that they never send into a connection that is closing.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Requests under way at a shutdown get this long, in seconds; so do idle connections.
const SHUTDOWN_GRACE_SECS: u64 = 10;
/// In development Control-C should end the process at once.
const SHUTDOWN_GRACE_SECS_IN_DEVELOPMENT: u64 = 1;

/// What requests are answered with.
pub struct ApiParts {
    /// The domains put together.
    pub product: Product,
    /// The database as the API's role.
    pub database: Database,
    /// Whether development conveniences are on.
    pub environment: Environment,
    /// Development's mailbox page.
    pub mailbox: Option<Mailbox>,
    /// The limits and their counters.
    pub rates: Rates,
    /// Signs CSRF tokens; the same on every instance.
    pub csrf_key: CsrfKey,
    /// The proxies whose word on addresses is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// The deployment's own origin.
    pub own_origin: String,
    /// Origins accepted in development for every tenant.
    pub dev_origins: AllowedOrigins,
}

/// How often routes may be called, and where that is counted.
#[derive(Clone)]
pub struct Rates {
    limits: RateLimits,
    store: Arc<dyn RateStore>,
    redis: Option<Arc<RedisStore>>,
}

impl Rates {
    /// Counted in this process: development and tests.
    #[must_use]
    pub fn in_memory(limits: RateLimits) -> Self {
        Self { limits, store: Arc::new(MemoryStore::new()), redis: None }
    }

    /// Counted in Redis, shared by all instances.
    #[must_use]
    pub fn shared(limits: RateLimits, redis: RedisStore) -> Self {
        let redis = Arc::new(redis);
        Self { limits, store: Arc::clone(&redis) as Arc<dyn RateStore>, redis: Some(redis) }
    }
}

/// The application, to be made once and cloned into every thread that serves.
#[derive(Clone)]
pub struct Api {
    guard: Guard,
    environment: Environment,
    data: Data,
}

/// What handlers ask for.
#[derive(Clone)]
struct Data {
    product: Product,
    dependencies: Dependencies,
    document: DocumentText,
    viewer: Viewer,
    mailbox: Option<Mailbox>,
}

impl Api {
    /// The application on top of its parts. It fails only by a mistake in the program: routes that
    /// contradict each other.
    pub fn new(parts: ApiParts) -> Result<Self, RouteDefects> {
        let config = GuardConfig {
            environment: parts.environment,
            trusted_proxies: parts.trusted_proxies,
            csrf_key: parts.csrf_key,
            dev_origins: parts.dev_origins,
            own_origin: parts.own_origin,
            limits: parts.rates.limits,
            store: parts.rates.store,
            clock: parts.product.clock.clone(),
            sessions: Arc::new(parts.product.identity.clone()),
            tenants: Arc::new(parts.product.ports.clone()),
            db: parts.database.clone(),
        };
        let guard = Guard::new(config, &routes::policies(parts.environment))?;
        let dependencies = Dependencies { database: parts.database, redis: parts.rates.redis };
        let data = Data {
            product: parts.product,
            dependencies,
            document: DocumentText::default(),
            viewer: Viewer::default(),
            mailbox: parts.mailbox,
        };
        Ok(Self { guard, environment: parts.environment, data })
    }

    /// The pipeline, to be wrapped around the application as its outermost layer.
    #[must_use]
    pub fn guard(&self) -> Guard {
        self.guard.clone()
    }

    /// Mounts the routes and gives the handlers their data.
    pub fn configure(&self, config: &mut ServiceConfig) {
        let Data { product, dependencies, document, viewer, mailbox } = self.data.clone();
        config
            .app_data(web::Data::new(product.clock.clone()))
            .app_data(web::Data::new(self.guard.cookies()))
            .app_data(web::Data::new(self.guard.origins()))
            .app_data(web::Data::new(dependencies))
            .app_data(web::Data::new(document))
            .app_data(web::Data::new(viewer));
        product.app_data(config);
        if let Some(mailbox) = mailbox {
            config.app_data(web::Data::new(mailbox));
        }
        // The guard enforces the table that was made at the start; this one is the same again.
        routes::mount(config, &mut RouteTable::policies_only(), self.environment);
    }

    /// Answers requests that arrive at `listener`, on `threads` threads.
    pub fn serve(self, listener: TcpListener, threads: usize) -> io::Result<Serving> {
        let grace = if self.environment.is_development() {
            SHUTDOWN_GRACE_SECS_IN_DEVELOPMENT
        } else {
            SHUTDOWN_GRACE_SECS
        };
        let server = HttpServer::new(move || {
            let api = self.clone();
            App::new().configure(|config| api.configure(config)).wrap(api.guard())
        })
        .workers(threads)
        .client_request_timeout(REQUEST_HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(grace)
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Serving::start(server))
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("environment", &self.environment).finish_non_exhaustive()
    }
}

/// Answers `/metrics` at `listener`, and nothing else: it is reached from inside only.
pub(crate) fn serve_metrics(metrics: &MetricsHandle, listener: TcpListener) -> io::Result<Serving> {
    let metrics = metrics.clone();
    let server = HttpServer::new(move || {
        let metrics = metrics.clone();
        App::new().route(
            "/metrics",
            web::get().to(move || {
                let text = metrics.render();
                async move {
                    HttpResponse::Ok()
                        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4"))
                        .body(text)
                }
            }),
        )
    })
    .workers(1)
    .client_request_timeout(REQUEST_HEAD_TIMEOUT)
    .shutdown_timeout(1)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Serving::start(server))
}

/// A server at work.
pub struct Serving {
    handle: ServerHandle,
    ended: JoinHandle<io::Result<()>>,
}

impl Serving {
    fn start(server: Server) -> Self {
        Self { handle: server.handle(), ended: tokio::spawn(server) }
    }

    /// Refuses new requests, lets those under way end, and waits for that.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        match self.ended.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a server ended badly"),
            Err(error) => tracing::error!(%error, "a server broke"),
        }
    }
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Serving")
    }
}
