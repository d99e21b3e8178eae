//! What the tests stand on: the domain on a database of its own, with three tenants.

mod browser;
mod fakes;

use std::sync::Arc;

use actix_web::{App, web};
use bk_contracts::{
    identity::{InviteError, NewUser, SessionAuthority, UserDirectory},
    tenants::{AllowedOrigins, PLATFORM_SLUG},
};
use bk_guard::{CsrfKey, Domain, Guard, GuardConfig, MemoryStore, RateLimits, RouteTable, Routes};
use bk_identity::{Identity, IdentityDeps, PasswordPool, Phc, SeedUser};
use bk_kernel::{
    Actor, Clock, Environment, OperationContext, RequestId, Surface, TenantId, UserId,
};
use bk_persistence::{
    DbError,
    invalidation::ListenerStatus,
    jobs::{NewJob, Registry, Runner, enqueue},
};
use bk_testing::TestDb;
use chrono::TimeDelta;

use self::fakes::{FakeRoles, FakeTenants, Mailbox};
pub(crate) use self::{
    browser::{Answer, Browser},
    fakes::token_of,
};

/// The password of every seeded user.
pub(crate) const PASSWORD: &str = "a long walk to the kitchen";

/// The client front end of `greenfork`.
pub(crate) const GREENFORK_ORIGIN: &str = "https://greenfork.test";

/// A front end of a developer's machine, which may call for every tenant.
pub(crate) const DEV_ORIGIN: &str = "http://localhost:3000";

/// The domain, what it stands on, and three tenants: `greenfork`, `northside` and the operators'.
pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) identity: Identity,
    pub(crate) clock: Clock,
    pub(crate) listener: ListenerStatus,
    pub(crate) tenants: Arc<FakeTenants>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) greenfork: TenantId,
    pub(crate) northside: TenantId,
    pub(crate) platform: TenantId,
    phc: Phc,
}

impl World {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new().await;
        let clock = Clock::starting_at("2026-11-27T02:00:00Z".parse().unwrap());
        let listener = ListenerStatus::new(true);
        let (tenants, mailbox) = (Arc::<FakeTenants>::default(), Arc::<Mailbox>::default());
        let identity = Identity::new(IdentityDeps {
            db: db.app.clone(),
            clock: clock.clone(),
            roles: Arc::new(FakeRoles),
            tenants: tenants.clone(),
            mailer: mailbox.clone(),
            listener: listener.clone(),
            passwords: PasswordPool::new(2, 64),
            public_url: "https://api.example.test".to_owned(),
            password_counts_as_aal2: false,
        });
        let phc = identity.hash_password(PASSWORD.to_owned().into()).await.unwrap();
        let greenfork = tenants.add(&db, "greenfork").await;
        let northside = tenants.add(&db, "northside").await;
        let platform = tenants.add(&db, PLATFORM_SLUG).await;
        Self {
            db,
            identity,
            clock,
            listener,
            tenants,
            mailbox,
            greenfork,
            northside,
            platform,
            phc,
        }
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
        let new = self.new_user(email, roles);
        let input = (self.identity.clone(), new);
        self.db
            .app
            .transaction(&self.system(tenant), input, async |tx, (identity, new)| {
                identity.invite(&tx, new).await
            })
            .await
    }

    /// A user to invite through the port.
    pub(crate) fn new_user(&self, email: &str, roles: &[&str]) -> NewUser {
        NewUser {
            email: email.to_owned(),
            display_name: "Kim Carver".to_owned(),
            roles: roles.iter().map(ToString::to_string).collect(),
            invited_by: None,
            request_id: None,
            at: self.clock.now(),
        }
    }

    /// Enqueues a job and runs the queue.
    pub(crate) async fn work_on(&self, job: &'static str, payload: serde_json::Value) {
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

    /// The same as [`World::actor`], for an instance that has the session not in its cache.
    pub(crate) async fn actor_elsewhere(
        &self,
        surface: Surface,
        token: &str,
    ) -> Option<Arc<Actor>> {
        self.empty_cache();
        self.actor(surface, token).await
    }

    /// Does what the listener does when it may have missed notices.
    pub(crate) fn empty_cache(&self) {
        self.identity.invalidations().iter().for_each(|(_, subscriber)| subscriber(""));
    }

    /// Moves the product's clock on.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.move_to(self.clock.now() + time);
    }

    fn guard(&self) -> Guard {
        let mut table = RouteTable::default();
        App::new().configure(|config| {
            config.service(web::scope("/api/v1").configure(|config| {
                let mut routes = Routes::new(config, &mut table, "/api/v1");
                Identity::registration().mount(&mut routes);
            }));
        });
        let dev_origins = AllowedOrigins {
            client: vec![DEV_ORIGIN.to_owned()],
            admin: vec![DEV_ORIGIN.to_owned()],
            ..AllowedOrigins::default()
        };
        let config = GuardConfig {
            environment: Environment::Development,
            trusted_proxies: Vec::new(),
            csrf_key: CsrfKey::new([7; 32]),
            dev_origins,
            own_origin: "http://localhost:8080".to_owned(),
            limits: RateLimits::unlimited(),
            store: Arc::new(MemoryStore::new()),
            clock: self.clock.clone(),
            sessions: Arc::new(self.identity.clone()),
            tenants: self.tenants.clone(),
            db: self.db.app.clone(),
        };
        Guard::new(config, &table).unwrap()
    }
}
