//! The tenant that a caller names before having logged in. The answers do not reveal whether it
//! exists: an unknown or suspended tenant goes the same way as an active one, to the same refusal.

use std::sync::Arc;

use bk_contracts::tenants::{TenantSettings, TenantStatus};
use bk_kernel::TenantId;
use bk_persistence::DbError;
use uuid::Uuid;

use crate::Identity;

/// The id under which failed logins at unknown tenants are counted. No tenant has it.
pub(crate) const UNKNOWN_TENANT: Uuid = Uuid::nil();

/// A slug that a caller sent, and the tenant that has it, if one does.
#[derive(Debug, Clone)]
pub(crate) struct RequestedTenant {
    /// The slug as sent.
    pub(crate) slug: String,
    settings: Option<Arc<TenantSettings>>,
}

impl RequestedTenant {
    /// Looks the slug up; from caches in the usual case.
    pub(crate) async fn find(identity: &Identity, slug: &str) -> Result<Self, DbError> {
        let settings = match identity.tenants().by_slug(slug).await? {
            Some(tenant) => identity.tenants().settings(tenant.id).await?,
            None => None,
        };
        Ok(Self { slug: slug.to_owned(), settings })
    }

    /// The settings of the tenant, active or not, for the check of the origin.
    pub(crate) fn settings(&self) -> Option<&TenantSettings> {
        self.settings.as_deref()
    }

    /// The tenant, if its users may log in.
    pub(crate) fn active(&self) -> Option<&Arc<TenantSettings>> {
        self.settings.as_ref().filter(|settings| settings.status == TenantStatus::Active)
    }

    /// The id for the lookup of rows: at [`UNKNOWN_TENANT`] it costs as much and finds nothing.
    pub(crate) fn id(&self) -> TenantId {
        self.settings.as_ref().map_or_else(|| UNKNOWN_TENANT.into(), |settings| settings.tenant_id)
    }
}
