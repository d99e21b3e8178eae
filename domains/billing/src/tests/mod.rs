//! Billing with the simulator of Stripe and a database.

mod checkout;
mod convergence;
mod deliveries;
mod disasters;
mod fences;
mod reading;

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use bk_contracts::{
    accounts::AccountDirectory,
    checkout::{Checkout, PackCheckout, StartedCheckout},
    tenants::{TenantRef, TenantSettings, Tenants},
};
use bk_guard::Domain;
use bk_kernel::{
    AccountId, Clock, Money, OperationContext, PackProductId, PurchaseId, RequestId, Surface,
    TenantId, UserId,
};
use bk_persistence::{
    Database, DbError, TenantTx,
    jobs::{self, JobContext, NewJob, Registry, Runner},
};
use bk_stripe_sim::{Chaos, EventRecord, SimConfig, SimHandle, Simulator};
use bk_testing::TestDb;
use chrono::{TimeDelta, Utc};
use serde_json::json;
use sqlx::Row;
use stripe_webhook::Webhook;

use crate::{
    Billing, BillingDeps, StripeSettings, ledger::ReconcileTenant, stripe_events::ProcessEvent,
};

const SECRET: &str = "whsec_current";
const OLD_SECRET: &str = "whsec_previous";

/// A kitchen with a shop: database, simulator, billing.
struct Shop {
    db: TestDb,
    sim: SimHandle,
    clock: Clock,
    tenant: TenantId,
    account: AccountId,
    user: UserId,
    /// As the API's role.
    billing: Billing,
    /// As the worker's role.
    worker: Billing,
}

/// What became of a purchase, as its rows say.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    state: String,
    review_reason: Option<String>,
    /// Kind and amount, in the order of posting.
    ledger: Vec<(String, i64)>,
    /// Facts published.
    facts: i64,
}

impl Outcome {
    fn paid() -> Self {
        let ledger = vec![("PAYMENT".to_owned(), 13_000)];
        Self { state: "PAID".to_owned(), review_reason: None, ledger, facts: 1 }
    }

    fn unpaid(state: &str) -> Self {
        Self { state: state.to_owned(), review_reason: None, ledger: Vec::new(), facts: 0 }
    }
}

impl Shop {
    async fn open() -> Self {
        Self::with(false, TimeDelta::zero()).await
    }

    /// `livemode` as the deployment has it; the simulator's is always false. `latency` of Stripe.
    async fn with(livemode: bool, latency: TimeDelta) -> Self {
        let db = TestDb::new().await;
        let tenant = db.tenant("greenfork").await;
        let clock = Clock::system();
        let shared_clock = clock.clone();
        let sim = Simulator::start(SimConfig {
            chaos: Chaos::none(),
            now: Some(Arc::new(move || shared_clock.now())),
            latency: latency.to_std().unwrap(),
            ..SimConfig::default()
        });
        let sim = sim.unwrap();
        let (account, user) = (AccountId::new(), UserId::new());
        let [billing, worker] = [&db.app, &db.worker].map(|db| {
            let deps = BillingDeps {
                db: db.clone(),
                clock: clock.clone(),
                signing_clock: Clock::system(),
                stripe: settings(sim.base_url(), livemode),
                accounts: Arc::new(Accounts(HashMap::from([(user, account)]))),
                tenants: Arc::new(OneTenant(tenant)),
            };
            Billing::new(deps).unwrap()
        });
        Self { db, sim, clock, tenant, account, user, billing, worker }
    }

    fn order(&self, request_key: Option<&str>) -> PackCheckout {
        PackCheckout {
            tenant_id: self.tenant,
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
            request_id: RequestId::new(),
        }
    }

    /// Starts a purchase and answers it with its session.
    async fn start(&self) -> (PurchaseId, String) {
        let started = self.billing.start_pack(self.order(None)).await.unwrap();
        (started.purchase_id, session_of(&started))
    }

    /// Pays and answers the events about it, oldest first.
    fn pay(&self, session: &str) -> Vec<EventRecord> {
        let before = self.sim.events().len();
        self.sim.pay(session).unwrap();
        self.sim.events().split_off(before)
    }

    async fn deliver(&self, event: &EventRecord) -> RequestId {
        self.deliver_text(&event.payload()).await
    }

    /// Delivers an event and returns the request id of the delivery.
    async fn deliver_text(&self, body: &str) -> RequestId {
        let signature = Webhook::generate_test_header(body, SECRET, None);
        let (receive, request_id) = (self.billing.receive(), RequestId::new());
        receive.receive(request_id, &signature, body.as_bytes().to_vec()).await.unwrap();
        request_id
    }

    /// Does everything the queue holds.
    async fn work(&self) {
        let mut registry = Registry::new();
        self.worker.jobs(&mut registry);
        let runner = Runner::new(self.db.worker.clone(), registry, self.clock.clone()).unwrap();
        runner.run_due_once().await.unwrap();
    }

    /// What the schedule does every ten minutes, after `later`.
    async fn reconcile_after(&self, later: TimeDelta) {
        self.run_after(later, "stripe.reconcile").await;
    }

    /// What the schedule does with `job`, after `later`.
    async fn run_after(&self, later: TimeDelta, job: &'static str) {
        self.clock.move_to(self.clock.now() + later);
        let queued: Result<(), DbError> = self
            .db
            .app
            .global(async move |tx| jobs::enqueue(&tx, NewJob::now(job, json!({}))).await)
            .await;
        queued.unwrap();
        self.work().await;
    }

    fn process(&self) -> ProcessEvent {
        self.worker.process()
    }

    /// A run of a job that no tenant's payload names.
    fn job(&self) -> JobContext {
        JobContext::new("test", None, RequestId::new(), self.clock.now())
    }

    fn reconcile(&self) -> ReconcileTenant {
        let db = self.db.worker.clone();
        ReconcileTenant { db, settle: self.worker.settle(), clock: self.clock.clone() }
    }

    fn system(&self) -> OperationContext {
        OperationContext::system(self.tenant, RequestId::new(), self.clock.now())
    }

    async fn outcome(&self, purchase: PurchaseId) -> Outcome {
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

    /// State and reason of an event.
    async fn event(&self, event_id: &str) -> (String, Option<String>) {
        sqlx::query_as("SELECT state, reason FROM billing_stripe_events WHERE event_id = $1")
            .bind(event_id)
            .fetch_one(&self.db.admin)
            .await
            .unwrap()
    }

    /// Changes a row as nothing in the product would.
    async fn tamper(&self, sql: &'static str, purchase: PurchaseId) {
        sqlx::query(sql).bind(purchase.uuid()).execute(&self.db.admin).await.unwrap();
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db.admin).await.unwrap()
    }
}

fn settings(base: &str, livemode: bool) -> StripeSettings {
    StripeSettings {
        secret_key: "sk_test_bk".into(),
        api_base: Some(base.to_owned()),
        timeout: StripeSettings::DEFAULT_TIMEOUT,
        webhook_secrets: vec![SECRET.into(), OLD_SECRET.into()],
        livemode,
    }
}

fn session_of(started: &StartedCheckout) -> String {
    let (_, session) = started.checkout_url.rsplit_once('/').unwrap();
    session.to_owned()
}

/// An event as Stripe writes it, about an object it names.
fn event_text(id: &str, kind: &str, object: &serde_json::Value) -> String {
    json!({
        "id": id, "object": "event", "type": kind, "api_version": "2026-09-30.endive",
        "created": Utc::now().timestamp(), "livemode": false, "pending_webhooks": 1,
        "data": {"object": object}
    })
    .to_string()
}

struct Accounts(HashMap<UserId, AccountId>);

#[async_trait]
impl AccountDirectory for Accounts {
    async fn account_of(&self, _: &TenantTx, user: UserId) -> Result<Option<AccountId>, DbError> {
        Ok(self.0.get(&user).copied())
    }
}

struct OneTenant(TenantId);

#[async_trait]
impl Tenants for OneTenant {
    async fn by_slug(&self, _: &str) -> Result<Option<TenantRef>, DbError> {
        Ok(None)
    }

    async fn settings(&self, _: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError> {
        Ok(None)
    }

    async fn origin_known(&self, _: Surface, _: &str) -> Result<bool, DbError> {
        Ok(false)
    }

    async fn active(&self) -> Result<Vec<TenantId>, DbError> {
        Ok(vec![self.0])
    }
}

/// Runs a statement as one of our roles in the tenant's transaction; says whether it was allowed.
async fn allowed(db: &Database, tenant: TenantId, sql: &'static str) -> bool {
    use bk_persistence::sea_orm::ConnectionTrait;
    let done: Result<_, DbError> =
        db.tenant(tenant).run(async move |tx| Ok(tx.execute_unprepared(sql).await?)).await;
    done.is_ok()
}
