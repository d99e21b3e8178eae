//! The tenant that somebody names before they have logged in. Nothing here tells whether it exists:
//! an unknown or suspended one goes the same way as a known one, to the same refusal.

use std::sync::Arc;

use bk_contracts::tenants::{TenantSettings, TenantStatus};
use bk_kernel::TenantId;
use bk_persistence::DbError;
use uuid::Uuid;

use crate::Identity;

/// Failed logins at tenants that do not exist are counted under this id, which no tenant has.
pub(crate) const NOBODYS_TENANT: Uuid = Uuid::nil();

/// A tenant by the slug somebody sent.
#[derive(Debug, Clone)]
pub(crate) struct NamedTenant {
    /// As sent.
    pub(crate) slug: String,
    settings: Option<Arc<TenantSettings>>,
}

impl NamedTenant {
    /// Looks the slug up; from caches in the usual case.
    pub(crate) async fn find(identity: &Identity, slug: &str) -> Result<Self, DbError> {
        let settings = match identity.tenants().by_slug(slug).await? {
            Some(tenant) => identity.tenants().settings(tenant.id).await?,
            None => None,
        };
        Ok(Self { slug: slug.to_owned(), settings })
    }

    /// Its settings, whether it is active or not; for the check of the origin.
    pub(crate) fn settings(&self) -> Option<&TenantSettings> {
        self.settings.as_deref()
    }

    /// The tenant, if people may enter it.
    pub(crate) fn open(&self) -> Option<&Arc<TenantSettings>> {
        self.settings.as_ref().filter(|settings| settings.status == TenantStatus::Active)
    }

    /// Whose rows to look in: an unknown tenant's lookup costs as much and finds nothing.
    pub(crate) fn id(&self) -> TenantId {
        self.settings.as_ref().map_or_else(|| NOBODYS_TENANT.into(), |settings| settings.tenant_id)
    }
}
