//! Tests at the edge of the use cases, on a real database with fake neighbours.

mod http;
mod invitations;
mod login;
mod members;
mod sessions;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bk_contracts::{
    identity::{RoleCatalogue, SessionAuthority},
    mail::{Mail, MailError, Mailer},
    tenants::{
        AllowedOrigins, PLATFORM_SLUG, ScheduleSettings, TenantRef, TenantSettings, TenantStatus,
        Tenants,
    },
};
use bk_kernel::{
    Actor, Clock, PermissionSet, Permit, RequestId, Surface, TenantId, UserId,
    permission::Permission,
};
use bk_persistence::{DbError, TenantTx, invalidation::Hearing};
use bk_testing::TestDb;
use secrecy::SecretString;

use crate::{
    Identity, IdentityDeps, SeedUser,
    members::By,
    passwords::{PasswordPool, Phc},
    sessions::{LoggedIn, Login, LoginError, SessionToken, log_in},
    tenant::NamedTenant,
};

const PASSWORD: &str = "a long walk to the kitchen";

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

/// Everything a test needs; one tenant `greenfork`, one `northside`, and the operators'.
struct Stage {
    db: TestDb,
    identity: Identity,
    clock: Clock,
    hearing: Hearing,
    tenants: Arc<FakeTenants>,
    mailbox: Arc<Mailbox>,
    greenfork: TenantId,
    northside: TenantId,
    platform: TenantId,
    phc: Phc,
}

impl Stage {
    async fn set() -> Self {
        Self::with(TestDb::new().await).await
    }

    async fn with(db: TestDb) -> Self {
        let clock = Clock::starting_at("2026-11-27T02:00:00Z".parse().unwrap());
        let tenants = Arc::new(FakeTenants::default());
        let mailbox = Arc::new(Mailbox::default());
        let hearing = Hearing::new(true);
        let identity = Identity::new(IdentityDeps {
            db: db.app.clone(),
            clock: clock.clone(),
            roles: Arc::new(FakeRoles),
            tenants: tenants.clone(),
            mailer: mailbox.clone(),
            hearing: hearing.clone(),
            passwords: PasswordPool::new(2, 64),
            public_url: "http://localhost:8080".to_owned(),
            password_counts_as_aal2: false,
        });
        let phc = identity.hash_password(secret(PASSWORD)).await.unwrap();
        let greenfork = tenants.add(&db, "greenfork").await;
        let northside = tenants.add(&db, "northside").await;
        let platform = tenants.add(&db, PLATFORM_SLUG).await;
        Self { db, identity, clock, hearing, tenants, mailbox, greenfork, northside, platform, phc }
    }

    /// An active user of `greenfork`, with [`PASSWORD`].
    async fn user(&self, email: &str, roles: &[&str]) -> UserId {
        self.user_of(self.greenfork, email, roles).await
    }

    async fn user_of(&self, tenant: TenantId, email: &str, roles: &[&str]) -> UserId {
        let id = UserId::new();
        let seed = SeedUser {
            id,
            email: email.to_owned(),
            display_name: "Somebody".to_owned(),
            roles: roles.iter().map(ToString::to_string).collect(),
            password: self.phc.clone(),
            at: self.clock.now(),
        };
        let identity = self.identity.clone();
        let seeded = self
            .db
            .app
            .tenant(tenant)
            .run(async move |tx| identity.seed_user(&tx, seed).await)
            .await;
        assert!(seeded.unwrap());
        id
    }

    async fn attempt(&self, surface: Surface, slug: &str, email: &str, password: &str) -> Login {
        Login {
            surface,
            tenant: NamedTenant::find(&self.identity, slug).await.unwrap(),
            email: email.to_owned(),
            password: secret(password),
            presented: None,
            ip: "192.0.2.7".parse().unwrap(),
            user_agent: Some("test".to_owned()),
            now: self.clock.now(),
        }
    }

    async fn log_in(
        &self,
        surface: Surface,
        email: &str,
        password: &str,
    ) -> Result<LoggedIn, LoginError> {
        let login = self.attempt(surface, "greenfork", email, password).await;
        log_in(&self.identity, login).await
    }

    async fn token(&self, surface: Surface, email: &str) -> SessionToken {
        self.log_in(surface, email, PASSWORD).await.unwrap().token
    }

    async fn actor(&self, surface: Surface, token: &SessionToken) -> Option<Arc<Actor>> {
        let found = self.identity.authenticate(surface, token.expose()).await.unwrap();
        found.map(|found| found.actor)
    }

    /// The same as [`Stage::actor`], as an instance that has not heard of the session would see it.
    async fn actor_elsewhere(&self, surface: Surface, token: &SessionToken) -> Option<Arc<Actor>> {
        self.identity.cache().forget_all();
        self.actor(surface, token).await
    }

    /// The logged-in actor of an address on the admin surface, ready to change something.
    async fn by(&self, email: &str) -> By {
        let token = self.token(Surface::Admin, email).await;
        let actor = self.actor(Surface::Admin, &token).await.unwrap();
        By { actor, at: self.clock.now(), request_id: RequestId::new() }
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.db.admin).await.unwrap()
    }
}

fn permit<P: Permission>(by: &By) -> Permit<P> {
    Permit::check(&by.actor).unwrap()
}

#[derive(Default)]
struct FakeTenants(Mutex<HashMap<String, Arc<TenantSettings>>>);

impl FakeTenants {
    async fn add(&self, db: &TestDb, slug: &str) -> TenantId {
        let tenant_id = db.tenant(slug).await;
        let settings = TenantSettings {
            tenant_id,
            slug: slug.to_owned(),
            name: format!("The {slug}"),
            status: TenantStatus::Active,
            currency: "AUD".parse().unwrap(),
            schedule: ScheduleSettings {
                time_zone: "Australia/Sydney".to_owned(),
                window_opens: "FRI 12:00".to_owned(),
                window_closes: "MON 00:00".to_owned(),
                cutoff: "MON 09:00".to_owned(),
            },
            origins: AllowedOrigins {
                client: vec![format!("https://{slug}.test")],
                ..AllowedOrigins::default()
            },
            return_origins: Vec::new(),
        };
        self.0.lock().unwrap().insert(slug.to_owned(), Arc::new(settings));
        tenant_id
    }

    fn suspend(&self, slug: &str) {
        let mut tenants = self.0.lock().unwrap();
        let mut settings = TenantSettings::clone(&tenants[slug]);
        settings.status = TenantStatus::Suspended;
        tenants.insert(slug.to_owned(), Arc::new(settings));
    }
}

#[async_trait]
impl Tenants for FakeTenants {
    async fn by_slug(&self, slug: &str) -> Result<Option<TenantRef>, DbError> {
        let found = self.0.lock().unwrap().get(slug).cloned();
        Ok(found.map(|settings| TenantRef { id: settings.tenant_id, status: settings.status }))
    }

    async fn settings(&self, tenant: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError> {
        let tenants = self.0.lock().unwrap();
        Ok(tenants.values().find(|settings| settings.tenant_id == tenant).cloned())
    }

    async fn origin_known(&self, _: Surface, _: &str) -> Result<bool, DbError> {
        Ok(true)
    }

    async fn active(&self) -> Result<Vec<TenantId>, DbError> {
        Ok(self.0.lock().unwrap().values().map(|settings| settings.tenant_id).collect())
    }
}

struct FakeRoles;

fn permissions_of(role: &str) -> Option<&'static [&'static str]> {
    match role {
        "owner" => Some(&["members.read", "members.write", "menu.read", "billing.operate"]),
        "admin" => Some(&["members.read", "members.write", "menu.read"]),
        "kitchen" | "driver" => Some(&["menu.read"]),
        "client" => Some(&["own.orders.read"]),
        "super_admin" => Some(&["platform.tenants.read"]),
        _ => None,
    }
}

#[async_trait]
impl RoleCatalogue for FakeRoles {
    async fn permissions_of(
        &self,
        _: &TenantTx,
        roles: &[String],
    ) -> Result<PermissionSet, DbError> {
        Ok(roles
            .iter()
            .flat_map(|role| permissions_of(role).unwrap_or_default())
            .copied()
            .collect())
    }

    async fn unknown(&self, _: &TenantTx, roles: &[String]) -> Result<Vec<String>, DbError> {
        Ok(roles.iter().filter(|role| permissions_of(role).is_none()).cloned().collect())
    }
}

#[derive(Default)]
struct Mailbox(Mutex<Vec<Mail>>);

impl Mailbox {
    fn last(&self) -> Mail {
        self.0.lock().unwrap().last().cloned().unwrap()
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn last_token(&self) -> String {
        let text = self.last().text;
        text.lines().find_map(|line| line.strip_prefix("Token: ")).unwrap().to_owned()
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail);
        Ok(())
    }
}
