//! The domain on a database of its own, with people that only remember what they were asked.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use bk_contracts::{
    identity::{InviteError, NewUser, UserDirectory, UserSummary},
    tenants::{AllowedOrigins, Tenants},
};
use bk_kernel::{
    Actor, ActorKind, Clock, PermissionDef, PermissionSet, Permit, RequestId, SessionId,
    SessionRef, TenantId, UserId, permission::Permission,
};
use bk_persistence::{Database, DbError, DbRole, PoolSettings, TenantTx, invalidation::Hearing};
use bk_testing::TestDb;

use crate::{
    Admin, AdminDeps, AdminPorts, AdminPortsDeps, SeedTenant,
    acting::Acting,
    tenants::{CreateTenant, NewOwner, Slug, TenantName},
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

pub(crate) struct Deployment {
    pub(crate) admin: Admin,
    pub(crate) ports: AdminPorts,
    pub(crate) people: Arc<People>,
    pub(crate) hearing: Hearing,
    pub(crate) clock: Clock,
    pub(crate) db: TestDb,
}

impl Deployment {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new().await;
        let hearing = Hearing::new(true);
        let ports = ports(&db, hearing.clone()).await;
        let people = Arc::new(People::default());
        let clock = Clock::starting_at("2026-11-25T00:00:00Z".parse().unwrap());
        let admin = admin(&ports, &people, &clock, &OTHERS);
        Self { admin, ports, people, hearing, clock, db }
    }

    /// The same domain in a release whose other domains declare these permissions.
    pub(crate) fn released_with(&self, others: &[&'static str]) -> Admin {
        admin(&self.ports, &self.people, &self.clock, others)
    }

    pub(crate) async fn tenant(&self, slug: &str) -> TenantId {
        self.admin.ensure_tenant(seed(slug)).await.unwrap()
    }

    /// Somebody of the tenant with these permissions, acting now.
    pub(crate) fn acting(&self, tenant_id: TenantId, permissions: &[&str]) -> Acting {
        let session = SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None };
        let actor = Actor {
            kind: ActorKind::Staff,
            tenant_id,
            user_id: UserId::new(),
            session,
            roles: vec![],
            permissions: permissions.iter().copied().collect::<PermissionSet>(),
        };
        Acting { actor: Arc::new(actor), request_id: RequestId::new(), at: self.clock.now() }
    }

    /// The actions of the tenant's log, oldest first; the log is sound.
    pub(crate) async fn audited(&self, tenant: TenantId) -> Vec<String> {
        let scope = self.db.app.tenant(tenant);
        scope.read(|tx| async move { bk_audit::verify(&tx).await }).await.unwrap();
        let sql = "SELECT action FROM audit_entries WHERE tenant_id = $1 ORDER BY seq";
        sqlx::query_scalar(sql).bind(tenant.uuid()).fetch_all(&self.db.admin).await.unwrap()
    }

    /// The facts the tenant has told, oldest first.
    pub(crate) async fn told(&self, tenant: TenantId) -> Vec<String> {
        let sql = "SELECT kind FROM outbox WHERE tenant_id = $1 ORDER BY seq";
        sqlx::query_scalar(sql).bind(tenant.uuid()).fetch_all(&self.db.admin).await.unwrap()
    }

    /// The time zone other domains are told.
    pub(crate) async fn zone_seen_by(&self, ports: &AdminPorts, tenant: TenantId) -> String {
        ports.settings(tenant).await.unwrap().unwrap().schedule.time_zone.clone()
    }
}

/// The ports of one more instance on the same database.
pub(crate) async fn ports(db: &TestDb, hearing: Hearing) -> AdminPorts {
    let pool = PoolSettings::of(DbRole::Platform).with_connections(2);
    let platform = Database::connect(&db.url, DbRole::Platform, pool).await.unwrap();
    AdminPorts::new(AdminPortsDeps { db: db.app.clone(), platform, hearing })
}

fn admin(
    ports: &AdminPorts,
    people: &Arc<People>,
    clock: &Clock,
    others: &[&'static str],
) -> Admin {
    let others = others.iter().map(|&key| PermissionDef { key, title: key });
    Admin::new(AdminDeps {
        ports: ports.clone(),
        clock: clock.clone(),
        catalogue: crate::permissions().iter().copied().chain(others).collect(),
        users: Arc::clone(people) as Arc<dyn UserDirectory>,
    })
}

/// Proof of a permission, of somebody who has it.
pub(crate) fn permit<P: Permission>(by: &Acting) -> Permit<P> {
    let mut actor = (*by.actor).clone();
    actor.permissions = [P::DEF.key].into_iter().collect();
    Permit::check(&actor).unwrap()
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

pub(crate) fn new_tenant(slug: &str) -> CreateTenant {
    CreateTenant {
        slug: Slug::kitchen(slug).unwrap(),
        name: TenantName::parse("Green Fork").unwrap(),
        country: "AU".to_owned(),
        currency: "AUD".parse().unwrap(),
        schedule: crate::settings::Schedule::default_in("Australia/Brisbane").unwrap(),
        owner: NewOwner {
            email: "owner@greenfork.test".to_owned(),
            display_name: "Robin".to_owned(),
        },
    }
}

/// What identity was asked.
#[derive(Default)]
pub(crate) struct People {
    pub(crate) invited: Mutex<Vec<(TenantId, NewUser)>>,
    pub(crate) roles_in_use: Mutex<Vec<String>>,
    pub(crate) sessions_forgotten: AtomicUsize,
}

impl People {
    pub(crate) fn sessions_forgotten(&self) -> usize {
        self.sessions_forgotten.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl UserDirectory for People {
    async fn invite(&self, tx: &TenantTx, new: NewUser) -> Result<UserId, InviteError> {
        if !new.email.contains('@') {
            return Err(InviteError::EmailInvalid);
        }
        self.invited.lock().unwrap().push((tx.tenant_id(), new));
        Ok(UserId::new())
    }

    async fn summaries(&self, _: &TenantTx, _: &[UserId]) -> Result<Vec<UserSummary>, DbError> {
        Ok(vec![])
    }

    async fn role_in_use(&self, _: &TenantTx, key: &str) -> Result<bool, DbError> {
        Ok(self.roles_in_use.lock().unwrap().iter().any(|used| used == key))
    }

    async fn forget_sessions(&self, _: &TenantTx) -> Result<(), DbError> {
        self.sessions_forgotten.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
