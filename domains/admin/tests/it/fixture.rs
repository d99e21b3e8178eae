//! The domain on a database of its own.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use actix_web::{App, test, web};
use bk_admin::{Admin, AdminDeps, AdminPorts, AdminPortsDeps, SeedTenant};
use bk_contracts::{
    identity::{RoleCatalogue, UserDirectory},
    tenants::{AllowedOrigins, PLATFORM_SLUG, Tenants},
};
use bk_guard::{
    CsrfKey, Domain, Guard, GuardConfig, MemoryStore, RateLimits, RouteTable, csrf,
    registration::mount_all,
};
use bk_kernel::{
    ActorKind, Clock, Environment, OperationContext, PermissionDef, RequestId, Surface, TenantId,
};
use bk_persistence::{Database, DbError, DbRole, PoolSettings, invalidation::ListenerStatus};
use bk_testing::{
    Browser, InProcess, TestDb,
    fakes::{FakeSessions, FakeUsers},
    people,
};

/// Permissions of imaginary other domains, besides this one's.
pub(crate) const OTHERS: [&str; 6] = [
    "billing.operate",
    "menu.read",
    "menu.write",
    "orders.read",
    "own.orders.read",
    "platform.health.read",
];

/// Where the staff's front end of every tenant is served from.
const STAFF_ORIGIN: &str = "https://desk.test";

pub(crate) struct Fixture {
    pub(crate) admin: Admin,
    pub(crate) ports: AdminPorts,
    pub(crate) users: FakeUsers,
    pub(crate) listener: ListenerStatus,
    pub(crate) clock: Clock,
    pub(crate) db: TestDb,
    sessions: FakeSessions,
    csrf_key: CsrfKey,
    tokens: AtomicUsize,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new().await;
        let listener = ListenerStatus::new(true);
        let clock = Clock::starting_at("2026-11-25T00:00:00Z".parse().unwrap());
        let ports = ports(&db, &clock, listener.clone()).await;
        let users = FakeUsers::default();
        let admin = admin(&ports, &users, &clock, &OTHERS);
        Self {
            admin,
            ports,
            users,
            listener,
            clock,
            db,
            sessions: FakeSessions::default(),
            csrf_key: CsrfKey::random(),
            tokens: AtomicUsize::default(),
        }
    }

    /// The same domain in a release whose other domains declare these permissions.
    pub(crate) fn released_with(&self, others: &[&'static str]) -> Admin {
        admin(&self.ports, &self.users, &self.clock, others)
    }

    /// The ports of one more instance on the same database.
    pub(crate) async fn other_instance(&self, listener: ListenerStatus) -> AdminPorts {
        ports(&self.db, &self.clock, listener).await
    }

    /// Finds or seeds a tenant.
    pub(crate) async fn tenant(&self, slug: &str) -> TenantId {
        self.admin.ensure_tenant(seed(slug)).await.unwrap()
    }

    /// A browser in which a member of the tenant's staff with these permissions has logged in and
    /// just shown a second factor.
    pub(crate) async fn staff(&self, tenant: TenantId, permissions: &[&str]) -> Browser<InProcess> {
        self.browser(ActorKind::Staff, tenant, permissions).await
    }

    /// The same for an operator, who may do everything with tenants.
    pub(crate) async fn operator(&self) -> Browser<InProcess> {
        let tenant = self.tenant(PLATFORM_SLUG).await;
        let permissions = ["platform.tenants.read", "platform.tenants.write"];
        self.browser(ActorKind::Operator, tenant, &permissions).await
    }

    async fn browser(
        &self,
        kind: ActorKind,
        tenant: TenantId,
        permissions: &[&str],
    ) -> Browser<InProcess> {
        let mut actor = people::actor(kind, tenant, permissions);
        actor.session.aal2_at = Some(self.clock.now());
        let token = format!("token-{}", self.tokens.fetch_add(1, Ordering::Relaxed));
        let csrf_token = csrf::issue(&self.csrf_key, &actor.session.token_hash);
        self.sessions.start(Surface::Admin, &token, Arc::new(actor));
        Browser::new(self.application().await, Surface::Admin, STAFF_ORIGIN)
            .with_cookie("bk_admin_session", &token)
            .with_cookie("bk_admin_csrf", &csrf_token)
    }

    /// The routes behind the guard.
    async fn application(&self) -> InProcess {
        let registrations = [Admin::registration()];
        let mut table = RouteTable::default();
        drop(App::new().configure(|config| mount_all(&registrations, config, &mut table)));
        let guard = Guard::new(self.guard_config(), &table).unwrap();
        let application = App::new()
            .configure(|config| self.admin.app_data(config))
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
            dev_origins: AllowedOrigins {
                admin: vec![STAFF_ORIGIN.to_owned()],
                ..AllowedOrigins::default()
            },
            own_origin: "http://localhost:8080".to_owned(),
            limits: RateLimits::unlimited(),
            store: Arc::new(MemoryStore::new()),
            clock: self.clock.clone(),
            sessions: Arc::new(self.sessions.clone()),
            tenants: Arc::new(self.ports.clone()),
            db: self.db.app.clone(),
        }
    }

    /// The context of the product's own work for a tenant.
    pub(crate) fn system(&self, tenant: TenantId) -> OperationContext {
        OperationContext::system(tenant, RequestId::new(), self.clock.now())
    }

    /// The actions of the tenant's log, oldest first; the log is sound.
    pub(crate) async fn audited(&self, tenant: TenantId) -> Vec<String> {
        let verify = async |tx, ()| bk_audit::verify(&tx).await;
        self.db.app.read(&self.system(tenant), (), verify).await.unwrap();
        let sql = "SELECT action FROM audit_entries WHERE tenant_id = $1 ORDER BY seq";
        sqlx::query_scalar(sql).bind(tenant.uuid()).fetch_all(&self.db.admin).await.unwrap()
    }

    /// The facts published for the tenant, oldest first.
    pub(crate) async fn published(&self, tenant: TenantId) -> Vec<String> {
        let sql = "SELECT kind FROM outbox WHERE tenant_id = $1 ORDER BY seq";
        sqlx::query_scalar(sql).bind(tenant.uuid()).fetch_all(&self.db.admin).await.unwrap()
    }

    /// What the roles with these keys permit, sorted.
    pub(crate) async fn permitted(&self, tenant: TenantId, keys: &[&str]) -> Vec<String> {
        let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        let input = (self.ports.clone(), keys);
        let read = self.db.app.read(&self.system(tenant), input, async |tx, (ports, keys)| {
            ports.permissions_of(&tx, &keys).await
        });
        let permissions: Result<_, DbError> = read.await;
        permissions.unwrap().iter().map(str::to_owned).collect()
    }
}

/// The time zone that other domains read.
pub(crate) async fn zone_read_by(ports: &AdminPorts, tenant: TenantId) -> String {
    ports.settings(tenant).await.unwrap().unwrap().schedule.time_zone.clone()
}

async fn ports(db: &TestDb, clock: &Clock, listener: ListenerStatus) -> AdminPorts {
    let pool = PoolSettings::of(DbRole::Platform).with_connections(2);
    let platform = Database::connect(&db.url, DbRole::Platform, pool).await.unwrap();
    let (db, clock) = (db.app.clone(), clock.clone());
    AdminPorts::new(AdminPortsDeps { db, platform, clock, listener })
}

fn admin(ports: &AdminPorts, users: &FakeUsers, clock: &Clock, others: &[&'static str]) -> Admin {
    let own = Admin::registration().all_permissions().to_vec();
    let others = others.iter().map(|&key| PermissionDef { key, title: key });
    Admin::new(AdminDeps {
        ports: ports.clone(),
        clock: clock.clone(),
        catalogue: own.into_iter().chain(others).collect(),
        users: Arc::new(users.clone()) as Arc<dyn UserDirectory>,
    })
}

pub(crate) fn seed(slug: &str) -> SeedTenant {
    SeedTenant {
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        country: "AU".to_owned(),
        currency: "AUD".to_owned(),
        time_zone: "Australia/Brisbane".to_owned(),
        origins: AllowedOrigins {
            client: vec!["http://localhost:3000".to_owned()],
            ..AllowedOrigins::default()
        },
        return_origins: vec![],
    }
}
