//! The process from its settings to its end.
//!
//! What can refuse comes first and costs nothing: the data directory, the addresses, the keys. Then
//! the database, then everything that needs it. The end goes the other way round, whether it was
//! asked for or a step of the start failed.

use std::{io::Write, net::SocketAddr, sync::Arc};

use bk_billing::{StripeConfigError, StripeSettings};
use bk_contracts::{mail::Mailer, tenants::AllowedOrigins};
use bk_guard::{CsrfKey, RateLimits, RedisStore, RouteDefects};
use bk_identity::PasswordPool;
use bk_kernel::{Clock, Environment};
use bk_persistence::{Database, DbRole, invalidation::ListenerStatus, jobs::JobsError};
use bk_stripe_sim::{SimError, SimHandle};
use bk_telemetry::{MetricsError, MetricsHandle, Telemetry, TelemetryError, TelemetrySettings};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    Api, ApiParts, Background, Config, Product, ProductParts, Rates, Serving,
    banner::Banner,
    config::{self, MailSettings},
    mail::{MailSetupError, SmtpMailer},
    pages::development::Mailbox,
    seed::{self, SeedError},
    server,
    start::{
        instance::{Instance, InstanceError},
        keys::{self, KeyError},
        listen::{self, Bound, ListenError},
        simulator,
    },
    storage::{self, Storage, StorageError},
};

/// What a quiet development start logs unless `BK_LOG` says otherwise.
const DEVELOPMENT_LOG_FILTER: &str = "warn,access=info,security=info,bk_api=info";

/// What is logged elsewhere unless `BK_LOG` says otherwise.
const LOG_FILTER: &str = "info";

/// The process ended because it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

/// Why the process did not start.
#[derive(Debug, Error)]
pub enum RunError {
    /// The data directory, an address or a key cannot be used.
    #[error(transparent)]
    Instance(#[from] InstanceRefused),
    /// The database cannot be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Logging cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// Metrics cannot be set up.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The mail settings cannot be used.
    #[error(transparent)]
    Mail(#[from] MailSetupError),
    /// The settings for Stripe cannot be used.
    #[error(transparent)]
    Stripe(#[from] StripeConfigError),
    /// The Stripe simulator did not start.
    #[error("the Stripe simulator did not start; BK_SIMULATOR_ADDR moves it")]
    Simulator(#[from] SimError),
    /// The Redis URL cannot be used.
    #[error("REDIS_URL is not a Redis URL; for example redis://redis:6379")]
    Redis,
    /// The demo data could not be written.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The routes contradict each other.
    #[error(transparent)]
    Routes(#[from] RouteDefects),
    /// A job or schedule is declared wrongly.
    #[error(transparent)]
    Jobs(#[from] JobsError),
    /// The operating system refused a listener or a signal handler.
    #[error("the system refused")]
    System(#[from] std::io::Error),
}

/// Something the start needs for itself is not to be had: the data directory, an address, a key.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct InstanceRefused(String, #[source] Option<std::io::Error>);

/// Runs until Control-C, SIGTERM or SIGHUP, and stops everything it started.
pub async fn run(config: Config) -> Result<Stopped, RunError> {
    // TLS to Postgres, Redis, Stripe and the mail server. It fails when one is installed already,
    // which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let _telemetry = Telemetry::install(&telemetry(config.environment))?;
    let metrics = MetricsHandle::install()?;
    let mut stop_requested = Box::pin(stop_signal()?);

    let resources = StartupResources::claim(&config)?;
    let mut storage = Storage::open(&config.database, None, &config.data_dir).await?;
    let started = tokio::select! {
        started = Running::start(&config, resources, &mut storage, &metrics) => started.map(Some),
        // Whatever was started so far ends with the step it was in.
        () = &mut stop_requested => Ok(None),
    };
    let outcome = match started {
        Ok(Some(running)) => {
            stop_requested.await;
            tracing::info!("stopping");
            running.stop().await;
            Ok(Stopped)
        }
        Ok(None) => Ok(Stopped),
        Err(error) => Err(error),
    };
    storage.close().await;
    outcome
}

fn telemetry(environment: Environment) -> TelemetrySettings {
    TelemetrySettings::from_env(match environment {
        Environment::Development => DEVELOPMENT_LOG_FILTER,
        Environment::Production | Environment::Test => LOG_FILTER,
    })
}

/// Resolves when the process is asked to end. Signals are caught from the call on.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

/// What is claimed before anything is started.
struct StartupResources {
    instance: Option<Instance>,
    http: Option<Bound>,
    metrics: Bound,
    secret_key: SecretString,
}

impl StartupResources {
    fn claim(config: &Config) -> Result<Self, InstanceRefused> {
        let development = config.environment == Environment::Development;
        let instance =
            development.then(|| Instance::claim(&config.data_dir, config.role)).transpose()?;
        let http = config.role.serves().then(|| listen::bind(config.http_addr, "BK_HTTP_ADDR"));
        let http = http.transpose()?;
        let metrics = listen::bind(config.metrics_addr, "BK_METRICS_ADDR")?;
        let secret_key = match &config.secret_key {
            Some(key) => key.clone(),
            None => keys::load_or_create(&config.data_dir, "secret.key")?,
        };
        Ok(Self { instance, http, metrics, secret_key })
    }
}

impl From<InstanceError> for InstanceRefused {
    fn from(error: InstanceError) -> Self {
        let text = error.to_string();
        match error {
            InstanceError::Unusable { source, .. } => Self(text, Some(source)),
            InstanceError::Running(_) => Self(text, None),
        }
    }
}

impl From<ListenError> for InstanceRefused {
    fn from(error: ListenError) -> Self {
        let text = error.to_string();
        match error {
            ListenError::Refused { source, .. } => Self(text, Some(source)),
            ListenError::Taken { .. } => Self(text, None),
        }
    }
}

impl From<KeyError> for InstanceRefused {
    fn from(error: KeyError) -> Self {
        let text = error.to_string();
        match error {
            KeyError::File { source, .. } => Self(text, Some(source)),
            KeyError::Content(_) => Self(text, None),
        }
    }
}

/// Everything that runs, in the order in which it is stopped.
struct Running {
    api: Option<Serving>,
    metrics: Serving,
    background: Background,
    simulator: Option<SimHandle>,
    databases: Databases,
    instance: Option<Instance>,
}

/// The database as each role that this process needs.
struct Databases {
    app: Database,
    worker: Option<Database>,
    platform: Database,
}

impl Running {
    async fn start(
        config: &Config,
        resources: StartupResources,
        storage: &mut Storage,
        metrics: &MetricsHandle,
    ) -> Result<Self, RunError> {
        let clock = config.clock.map_or_else(Clock::system, Clock::starting_at);
        if config.environment == Environment::Development {
            storage.prepare().await?;
        }
        let databases = Databases::open(config, storage).await?;
        let http_addr = resources.http.as_ref().map(|bound| listen::local(bound.addr));
        let public_url = public_url(config, http_addr);
        let (stripe, simulator) = stripe(config, http_addr, &clock)?;
        let mailbox = Mailbox::new(clock.clone());
        let listener = ListenerStatus::new(false);
        let product = Product::build(ProductParts {
            app: databases.app.clone(),
            worker: databases.worker.clone(),
            platform: databases.platform.clone(),
            clock: clock.clone(),
            listener: listener.clone(),
            stripe,
            mailer: mailer(config, &mailbox)?,
            passwords: PasswordPool::of_this_machine(),
            public_url: public_url.clone(),
            return_origins: return_origins(config.environment, &public_url),
            environment: config.environment,
        })?;
        let mut background = Background::new(CancellationToken::new());
        background.listen(&databases.app, &product, &listener);
        if config.environment == Environment::Development {
            let password = config.demo_password.clone();
            let password = password.unwrap_or_else(|| config::DEMO_PASSWORD.into());
            seed::seed(&product, &password).await?;
        }
        background.work(&product)?;
        background.maintain_metrics(metrics.clone());
        let metrics_addr = resources.metrics.addr;
        let metrics = server::serve_metrics(metrics, resources.metrics.listener)?;
        let api = match resources.http {
            None => None,
            Some(bound) => {
                let key = &resources.secret_key;
                let parts = api_parts(config, product, &databases, mailbox, key, &public_url)?;
                Some(Api::new(parts)?.serve(bound.listener, config.http_workers)?)
            }
        };
        let running =
            Self { api, metrics, background, simulator, databases, instance: resources.instance };
        running.announce(config, http_addr.map(|_| public_url.as_str()), metrics_addr, &clock);
        Ok(running)
    }

    /// The last thing a start says.
    fn announce(&self, config: &Config, api: Option<&str>, metrics: SocketAddr, clock: &Clock) {
        tracing::info!(api, %metrics, environment = ?config.environment, role = ?config.role, "running");
        if config.environment == Environment::Production {
            return;
        }
        let banner = Banner {
            config,
            api,
            simulator: self.simulator.as_ref().map(SimHandle::public_base),
            metrics: format!("http://{}/metrics", listen::local(metrics)),
            clock,
            own_password: config.demo_password.is_some(),
        };
        // One write, so that no other line comes between; a closed output is not an error.
        let _ = std::io::stdout().write_all(format!("{banner}\n").as_bytes());
        let _ = std::io::stdout().flush();
    }

    async fn stop(self) {
        if let Some(api) = self.api {
            api.stop().await;
        }
        self.background.stop().await;
        if let Some(simulator) = self.simulator {
            simulator.stop().await;
        }
        self.metrics.stop().await;
        self.databases.close().await;
        // Only now may another process use the data directory.
        drop(self.instance);
    }
}

impl Databases {
    async fn open(config: &Config, storage: &Storage) -> Result<Self, RunError> {
        let app = storage.connect(DbRole::App).await?;
        let platform = storage.connect(DbRole::Platform).await?;
        let worker =
            if config.role.works() { Some(storage.connect(DbRole::Worker).await?) } else { None };
        storage::check(&app, config.environment).await?;
        for database in [Some(&app), Some(&platform), worker.as_ref()].into_iter().flatten() {
            storage::check_rights(database).await?;
        }
        // A change of a request wakes the relay of the same process at once.
        let app = match &worker {
            Some(worker) => app.waking(worker),
            None => app,
        };
        Ok(Self { app, worker, platform })
    }

    async fn close(&self) {
        self.app.close().await;
        self.platform.close().await;
        if let Some(worker) = &self.worker {
            worker.close().await;
        }
    }
}

/// Where browsers reach this API: as configured, else the bound address, else the usual one of the
/// process that serves.
fn public_url(config: &Config, bound: Option<SocketAddr>) -> String {
    match (&config.public_url, bound) {
        (Some(url), _) => url.clone(),
        (None, Some(addr)) => format!("http://{addr}"),
        (None, None) => format!("http://{}", config.http_addr),
    }
}

fn stripe(
    config: &Config,
    http_addr: Option<SocketAddr>,
    clock: &Clock,
) -> Result<(StripeSettings, Option<SimHandle>), RunError> {
    match &config.stripe {
        config::StripeSettings::Simulator { addr } => {
            let key = keys::load_or_create(&config.data_dir, "webhook.key")
                .map_err(InstanceRefused::from)?;
            let secret = simulator::webhook_secret(&key);
            let started = http_addr
                .map(|api| simulator::start(*addr, api, &secret, clock, &config.data_dir))
                .transpose()?;
            Ok((simulator::settings(started.as_ref(), *addr, secret), started))
        }
        config::StripeSettings::Account { secret_key, api_base, webhook_secrets } => {
            let settings = StripeSettings {
                secret_key: secret_key.clone(),
                api_base: api_base.clone(),
                timeout: StripeSettings::DEFAULT_TIMEOUT,
                webhook_secrets: webhook_secrets.clone(),
                livemode: secret_key.expose_secret().contains("_live_"),
            };
            Ok((settings, None))
        }
    }
}

fn mailer(config: &Config, mailbox: &Mailbox) -> Result<Arc<dyn Mailer>, MailSetupError> {
    Ok(match &config.mail {
        MailSettings::Mailbox => Arc::new(mailbox.clone()),
        MailSettings::Smtp { url, from } => Arc::new(SmtpMailer::new(url, from)?),
    })
}

fn api_parts(
    config: &Config,
    product: Product,
    databases: &Databases,
    mailbox: Mailbox,
    secret_key: &SecretString,
    public_url: &str,
) -> Result<ApiParts, RunError> {
    let limits =
        if config.rate_limits { RateLimits::production() } else { RateLimits::unlimited() };
    let rates = match &config.redis_url {
        None => Rates::in_memory(limits),
        Some(url) => {
            let store = RedisStore::connect(url.expose_secret(), "bk:rate");
            Rates::shared(limits, store.map_err(|_| RunError::Redis)?)
        }
    };
    Ok(ApiParts {
        product,
        database: databases.app.clone(),
        environment: config.environment,
        mailbox: (config.environment == Environment::Development).then_some(mailbox),
        rates,
        // The settings have checked its shape.
        csrf_key: keys::bytes(secret_key).map_or_else(CsrfKey::random, CsrfKey::new),
        trusted_proxies: config.trusted_proxies.clone(),
        own_origin: public_url.to_owned(),
        dev_origins: dev_origins(public_url),
    })
}

/// Where checkouts may return to in development, besides what the tenant allows.
fn return_origins(environment: Environment, public_url: &str) -> Vec<String> {
    if environment.is_development() { dev_origins(public_url).client } else { Vec::new() }
}

/// The developer's front ends, and this API by either of its names.
fn dev_origins(public_url: &str) -> AllowedOrigins {
    let own = [
        public_url.replace("//127.0.0.1", "//localhost"),
        public_url.replace("//localhost", "//127.0.0.1"),
    ];
    let with_own = |origin: &str| [origin.to_owned()].into_iter().chain(own.clone()).collect();
    AllowedOrigins {
        client: with_own(seed::CLIENT_ORIGIN),
        admin: with_own(seed::ADMIN_ORIGIN),
        site: with_own(seed::SITE_ORIGIN),
    }
}
