//! Tenants and their settings.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bk_contracts::tenants::{
    AllowedOrigins, ScheduleSettings, TenantRef, TenantSettings, TenantStatus, Tenants,
};
use bk_kernel::{Surface, TenantId};
use bk_persistence::DbError;

use super::lock;
use crate::{TestDb, fail};

/// The settings of an active tenant in Brisbane that opens on Friday at noon, closes on Monday at
/// midnight and locks production at nine. Its front ends are at `https://app.{slug}.test`,
/// `https://admin.{slug}.test` and `https://www.{slug}.test`.
#[must_use]
pub fn tenant_settings(tenant_id: TenantId, slug: &str) -> TenantSettings {
    let origin = |app: &str| vec![format!("https://{app}.{slug}.test")];
    TenantSettings {
        tenant_id,
        slug: slug.to_owned(),
        name: format!("The {slug}"),
        status: TenantStatus::Active,
        currency: "AUD".parse().unwrap_or_else(|_| fail("no such currency")),
        schedule: ScheduleSettings {
            time_zone: "Australia/Brisbane".to_owned(),
            window_opens: "FRI 12:00".to_owned(),
            window_closes: "MON 00:00".to_owned(),
            cutoff: "MON 09:00".to_owned(),
        },
        origins: AllowedOrigins {
            client: origin("app"),
            admin: origin("admin"),
            site: origin("www"),
        },
        return_origins: origin("app"),
    }
}

/// The tenants it was told of, by slug.
#[derive(Debug, Clone, Default)]
pub struct FakeTenants(Arc<Mutex<BTreeMap<String, Arc<TenantSettings>>>>);

impl FakeTenants {
    /// Adds a tenant, or replaces it.
    pub fn put(&self, settings: TenantSettings) {
        lock(&self.0).insert(settings.slug.clone(), Arc::new(settings));
    }

    /// Adds a tenant with [`tenant_settings`] here and to the directory of the database.
    pub async fn create(&self, db: &TestDb, slug: &str) -> TenantId {
        let tenant = db.tenant(slug).await;
        self.put(tenant_settings(tenant, slug));
        tenant
    }

    /// Changes the settings of a tenant. Fails the test when there is none of this slug.
    pub fn change(&self, slug: &str, change: impl FnOnce(&mut TenantSettings)) {
        let mut tenants = lock(&self.0);
        let Some(settings) = tenants.get_mut(slug) else { fail(&format!("no tenant {slug}")) };
        change(Arc::make_mut(settings));
    }

    /// Suspends a tenant. Fails the test when there is none of this slug.
    pub fn suspend(&self, slug: &str) {
        self.change(slug, |settings| settings.status = TenantStatus::Suspended);
    }
}

#[async_trait]
impl Tenants for FakeTenants {
    async fn by_slug(&self, slug: &str) -> Result<Option<TenantRef>, DbError> {
        let tenants = lock(&self.0);
        let found = tenants.get(slug);
        Ok(found.map(|settings| TenantRef { id: settings.tenant_id, status: settings.status }))
    }

    async fn settings(&self, tenant: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError> {
        let tenants = lock(&self.0);
        Ok(tenants.values().find(|settings| settings.tenant_id == tenant).cloned())
    }

    async fn origin_known(&self, surface: Surface, origin: &str) -> Result<bool, DbError> {
        let tenants = lock(&self.0);
        Ok(tenants.values().any(|settings| {
            let known = match surface {
                Surface::Client => &settings.origins.client,
                Surface::Site => &settings.origins.site,
                // Operators use the front end of staff; the others have none.
                _ => &settings.origins.admin,
            };
            known.iter().any(|known| known == origin)
        }))
    }

    async fn active(&self) -> Result<Vec<TenantId>, DbError> {
        let tenants = lock(&self.0);
        let active = tenants.values().filter(|settings| settings.status == TenantStatus::Active);
        Ok(active.map(|settings| settings.tenant_id).collect())
    }
}
