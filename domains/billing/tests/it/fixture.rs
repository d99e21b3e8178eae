//! Billing with an account of Stripe, a tenant and a customer.

use std::sync::{Arc, Mutex, mpsc};

use actix_web::{App, test, web};
use bk_billing::{Billing, BillingDeps, StripeSettings};
use bk_contracts::{
    checkout::{Checkout, PackCheckout, StartedCheckout},
    tenants::AllowedOrigins,
};
use bk_guard::{
    CsrfKey, Domain, Guard, GuardConfig, MemoryStore, RateLimits, RouteTable, csrf,
    registration::mount_all,
};
use bk_kernel::{
    AccountId, Actor, ActorKind, Clock, Environment, Money, OperationContext, PackProductId,
    PurchaseId, RequestId, Surface, TenantId, UserId,
};
use bk_persistence::{
    Database, DbError,
    jobs::{self, JobContext, JobError, NewJob, Registry, Runner},
    store::ConnectionTrait,
};
use bk_stripe_sim::{Chaos, EventRecord, SimConfig, SimHandle, Simulator};
use bk_testing::{
    Answer, Browser, Call, InProcess, TestDb,
    fakes::{FakeAccounts, FakeSessions, FakeTenants},
    people,
};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::Row;
use stripe_webhook::Webhook;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub(crate) const SECRET: &str = "whsec_current";
pub(crate) const OLD_SECRET: &str = "whsec_previous";

pub(crate) struct Fixture {
    pub(crate) db: TestDb,
    pub(crate) sim: SimHandle,
    /// Before every answer of Stripe.
    pub(crate) pause: Pause,
    pub(crate) clock: Clock,
    pub(crate) tenant: TenantId,
    /// A tenant that has nothing to do with payments.
    pub(crate) other_tenant: TenantId,
    pub(crate) account: AccountId,
    pub(crate) user: UserId,
    /// As the API's role.
    pub(crate) billing: Billing,
    /// As the worker's role.
    worker: Billing,
    tenants: FakeTenants,
    sessions: FakeSessions,
    csrf_key: CsrfKey,
}

/// Holds Stripe's answers back while a test looks round.
#[derive(Clone, Default)]
pub(crate) struct Pause(Arc<Mutex<Option<Held>>>);

/// Where a question is reported, and where its answer is allowed.
type Held = (UnboundedSender<()>, mpsc::Receiver<()>);

impl Pause {
    /// From now on every question to Stripe is reported, and answered when the test says so, or at
    /// once when what says so is dropped.
    pub(crate) fn begin(&self) -> (UnboundedReceiver<()>, mpsc::Sender<()>) {
        let ((notify, asked), (answer, go)) = (unbounded_channel(), mpsc::channel());
        *self.0.lock().unwrap() = Some((notify, go));
        (asked, answer)
    }

    fn hold(&self) {
        if let Some((notify, go)) = &*self.0.lock().unwrap() {
            let _ = notify.send(());
            let _ = go.recv();
        }
    }
}

/// What became of a purchase, as its rows say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) state: String,
    pub(crate) review_reason: Option<String>,
    /// Kind and amount, in the order of posting.
    pub(crate) ledger: Vec<(String, i64)>,
    /// Facts published.
    pub(crate) facts: i64,
}

impl Outcome {
    pub(crate) fn paid() -> Self {
        let ledger = vec![("PAYMENT".to_owned(), 13_000)];
        Self { state: "PAID".to_owned(), review_reason: None, ledger, facts: 1 }
    }

    pub(crate) fn unpaid(state: &str) -> Self {
        Self { state: state.to_owned(), review_reason: None, ledger: Vec::new(), facts: 0 }
    }
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(false).await
    }

    /// `livemode` as the deployment has it; the simulator's is always false.
    pub(crate) async fn with(livemode: bool) -> Self {
        let db = TestDb::new().await;
        let tenants = FakeTenants::default();
        let tenant = tenants.create(&db, "greenfork").await;
        let other_tenant = tenants.create(&db, "northside").await;
        let clock = Clock::system();
        let pause = Pause::default();
        let sim = simulator(&clock, &pause);
        let (account, user, accounts) = (AccountId::new(), UserId::new(), FakeAccounts::default());
        accounts.open(user, account);
        let [billing, worker] = [&db.app, &db.worker].map(|db| {
            let deps = BillingDeps {
                db: db.clone(),
                clock: clock.clone(),
                signing_clock: Clock::system(),
                stripe: settings(sim.base_url(), livemode),
                accounts: Arc::new(accounts.clone()),
                tenants: Arc::new(tenants.clone()),
            };
            Billing::new(deps).unwrap()
        });
        Self {
            db,
            sim,
            pause,
            clock,
            tenant,
            other_tenant,
            account,
            user,
            billing,
            worker,
            tenants,
            sessions: FakeSessions::default(),
            csrf_key: CsrfKey::random(),
        }
    }

    /// The same deployment, whose requests to Stripe go nowhere.
    pub(crate) fn without_stripe(&self) -> Billing {
        Billing::new(BillingDeps {
            db: self.db.app.clone(),
            clock: self.clock.clone(),
            signing_clock: Clock::system(),
            stripe: settings("http://127.0.0.1:9", false),
            accounts: Arc::new(FakeAccounts::default()),
            tenants: Arc::new(self.tenants.clone()),
        })
        .unwrap()
    }

    pub(crate) fn checkout(&self, request_key: Option<&str>) -> PackCheckout {
        PackCheckout {
            account_id: self.account,
            user_id: self.user,
            email: "client1@greenfork.test".to_owned(),
            product_id: PackProductId::new(),
            title: "10 meals, 300 g".to_owned(),
            meals: 10,
            meal_size_g: 300,
            price: Money::new(13_000, "AUD".parse().unwrap()),
            success_url: "http://localhost:3000/thanks".to_owned(),
            cancel_url: "http://localhost:3000/packs".to_owned(),
            request_key: request_key.map(str::to_owned),
        }
    }

    /// The operation of the customer who buys.
    pub(crate) fn buying(&self) -> OperationContext {
        let customer = people::actor(ActorKind::Client, self.tenant, &[]);
        people::operation_of(&customer, self.clock.now())
    }

    /// Starts a purchase. Returns it with its session.
    pub(crate) async fn start(&self) -> (PurchaseId, String) {
        let ctx = self.buying();
        let started = self.billing.start_pack(&ctx, self.checkout(None)).await.unwrap();
        (started.purchase_id, session_of(&started))
    }

    /// Pays a session. Returns the events about it, oldest first.
    pub(crate) fn pay(&self, session: &str) -> Vec<EventRecord> {
        let before = self.sim.events().len();
        self.sim.pay(session).unwrap();
        self.sim.events().split_off(before)
    }

    /// Starts a purchase and pays it, and does what every event of it is a reason for.
    pub(crate) async fn paid_purchase(&self) -> PurchaseId {
        let (purchase, session) = self.start().await;
        let events = self.pay(&session);
        let stripe = self.stripe().await;
        for event in &events {
            stripe.deliver(event).await;
        }
        self.work().await;
        purchase
    }

    /// Stripe, which delivers events.
    pub(crate) async fn stripe(&self) -> Deliveries {
        let origin = "https://dashboard.stripe.test";
        Deliveries(Browser::new(self.application().await, Surface::Admin, origin))
    }

    /// A browser in which a member of the tenant's staff has logged in who may do everything with
    /// money.
    pub(crate) async fn staff(&self, tenant: TenantId) -> Browser<InProcess> {
        self.staff_with(tenant, &["billing.read", "billing.operate"]).await
    }

    /// A browser in which a member of the tenant's staff with these permissions has logged in.
    pub(crate) async fn staff_with(
        &self,
        tenant: TenantId,
        permissions: &[&str],
    ) -> Browser<InProcess> {
        let slug = if tenant == self.tenant { "greenfork" } else { "northside" };
        let origin = format!("https://admin.{slug}.test");
        let actor = people::actor(ActorKind::Staff, tenant, permissions);
        self.browser(Surface::Admin, actor, origin).await
    }

    /// A browser in which a customer has logged in.
    pub(crate) async fn customer(&self, user: UserId) -> Browser<InProcess> {
        let mut actor = people::actor(ActorKind::Client, self.tenant, &["own.billing.read"]);
        actor.user_id = user;
        self.browser(Surface::Client, actor, "https://app.greenfork.test".to_owned()).await
    }

    async fn browser(&self, surface: Surface, actor: Actor, origin: String) -> Browser<InProcess> {
        let csrf_token = csrf::issue(&self.csrf_key, &actor.session.token_hash);
        let token = actor.user_id.to_string();
        self.sessions.start(surface, &token, Arc::new(actor));
        Browser::new(self.application().await, surface, origin)
            .with_cookie(&format!("bk_{surface}_session"), &token)
            .with_cookie(&format!("bk_{surface}_csrf"), &csrf_token)
    }

    /// The routes behind the guard.
    async fn application(&self) -> InProcess {
        let registrations = [Billing::registration()];
        let mut table = RouteTable::default();
        drop(App::new().configure(|config| mount_all(&registrations, config, &mut table)));
        let guard = Guard::new(self.guard_config(), &table).unwrap();
        let application = App::new()
            .configure(|config| self.billing.app_data(config))
            .configure(|config| mount_all(&registrations, config, &mut RouteTable::default()))
            .app_data(web::Data::new(guard.cookies()))
            .wrap(guard);
        InProcess::new(test::init_service(application).await)
    }

    fn guard_config(&self) -> GuardConfig {
        GuardConfig {
            environment: Environment::Development,
            trusted_proxies: Vec::new(),
            csrf_key: self.csrf_key.clone(),
            dev_origins: AllowedOrigins::default(),
            own_origin: "http://localhost:8080".to_owned(),
            limits: RateLimits::unlimited(),
            store: Arc::new(MemoryStore::new()),
            clock: self.clock.clone(),
            sessions: Arc::new(self.sessions.clone()),
            tenants: Arc::new(self.tenants.clone()),
            db: self.db.app.clone(),
        }
    }

    /// Does everything that the queue holds.
    pub(crate) async fn work(&self) {
        let runner = Runner::new(self.db.worker.clone(), self.jobs(), self.clock.clone());
        runner.unwrap().run_due_once().await.unwrap();
    }

    /// What the schedule does every ten minutes, after `later`.
    pub(crate) async fn reconcile_after(&self, later: TimeDelta) {
        self.run_after(later, "stripe.reconcile").await;
    }

    /// What the schedule does with `job`, after `later`.
    pub(crate) async fn run_after(&self, later: TimeDelta, job: &'static str) {
        self.clock.move_to(self.clock.now() + later);
        let queued: Result<(), DbError> = self
            .db
            .app
            .global(async move |tx| jobs::enqueue(&tx, NewJob::now(job, json!({}))).await)
            .await;
        queued.unwrap();
        self.work().await;
    }

    /// Runs one job, past the queue.
    pub(crate) fn run(
        &self,
        job: &'static str,
        tenant: Option<TenantId>,
        payload: Value,
    ) -> impl Future<Output = Result<(), JobError>> + Send + use<> {
        let handler = self.jobs().handler(job).unwrap();
        let context = JobContext::new(job, tenant, RequestId::new(), self.clock.now());
        async move { handler.run(&context, payload).await }
    }

    fn jobs(&self) -> Registry {
        let mut registry = Registry::new();
        self.worker.jobs(&mut registry);
        registry
    }

    pub(crate) async fn outcome(&self, purchase: PurchaseId) -> Outcome {
        let row = sqlx::query("SELECT state, attention FROM billing_purchases WHERE id = $1")
            .bind(purchase.uuid())
            .fetch_one(&self.db.admin)
            .await
            .unwrap();
        let ledger = sqlx::query_as(
            "SELECT kind, amount_minor FROM billing_ledger WHERE purchase_id = $1 ORDER BY id",
        );
        let facts = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE aggregate = $1");
        Outcome {
            state: row.get("state"),
            review_reason: row.get("attention"),
            ledger: ledger.bind(purchase.uuid()).fetch_all(&self.db.admin).await.unwrap(),
            facts: facts
                .bind(format!("purchase:{purchase}"))
                .fetch_one(&self.db.admin)
                .await
                .unwrap(),
        }
    }

    /// The state and the reason of an event.
    pub(crate) async fn event(&self, event_id: &str) -> (String, Option<String>) {
        sqlx::query_as("SELECT state, reason FROM billing_stripe_events WHERE event_id = $1")
            .bind(event_id)
            .fetch_one(&self.db.admin)
            .await
            .unwrap()
    }

    /// Changes a row as nothing in the product would.
    pub(crate) async fn tamper(&self, sql: &'static str, purchase: PurchaseId) {
        sqlx::query(sql).bind(purchase.uuid()).execute(&self.db.admin).await.unwrap();
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db.admin).await.unwrap()
    }

    /// Runs a statement as one of our roles in the tenant's transaction. Returns whether it was
    /// allowed.
    pub(crate) async fn allows(
        &self,
        db: &Database,
        tenant: TenantId,
        sql: impl Into<String>,
    ) -> bool {
        let ctx = OperationContext::system(tenant, RequestId::new(), self.clock.now());
        let attempt = db.transaction(&ctx, sql.into(), async |tx, sql| {
            Ok::<_, DbError>(tx.execute_unprepared(&sql).await?)
        });
        attempt.await.is_ok()
    }
}

/// Stripe, as far as it calls us.
pub(crate) struct Deliveries(Browser<InProcess>);

impl Deliveries {
    /// Delivers an event, which is kept. Returns the request id of the delivery.
    pub(crate) async fn deliver(&self, event: &EventRecord) -> RequestId {
        self.deliver_text(&event.payload()).await
    }

    /// Delivers any text that is an event. Returns the request id of the delivery.
    pub(crate) async fn deliver_text(&self, body: &str) -> RequestId {
        let signature = Webhook::generate_test_header(body, SECRET, None);
        let answer = self.attempt(body, Some(&signature)).await;
        assert_eq!(answer.ok(), json!({ "received": true }));
        answer.header("x-request-id").parse().unwrap()
    }

    /// Delivers anything with any signature.
    pub(crate) async fn attempt(&self, body: &str, signature: Option<&str>) -> Answer {
        let call = Call::post("/webhooks/stripe").body("application/json", body).without_origin();
        let signed = match signature {
            Some(signature) => call.header("stripe-signature", signature),
            None => call,
        };
        self.0.send(signed).await
    }
}

fn simulator(clock: &Clock, pause: &Pause) -> SimHandle {
    let (clock, pause) = (clock.clone(), pause.clone());
    let config = SimConfig {
        chaos: Chaos::none(),
        // The simulator asks for the time once before it answers.
        now: Some(Arc::new(move || {
            pause.hold();
            clock.now()
        })),
        ..SimConfig::default()
    };
    Simulator::start(config).unwrap()
}

pub(crate) fn settings(base: &str, livemode: bool) -> StripeSettings {
    StripeSettings {
        secret_key: "sk_test_bk".into(),
        api_base: Some(base.to_owned()),
        timeout: StripeSettings::DEFAULT_TIMEOUT,
        webhook_secrets: vec![SECRET.into(), OLD_SECRET.into()],
        livemode,
    }
}

pub(crate) fn session_of(started: &StartedCheckout) -> String {
    let (_, session) = started.checkout_url.rsplit_once('/').unwrap();
    session.to_owned()
}

/// The event of this kind among those of a payment.
pub(crate) fn of_kind<'a>(events: &'a [EventRecord], kind: &str) -> &'a EventRecord {
    events.iter().find(|event| event.kind == kind).unwrap()
}

/// An event as Stripe writes it, about an object it names.
pub(crate) fn event_text(id: &str, kind: &str, object: &Value) -> String {
    json!({
        "id": id, "object": "event", "type": kind, "api_version": "2026-09-30.endive",
        "created": Utc::now().timestamp(), "livemode": false, "pending_webhooks": 1,
        "data": {"object": object}
    })
    .to_string()
}
