//! Fakes in place of the neighbours: tenants, roles, mail.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bk_contracts::{
    identity::RoleCatalogue,
    mail::{Mail, MailError, Mailer},
    tenants::{AllowedOrigins, ScheduleSettings, TenantRef, TenantSettings, TenantStatus, Tenants},
};
use bk_kernel::{PermissionSet, Surface, TenantId};
use bk_persistence::{DbError, TenantTx};
use bk_testing::TestDb;

#[derive(Default)]
pub(crate) struct FakeTenants(Mutex<HashMap<String, Arc<TenantSettings>>>);

impl FakeTenants {
    pub(crate) async fn add(&self, db: &TestDb, slug: &str) -> TenantId {
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

    pub(crate) fn suspend(&self, slug: &str) {
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

pub(crate) struct FakeRoles;

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

/// Keeps every mail.
#[derive(Default)]
pub(crate) struct Mailbox(Mutex<Vec<Mail>>);

impl Mailbox {
    pub(crate) fn all(&self) -> Vec<Mail> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Mail {
        self.all().pop().unwrap()
    }

    /// The token of the last invitation.
    pub(crate) fn last_token(&self) -> String {
        token_of(&self.last())
    }
}

/// The token of an invitation's mail.
pub(crate) fn token_of(mail: &Mail) -> String {
    mail.text.lines().find_map(|line| line.strip_prefix("Token: ")).unwrap().to_owned()
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail);
        Ok(())
    }
}
