//! The wire forms of sessions.

use std::borrow::Cow;

use bk_guard::Word;
use bk_kernel::{Aal, PermissionSet, SessionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::super::{ActiveSession, CachedSession};
use crate::http::{
    SessionTenant, SessionUser,
    fields::{self, Secret},
};

/// How sure the product is of the person: one factor or two.
type AalWord = Word<Aal>;

/// What a login needs.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tenant": "greenfork", "email": "client1@greenfork.test", "password": "demo-kitchen-please-change"}))]
pub(crate) struct LoginForm {
    /// The slug of the tenant.
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
    /// The password as typed.
    #[validate(custom(function = "fields::typed_password"))]
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 128, example = "demo-kitchen-please-change")]
    pub(crate) password: Secret,
}

/// A successful login.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoggedIn<'a> {
    /// The user who logged in.
    pub(crate) user: SessionUser<'a>,
    /// The tenant of the user.
    pub(crate) tenant: SessionTenant<'a>,
    /// To be repeated in `x-csrf-token`; the same as in the CSRF cookie.
    #[schema(example = "Zm9vYmFyYmF6cXV4MTIzNA.c2lnbmF0dXJlLW9mLXRoZS1ub25jZQ")]
    pub(crate) csrf_token: String,
    /// The assurance level of the session.
    pub(crate) aal: AalWord,
}

/// The caller and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me<'a> {
    /// The user who calls.
    pub(crate) user: SessionUser<'a>,
    /// The tenant of the user.
    pub(crate) tenant: SessionTenant<'a>,
    /// Keys of the roles held, sorted.
    #[schema(example = json!(["client"]))]
    pub(crate) roles: &'a [String],
    /// Keys of the permissions held, sorted.
    #[schema(value_type = Vec<String>, example = json!(["own.orders.read"]))]
    pub(crate) permissions: &'a PermissionSet,
    /// The assurance level of the session.
    pub(crate) aal: AalWord,
    /// To be repeated in `x-csrf-token`; the same as in the CSRF cookie.
    #[schema(example = "Zm9vYmFyYmF6cXV4MTIzNA.c2lnbmF0dXJlLW9mLXRoZS1ub25jZQ")]
    pub(crate) csrf_token: &'a str,
}

impl<'a> Me<'a> {
    /// The answer to the caller of `session`.
    pub(crate) fn of(session: &'a CachedSession, csrf_token: &'a str) -> Self {
        let actor = &session.actor;
        Self {
            user: SessionUser {
                id: actor.user_id.uuid(),
                email: Cow::Borrowed(&session.email),
                display_name: Cow::Borrowed(&session.display_name),
            },
            tenant: SessionTenant {
                id: actor.tenant_id.uuid(),
                slug: Cow::Borrowed(&session.tenant_slug),
                name: Cow::Borrowed(&session.tenant_name),
            },
            roles: &actor.roles,
            permissions: &actor.permissions,
            aal: actor.aal().into(),
            csrf_token,
        }
    }
}

/// A device on which the caller is logged in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// The id of the session.
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
    /// The address that logged in.
    #[schema(example = "192.0.2.7")]
    pub(crate) ip: String,
    /// The browser that logged in.
    #[schema(example = "Mozilla/5.0")]
    pub(crate) user_agent: Option<String>,
    /// Whether it is the session of this request.
    #[schema(example = true)]
    pub(crate) current: bool,
}

impl Session {
    /// The wire form of a session; `current` is that of the request.
    pub(crate) fn of(session: ActiveSession, current: SessionId) -> Self {
        Self {
            id: session.id.uuid(),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            ip: session.ip,
            user_agent: session.user_agent,
            current: session.id == current,
        }
    }
}
