//! Who is calling: the surface they came through and the actor their credential names.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{PermissionSet, SessionId, TenantId, UserId};

/// The doors of the product (product page, section 1). Surfaces never share cookies or trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// Anonymous visitors of a tenant's site.
    Site,
    /// Customers.
    Client,
    /// Tenant staff, and programs with a bearer credential.
    Admin,
    /// Operators of the deployment.
    Platform,
    /// The payment provider.
    Webhook,
    /// Health checks, the document, its viewer.
    Public,
}

impl Surface {
    /// Lower-case name, for logs, documents and labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Client => "client",
            Self::Admin => "admin",
            Self::Platform => "platform",
            Self::Webhook => "webhook",
            Self::Public => "public",
        }
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Authenticator assurance level (NIST SP 800-63B-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Aal {
    /// One factor.
    #[serde(rename = "aal1")]
    Aal1,
    /// Two factors, one of them possession.
    #[serde(rename = "aal2")]
    Aal2,
}

impl Aal {
    /// `aal1` or `aal2`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
        }
    }
}

/// What kind of principal an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A customer with a client session.
    Client,
    /// A member of a tenant's staff with an admin session.
    Staff,
    /// An operator of the deployment: a staff session in the platform tenant.
    Operator,
}

/// The session a cookie named, as the guard needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRef {
    /// Its id.
    pub id: SessionId,
    /// SHA-256 of the token: what the CSRF token is bound to. Never the token.
    pub token_hash: [u8; 32],
    /// When a second factor was last presented, if ever.
    pub aal2_at: Option<DateTime<Utc>>,
}

/// The authenticated principal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Client, staff or operator.
    pub kind: ActorKind,
    /// The tenant the credential belongs to; never taken from a header or a body.
    pub tenant_id: TenantId,
    /// The person.
    pub user_id: UserId,
    /// The session.
    pub session: SessionRef,
    /// Keys of the roles held, sorted.
    pub roles: Vec<String>,
    /// What those roles permit.
    pub permissions: PermissionSet,
}

impl Actor {
    /// How long a second factor counts as fresh for step-up (route list: within 15 minutes).
    pub const STEP_UP_FOR: TimeDelta = TimeDelta::minutes(15);

    /// The assurance level of the session.
    #[must_use]
    pub const fn aal(&self) -> Aal {
        if self.session.aal2_at.is_some() { Aal::Aal2 } else { Aal::Aal1 }
    }

    /// Whether a second factor was presented within [`Self::STEP_UP_FOR`] before `now`.
    #[must_use]
    pub fn stepped_up(&self, now: DateTime<Utc>) -> bool {
        self.session.aal2_at.is_some_and(|at| now.signed_duration_since(at) < Self::STEP_UP_FOR)
    }
}
