//! The whole product in the test's own process: API on a free port, simulator of the payment
//! provider, background work done when the test asks for it, demo data, a clock of its own.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
};

use bk_api::{
    Api, ApiParts, Background, Product, ProductParts, Rates, Serving,
    pages::development::{Mailbox, MailboxMessage},
    seed,
};
use bk_billing::StripeSettings;
use bk_contracts::tenants::AllowedOrigins;
use bk_guard::{CsrfKey, RateLimits};
use bk_identity::PasswordPool;
use bk_kernel::{Clock, Environment, Surface, TenantId};
use bk_persistence::{
    Database, DatabaseUrl, DbRole, PoolSettings,
    invalidation::ListenerStatus,
    jobs::{Registry, Runner},
    outbox::Relay,
};
use bk_stripe_sim::{SimConfig, SimHandle, Simulator, WebhookTarget};
use bk_testing::{Browser, Tcp, TestDb};
use tokio_util::sync::CancellationToken;

/// When the demo data was laid: Friday 2026-11-27, 14:00 in Chicago and Saturday 06:00 in Brisbane,
/// so the windows of both demo kitchens are open.
pub const DEMO_NOW: &str = "2026-11-27T20:00:00Z";

pub use bk_api::config::DEMO_PASSWORD;

/// The demo kitchen in Brisbane.
pub const GREENFORK: &str = "greenfork";
/// The demo kitchen in Chicago.
pub const NORTHSIDE: &str = "northside";

const WEBHOOK_SECRET: &str = "whsec_tests";
/// Threads that answer; enough for requests to overlap.
const THREADS: usize = 2;
/// Connections per role; enough for fifty requests at once to queue, not to starve.
const CONNECTIONS: u32 = 8;
/// Rounds of background work after which something feeds itself.
const MAX_ROUNDS: usize = 50;

/// A running product. It ends with the test.
pub struct TestServer {
    /// Where it listens, without a trailing slash.
    pub base: String,
    /// The database of this server alone.
    pub db: TestDb,
    /// The clock that the product reads, for tests to move.
    pub clock: Clock,
    /// The product's parts, as the host puts them together.
    pub product: Product,
    /// Where its payments are made.
    pub simulator: SimHandle,
    mailbox: Mailbox,
    runner: Runner,
    relay: Relay,
    _serving: Serving,
    _background: Background,
}

impl TestServer {
    /// The product with its demo data, at [`DEMO_NOW`]. Its caches are bypassed, so what a test changes
    /// behind the product's back is seen at once.
    pub async fn start() -> Self {
        Self::launch(false).await
    }

    /// The same with its caches in use, as in production.
    pub async fn with_caches() -> Self {
        Self::launch(true).await
    }

    async fn launch(listens: bool) -> Self {
        let db = TestDb::prepared(CONNECTIONS, &build_key(), seed_demo_data).await;
        let clock = Clock::starting_at(DEMO_NOW.parse().unwrap());
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let base = format!("http://{}", socket.local_addr().unwrap());
        let simulator = start_simulator(&base, &clock);
        let platform = connect(&db.url, DbRole::Platform).await;
        let mailbox = Mailbox::new(clock.clone());
        let listener = ListenerStatus::new(false);
        let product = product(&db.app, Some(&db.worker), &platform, &clock, &mailbox, &listener, {
            simulator.base_url()
        });
        let mut registry = Registry::new();
        product.register_jobs(&mut registry);
        let runner = Runner::new(db.worker.clone(), registry, clock.clone()).unwrap();
        let relay = Relay::new(db.worker.clone(), product.fact_handlers(), clock.clone());
        let api = Api::new(ApiParts {
            product: product.clone(),
            database: db.app.clone(),
            environment: Environment::Development,
            mailbox: Some(mailbox.clone()),
            rates: Rates::in_memory(RateLimits::unlimited()),
            csrf_key: CsrfKey::random(),
            trusted_proxies: Vec::new(),
            own_origin: base.clone(),
            dev_origins: AllowedOrigins {
                client: vec![seed::CLIENT_ORIGIN.to_owned()],
                admin: vec![seed::ADMIN_ORIGIN.to_owned()],
                site: vec![seed::SITE_ORIGIN.to_owned()],
            },
        })
        .unwrap();
        let serving = api.serve(socket, THREADS).unwrap();
        let mut background = Background::new(CancellationToken::new());
        if listens {
            background.listen(&db.app, &product, &listener);
        }
        Self {
            base,
            db,
            clock,
            product,
            simulator,
            mailbox,
            runner,
            relay,
            _serving: serving,
            _background: background,
        }
    }

    /// Does everything that is due: deliveries of the simulator, jobs, facts, and what follows from
    /// them, until nothing moves.
    pub async fn work(&self) {
        for _ in 0..MAX_ROUNDS {
            self.simulator.wait_until_delivered().await;
            let jobs = self.runner.run_due_once().await.unwrap();
            let facts = self.relay.sweep_once().await.unwrap();
            if jobs == 0 && facts == 0 {
                return;
            }
        }
        panic!("the background work never comes to an end");
    }

    /// Does what a schedule would: runs the job of this name now.
    pub async fn run_job(&self, name: &'static str) {
        use bk_persistence::{DbError, jobs};
        let queued: Result<(), DbError> = self
            .db
            .worker
            .global(async move |tx| {
                jobs::enqueue(&tx, jobs::NewJob::now(name, serde_json::json!({}))).await
            })
            .await;
        queued.unwrap();
        self.work().await;
    }

    /// Moves the product's clock.
    pub fn move_to(&self, instant: &str) {
        self.clock.move_to(instant.parse().unwrap());
    }

    /// The mails sent so far, latest first.
    #[must_use]
    pub fn mails(&self) -> Vec<MailboxMessage> {
        self.mailbox.messages()
    }

    /// A browser on the front end of a surface, without a session yet.
    #[must_use]
    pub fn visitor(&self, surface: Surface) -> Browser {
        let origin =
            if surface == Surface::Client { seed::CLIENT_ORIGIN } else { seed::ADMIN_ORIGIN };
        Browser::new(Tcp::new(&self.base), surface, origin)
    }

    /// A demo customer, logged in: `client1` of `greenfork`.
    pub async fn client(&self, tenant: &str, login: &str) -> Browser {
        self.logged_in(Surface::Client, tenant, &format!("{login}@{tenant}.test")).await
    }

    /// A demo member of staff, logged in: `owner` of `greenfork`.
    pub async fn staff(&self, tenant: &str, login: &str) -> Browser {
        self.logged_in(Surface::Admin, tenant, &format!("{login}@{tenant}.test")).await
    }

    /// The demo operator, logged in.
    pub async fn operator(&self) -> Browser {
        self.logged_in(Surface::Admin, "platform", seed::OPERATOR).await
    }

    /// A user with the demo password, logged in.
    pub async fn logged_in(&self, surface: Surface, tenant: &str, email: &str) -> Browser {
        let browser = self.visitor(surface);
        browser.log_in(tenant, email, DEMO_PASSWORD).await;
        browser
    }

    /// The id of a tenant.
    pub async fn tenant_id(&self, slug: &str) -> TenantId {
        let id: sqlx::types::Uuid =
            sqlx::query_scalar("SELECT tenant_id FROM tenant_directory WHERE slug = $1")
                .bind(slug)
                .fetch_one(&self.db.admin)
                .await
                .unwrap();
        id.into()
    }
}

/// Fills the template once per build of the test binary.
async fn seed_demo_data(url: DatabaseUrl) {
    let app = connect(&url, DbRole::App).await;
    let platform = connect(&url, DbRole::Platform).await;
    let clock = Clock::starting_at(DEMO_NOW.parse().unwrap());
    let (mailbox, listener) = (Mailbox::new(clock.clone()), ListenerStatus::new(false));
    // Nothing is paid while the data is laid.
    let nowhere = "http://127.0.0.1:9";
    let product = product(&app, None, &platform, &clock, &mailbox, &listener, nowhere);
    seed::seed(&product, &DEMO_PASSWORD.into()).await.unwrap();
    app.close().await;
    platform.close().await;
}

/// Changes with the test binary, and so with everything the demo data comes from.
fn build_key() -> String {
    let file = env::current_exe().unwrap();
    let about = fs::metadata(&file).unwrap();
    let mut hasher = DefaultHasher::new();
    (file, about.len(), about.modified().unwrap()).hash(&mut hasher);
    format!("demo_{:016x}", hasher.finish())
}

async fn connect(url: &DatabaseUrl, role: DbRole) -> Database {
    let settings = PoolSettings {
        // Test machines are busy.
        acquire_timeout: std::time::Duration::from_secs(30),
        ..PoolSettings::of(role).with_connections(CONNECTIONS)
    };
    Database::connect(url, role, settings).await.unwrap()
}

fn product(
    app: &Database,
    worker: Option<&Database>,
    platform: &Database,
    clock: &Clock,
    mailbox: &Mailbox,
    listener: &ListenerStatus,
    stripe: &str,
) -> Product {
    Product::build(ProductParts {
        app: app.clone(),
        worker: worker.cloned(),
        platform: platform.clone(),
        clock: clock.clone(),
        listener: listener.clone(),
        stripe: StripeSettings {
            secret_key: "sk_test_tests".into(),
            api_base: Some(stripe.to_owned()),
            timeout: StripeSettings::DEFAULT_TIMEOUT,
            webhook_secrets: vec![WEBHOOK_SECRET.into()],
            livemode: false,
        },
        mailer: Arc::new(mailbox.clone()),
        passwords: PasswordPool::of_this_machine(),
        public_url: "http://localhost:8080".to_owned(),
        return_origins: Vec::new(),
        environment: Environment::Development,
    })
    .unwrap()
}

fn start_simulator(api: &str, clock: &Clock) -> SimHandle {
    let clock = clock.clone();
    let config = SimConfig {
        webhook: Some(WebhookTarget {
            url: format!("{api}/webhooks/stripe"),
            secret: WEBHOOK_SECRET.to_owned(),
        }),
        now: Some(Arc::new(move || clock.now())),
        sign_with_machine_clock: true,
        ..SimConfig::default()
    };
    Simulator::start(config).unwrap()
}
