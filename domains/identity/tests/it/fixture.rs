//! The domain on a database of its own, with fakes around it and three tenants in it.

use std::sync::Arc;

use actix_web::{App, test, web};
use bk_contracts::{
    identity::{InviteError, NewUser, SessionAuthority, UserDirectory},
    tenants::{AllowedOrigins, PLATFORM_SLUG},
};
use bk_guard::{
    CsrfKey, Domain, Guard, GuardConfig, MemoryStore, RateLimits, RouteTable,
    registration::mount_all,
};
use bk_identity::{Identity, IdentityDeps, PasswordPool, Phc, SeedUser};
use bk_kernel::{
    Actor, Clock, Environment, OperationContext, RequestId, Surface, TenantId, UserId,
};
use bk_persistence::{
    DbError,
    invalidation::ListenerStatus,
    jobs::{NewJob, Registry, Runner, enqueue},
};
use bk_testing::{
    Browser, InProcess, TestDb,
    fakes::{FakeMailer, FakeRoles, FakeTenants},
};
use chrono::TimeDelta;
use serde_json::Value;

/// The password of every seeded user.
pub(crate) const PASSWORD: &str = "a long walk to the kitchen";

/// A front end of a developer's machine, which may call for every tenant.
const DEV_ORIGIN: &str = "http://localhost:3000";

/// What the roles of every tenant permit.
const ROLES: [(&str, &[&str]); 6] = [
    ("owner", &["members.read", "members.write", "menu.read", "billing.operate"]),
    ("admin", &["members.read", "members.write", "menu.read"]),
    ("kitchen", &["menu.read"]),
    ("driver", &["menu.read"]),
    ("client", &["own.orders.read"]),
    ("super_admin", &["platform.tenants.read"]),
];

pub(crate) struct Fixture {
    pub(crate) db: TestDb,
    pub(crate) identity: Identity,
    pub(crate) clock: Clock,
    pub(crate) listener: ListenerStatus,
    pub(crate) tenants: FakeTenants,
    pub(crate) mailer: FakeMailer,
    pub(crate) greenfork: TenantId,
    pub(crate) northside: TenantId,
    pub(crate) platform: TenantId,
    phc: Phc,
    application: InProcess,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new().await;
        let clock = Clock::starting_at("2026-11-27T02:00:00Z".parse().unwrap());
        let listener = ListenerStatus::new(true);
        let (tenants, mailer) = (FakeTenants::default(), FakeMailer::default());
        let identity = Identity::new(IdentityDeps {
            db: db.app.clone(),
            clock: clock.clone(),
            roles: Arc::new(FakeRoles::new(ROLES)),
            tenants: Arc::new(tenants.clone()),
            mailer: Arc::new(mailer.clone()),
            listener: listener.clone(),
            passwords: PasswordPool::new(2, 64),
            public_url: "https://api.example.test".to_owned(),
            password_counts_as_aal2: false,
        });
        let phc = identity.hash_password(PASSWORD.to_owned().into()).await.unwrap();
        let application = application(&identity, guard_config(&identity, &db, &clock, &tenants));
        Self {
            application: application.await,
            greenfork: tenants.create(&db, "greenfork").await,
            northside: tenants.create(&db, "northside").await,
            platform: tenants.create(&db, PLATFORM_SLUG).await,
            db,
            identity,
            clock,
            listener,
            tenants,
            mailer,
            phc,
        }
    }

    /// A browser on `greenfork`'s front end for customers.
    pub(crate) fn client(&self) -> Browser<InProcess> {
        self.browser(Surface::Client, "https://app.greenfork.test")
    }

    /// A browser on a front end for customers that may call for every tenant.
    pub(crate) fn client_of_any_tenant(&self) -> Browser<InProcess> {
        self.browser(Surface::Client, DEV_ORIGIN)
    }

    /// A browser on a front end for staff that may call for every tenant.
    pub(crate) fn staff(&self) -> Browser<InProcess> {
        self.browser(Surface::Admin, DEV_ORIGIN)
    }

    fn browser(&self, surface: Surface, origin: &str) -> Browser<InProcess> {
        Browser::new(self.application.clone(), surface, origin)
    }

    /// A browser in which a customer of `greenfork` has logged in.
    pub(crate) async fn logged_in_client(&self, email: &str) -> Browser<InProcess> {
        let browser = self.client();
        browser.log_in("greenfork", email, PASSWORD).await;
        browser
    }

    /// A browser in which a member of `greenfork`'s staff has logged in.
    pub(crate) async fn logged_in_staff(&self, email: &str) -> Browser<InProcess> {
        let browser = self.staff();
        browser.log_in("greenfork", email, PASSWORD).await;
        browser
    }

    /// Seeds an active user of `greenfork`, with [`PASSWORD`].
    pub(crate) async fn user(&self, email: &str, roles: &[&str]) -> UserId {
        self.user_of(self.greenfork, email, roles).await
    }

    /// Seeds an active user of a tenant, with [`PASSWORD`].
    pub(crate) async fn user_of(&self, tenant: TenantId, email: &str, roles: &[&str]) -> UserId {
        let id = UserId::new();
        let seed = SeedUser {
            id,
            email: email.to_owned(),
            display_name: "Kim Carver".to_owned(),
            roles: roles.iter().map(ToString::to_string).collect(),
            password: self.phc.clone(),
            at: self.clock.now(),
        };
        let input = (self.identity.clone(), seed);
        let seeded = self
            .db
            .app
            .transaction(&self.system(tenant), input, async |tx, (identity, seed)| {
                identity.seed_user(&tx, seed).await
            })
            .await;
        assert!(seeded.unwrap());
        id
    }

    /// The context of the product's own work for a tenant.
    pub(crate) fn system(&self, tenant: TenantId) -> OperationContext {
        OperationContext::system(tenant, RequestId::new(), self.clock.now())
    }

    /// Invites a user, as another domain does.
    pub(crate) async fn invite(
        &self,
        tenant: TenantId,
        email: &str,
        roles: &[&str],
    ) -> Result<UserId, InviteError> {
        let ctx = self.system(tenant);
        let input = (ctx.clone(), self.identity.clone(), self.new_user(email, roles));
        self.db
            .app
            .transaction(&ctx, input, async |tx, (ctx, identity, new)| {
                identity.invite(&ctx, &tx, new).await
            })
            .await
    }

    /// A user to invite through the port.
    #[expect(clippy::unused_self, reason = "reads like the other helpers of the fixture")]
    pub(crate) fn new_user(&self, email: &str, roles: &[&str]) -> NewUser {
        NewUser {
            email: email.to_owned(),
            display_name: "Kim Carver".to_owned(),
            roles: roles.iter().map(ToString::to_string).collect(),
        }
    }

    /// Enqueues a job and runs the queue.
    pub(crate) async fn work_on(&self, job: &'static str, payload: Value) {
        let enqueued: Result<(), DbError> = self
            .db
            .app
            .transaction(&self.system(self.greenfork), payload, async move |tx, payload| {
                enqueue(&tx, NewJob::now(job, payload)).await
            })
            .await;
        enqueued.unwrap();
        self.work().await;
    }

    /// Runs the queue until nothing is due.
    pub(crate) async fn work(&self) {
        let mut registry = Registry::new();
        self.identity.jobs(&mut registry);
        let runner = Runner::new(self.db.worker.clone(), registry, self.clock.clone()).unwrap();
        runner.run_due_once().await.unwrap();
    }

    /// The actor whom the guard gets for a session token.
    pub(crate) async fn actor(&self, surface: Surface, token: &str) -> Option<Arc<Actor>> {
        let found = self.identity.authenticate(surface, token).await.unwrap();
        found.map(|found| found.actor)
    }

    /// The same as [`Fixture::actor`], for an instance that has the session not in its cache.
    pub(crate) async fn actor_elsewhere(
        &self,
        surface: Surface,
        token: &str,
    ) -> Option<Arc<Actor>> {
        // What the listener does when it may have missed notices.
        self.identity.invalidations().iter().for_each(|(_, subscriber)| subscriber(""));
        self.actor(surface, token).await
    }

    /// Moves the product's clock on.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.move_to(self.clock.now() + time);
    }
}

/// The session token that a browser on the client surface holds.
pub(crate) fn client_token(browser: &Browser<InProcess>) -> String {
    browser.cookie("bk_client_session").unwrap()
}

/// The session token that a browser on the admin surface holds.
pub(crate) fn staff_token(browser: &Browser<InProcess>) -> String {
    browser.cookie("bk_admin_session").unwrap()
}

/// The text at a pointer into a JSON value.
pub(crate) fn text<'j>(json: &'j Value, pointer: &str) -> &'j str {
    let found = json.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer}: {json}"))
}

/// The routes behind the guard.
async fn application(identity: &Identity, config: GuardConfig) -> InProcess {
    let registrations = [Identity::registration()];
    let mut table = RouteTable::default();
    drop(App::new().configure(|config| mount_all(&registrations, config, &mut table)));
    let guard = Guard::new(config, &table).unwrap();
    let application = App::new()
        .configure(|config| identity.app_data(config))
        .configure(|config| mount_all(&registrations, config, &mut RouteTable::default()))
        .app_data(web::Data::new(guard.cookies()))
        .app_data(web::Data::new(guard.origins()))
        .wrap(guard);
    InProcess::new(test::init_service(application).await)
}

fn guard_config(
    identity: &Identity,
    db: &TestDb,
    clock: &Clock,
    tenants: &FakeTenants,
) -> GuardConfig {
    GuardConfig {
        environment: Environment::Development,
        trusted_proxies: Vec::new(),
        csrf_key: CsrfKey::random(),
        dev_origins: AllowedOrigins {
            client: vec![DEV_ORIGIN.to_owned()],
            admin: vec![DEV_ORIGIN.to_owned()],
            ..AllowedOrigins::default()
        },
        own_origin: "http://localhost:8080".to_owned(),
        limits: RateLimits::unlimited(),
        store: Arc::new(MemoryStore::new()),
        clock: clock.clone(),
        sessions: Arc::new(identity.clone()),
        tenants: Arc::new(tenants.clone()),
        db: db.app.clone(),
    }
}
