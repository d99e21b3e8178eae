//! Who is calling: the surface they came through and the actor their credential names.

use crate::{PermissionSet, SessionId, TenantId, UserId};
use chrono::{DateTime, TimeDelta, Utc};

crate::string_enum! {
    /// The parts of the product a request can be for (docs/product.md, section 1). Surfaces never
    /// share cookies or trust.
    pub enum Surface: "a surface" {
        /// A tenant's marketing site, for anonymous visitors.
        Site = "site",
        /// What customers use.
        Client = "client",
        /// What a tenant's staff use, and programs with a bearer credential.
        Admin = "admin",
        /// What the operators of the deployment use.
        Platform = "platform",
        /// Where the payment provider delivers its events.
        Webhook = "webhook",
        /// Health checks, the OpenAPI document and its viewer.
        Public = "public",
    }
}

crate::string_enum! {
    /// Authenticator assurance level (NIST SP 800-63B-4).
    pub enum Aal: "an assurance level" {
        /// The session presented one factor.
        Aal1 = "aal1",
        /// The session presented two factors, one of them possession.
        Aal2 = "aal2",
    }
}

crate::string_enum! {
    /// What kind of principal an actor is.
    pub enum ActorKind: "a kind of actor" {
        /// A customer with a client session.
        Client = "client",
        /// A member of a tenant's staff with an admin session.
        Staff = "staff",
        /// An operator of the deployment: a staff session in the platform tenant.
        Operator = "operator",
    }
}

/// The session a cookie named, as the guard needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRef {
    /// The id of the session's row.
    pub id: SessionId,
    /// SHA-256 of the token: what the CSRF token is bound to. Never the token.
    pub token_hash: [u8; 32],
    /// When a second factor was last presented, if ever.
    pub aal2_at: Option<DateTime<Utc>>,
}

/// The authenticated principal of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Whether this is a customer, a member of the staff or an operator.
    pub kind: ActorKind,
    /// The tenant the credential belongs to; never taken from a header or a body.
    pub tenant_id: TenantId,
    /// The person who signed in.
    pub user_id: UserId,
    /// The session they signed in with.
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
