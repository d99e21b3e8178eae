//! The wire forms of sessions.

use bk_contracts::tenants::TenantSettings;
use bk_kernel::{Aal, PermissionSet, SessionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::super::{Device, Live};
use crate::{
    http_fields::{self as fields, Secret},
    users::User,
};

/// What a login needs.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Login, example = json!({"tenant": "greenfork", "email": "client1@greenfork.test", "password": "demo-kitchen-please-change"}))]
pub(crate) struct LoginBody {
    /// The slug of the kitchen.
    #[validate(custom(function = "fields::slug"))]
    #[schema(
        pattern = "^[a-z0-9-]{1,40}$",
        min_length = 1,
        max_length = 40,
        example = "greenfork"
    )]
    pub(crate) tenant: String,
    /// The e-mail address.
    #[validate(custom(function = "fields::typed_email"))]
    #[schema(
        pattern = "^[^\\u0000-\\u001f\\u007f]+$",
        min_length = 1,
        max_length = 254,
        example = "client1@greenfork.test"
    )]
    pub(crate) email: String,
    /// The password.
    #[validate(custom(function = "fields::typed_password"))]
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 128, example = "demo-kitchen-please-change")]
    pub(crate) password: Secret,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionUser)]
pub(crate) struct SessionUserDto<'a> {
    /// The person.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000001")]
    pub(crate) id: Uuid,
    /// Their address, normalised.
    #[schema(example = "client1@greenfork.test")]
    pub(crate) email: &'a str,
    /// What to call them.
    #[schema(example = "Robin Reed")]
    pub(crate) display_name: &'a str,
}

impl<'a> SessionUserDto<'a> {
    /// Of a user.
    pub(crate) fn of(user: &'a User) -> Self {
        Self { id: user.id.uuid(), email: &user.email, display_name: &user.display_name }
    }
}

/// A kitchen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionTenant)]
pub(crate) struct SessionTenantDto<'a> {
    /// The kitchen.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000002")]
    pub(crate) id: Uuid,
    /// Its slug.
    #[schema(example = "greenfork")]
    pub(crate) slug: &'a str,
    /// Its name.
    #[schema(example = "Green Fork")]
    pub(crate) name: &'a str,
}

impl<'a> SessionTenantDto<'a> {
    /// Of a tenant.
    pub(crate) fn of(tenant: &'a TenantSettings) -> Self {
        Self { id: tenant.tenant_id.uuid(), slug: &tenant.slug, name: &tenant.name }
    }
}

/// A successful login.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoggedIn)]
pub(crate) struct LoginDto<'a> {
    /// Who.
    pub(crate) user: SessionUserDto<'a>,
    /// Where.
    pub(crate) tenant: SessionTenantDto<'a>,
    /// To be repeated in `x-csrf-token`; the same as in the CSRF cookie.
    #[schema(example = "Zm9vYmFyYmF6cXV4MTIzNA.c2lnbmF0dXJlLW9mLXRoZS1ub25jZQ")]
    pub(crate) csrf_token: &'a str,
    /// How sure we are of the person: `aal1` or `aal2`.
    #[schema(example = "aal1", pattern = "^aal[12]$")]
    pub(crate) aal: &'static str,
}

/// Who the caller is and what they may do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub(crate) struct MeDto<'a> {
    /// Who.
    pub(crate) user: SessionUserDto<'a>,
    /// Where.
    pub(crate) tenant: SessionTenantDto<'a>,
    /// Keys of the roles held, sorted.
    #[schema(example = json!(["client"]))]
    pub(crate) roles: &'a [String],
    /// Keys of the permissions held, sorted.
    #[schema(value_type = Vec<String>, example = json!(["own.orders.read"]))]
    pub(crate) permissions: &'a PermissionSet,
    /// How sure we are of the person: `aal1` or `aal2`.
    #[schema(example = "aal1", pattern = "^aal[12]$")]
    pub(crate) aal: &'static str,
    /// To be repeated in `x-csrf-token`; the same as in the CSRF cookie.
    #[schema(example = "Zm9vYmFyYmF6cXV4MTIzNA.c2lnbmF0dXJlLW9mLXRoZS1ub25jZQ")]
    pub(crate) csrf_token: &'a str,
}

impl<'a> MeDto<'a> {
    /// Of a live session.
    pub(crate) fn of(live: &'a Live, csrf_token: &'a str) -> Self {
        let actor = &live.actor;
        Self {
            user: SessionUserDto {
                id: actor.user_id.uuid(),
                email: &live.email,
                display_name: &live.display_name,
            },
            tenant: SessionTenantDto {
                id: actor.tenant_id.uuid(),
                slug: &live.tenant_slug,
                name: &live.tenant_name,
            },
            roles: &actor.roles,
            permissions: &actor.permissions,
            aal: actor.aal().as_str(),
            csrf_token,
        }
    }
}

/// The wire form of an assurance level.
pub(crate) const fn aal(second_factor: bool) -> &'static str {
    if second_factor { Aal::Aal2.as_str() } else { Aal::Aal1.as_str() }
}

/// A device on which the caller is logged in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub(crate) struct DeviceDto {
    /// The session.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000003")]
    pub(crate) id: Uuid,
    /// When it began.
    #[schema(example = "2026-11-20T01:30:00Z")]
    pub(crate) created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    #[schema(example = "2026-11-22T01:30:00Z")]
    pub(crate) last_seen_at: DateTime<Utc>,
    /// When it ends in any case.
    #[schema(example = "2027-02-18T01:30:00Z")]
    pub(crate) expires_at: DateTime<Utc>,
    /// From where it began.
    #[schema(example = "192.0.2.7")]
    pub(crate) ip: String,
    /// With what.
    #[schema(example = "Mozilla/5.0")]
    pub(crate) user_agent: Option<String>,
    /// Whether it is the one that asks.
    #[schema(example = true)]
    pub(crate) current: bool,
}

impl DeviceDto {
    /// Of a session; `current` is the one that asks.
    pub(crate) fn of(device: Device, current: SessionId) -> Self {
        Self {
            id: device.id.uuid(),
            created_at: device.created_at,
            last_seen_at: device.last_seen_at,
            expires_at: device.expires_at,
            ip: device.ip,
            user_agent: device.user_agent,
            current: device.id == current,
        }
    }
}

/// The devices of the caller, the newest first; never more than one page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceList)]
pub(crate) struct DeviceListDto {
    /// The devices.
    pub(crate) items: Vec<DeviceDto>,
    /// Always null.
    pub(crate) next_cursor: Option<String>,
}
