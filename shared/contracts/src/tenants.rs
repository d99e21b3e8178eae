//! The port to tenants and their settings. Implemented by admin; asked by everyone.

use std::sync::Arc;

use async_trait::async_trait;
use bk_kernel::{Currency, Surface, TenantId};
use bk_persistence::DbError;
use serde::{Deserialize, Serialize};

/// The slug of the tenant whose staff are the operators of the deployment.
pub const PLATFORM_SLUG: &str = "platform";

bk_kernel::string_enum! {
    /// Whether a tenant may be used.
    pub enum TenantStatus: "a tenant status" {
        /// Its people can sign in.
        Active = "ACTIVE",
        /// Stopped by an operator: none of its people can sign in.
        Suspended = "SUSPENDED",
    }
}

/// What is known of a tenant before anyone has logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRef {
    /// The id of the tenant.
    pub id: TenantId,
    /// Whether it may be used.
    pub status: TenantStatus,
}

/// A weekly wall-clock time: `FRI 12:00` in the tenant's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleSettings {
    /// IANA time zone name.
    pub time_zone: String,
    /// When the ordering window opens, `FRI 12:00`.
    pub window_opens: String,
    /// When it closes (exclusive), `MON 00:00`.
    pub window_closes: String,
    /// When production locks, `MON 09:00`.
    pub cutoff: String,
}

/// Where browsers of each surface may call from, exactly (RFC 6454 serialised origins).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowedOrigins {
    /// Of the client app.
    pub client: Vec<String>,
    /// Of the admin app.
    pub admin: Vec<String>,
    /// Of the marketing site.
    pub site: Vec<String>,
}

/// The settings of one tenant that other domains read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSettings {
    /// The id of the tenant.
    pub tenant_id: TenantId,
    /// The name in URLs and at login.
    pub slug: String,
    /// Its name, for people.
    pub name: String,
    /// Whether it may be used.
    pub status: TenantStatus,
    /// The currency of its prices.
    pub currency: Currency,
    /// The ordering schedule.
    pub schedule: ScheduleSettings,
    /// Browser origins per surface.
    pub origins: AllowedOrigins,
    /// Origins that a checkout may return to (`success_url`, `cancel_url`).
    pub return_origins: Vec<String>,
}

/// Finds tenants and reads their settings; answers from a cache that is invalidated on change.
#[async_trait]
pub trait Tenants: Send + Sync {
    /// The tenant with this slug.
    async fn by_slug(&self, slug: &str) -> Result<Option<TenantRef>, DbError>;

    /// The settings of a tenant; none when it does not exist.
    async fn settings(&self, tenant: TenantId) -> Result<Option<Arc<TenantSettings>>, DbError>;

    /// Whether any tenant admits this browser origin on this surface: what a preflight, which
    /// carries no credential, can be answered with. The actor's own tenant is checked afterwards.
    async fn origin_known(&self, surface: Surface, origin: &str) -> Result<bool, DbError>;

    /// All active tenants, for platform-wide work that iterates over them. Worker role only.
    async fn active(&self) -> Result<Vec<TenantId>, DbError>;
}
