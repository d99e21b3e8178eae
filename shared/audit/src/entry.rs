//! An entry on its way into the log.

use std::fmt;

use bk_kernel::{Actor, ActorKind, OperationContext, Principal, RequestId, UserId};
use chrono::{DateTime, Utc};
use serde_json::Value;

bk_kernel::string_enum! {
    /// What kind of principal acted.
    pub enum AuditActor: "a kind of audit actor" {
        /// A customer of the tenant.
        Client = "client",
        /// A member of the tenant's staff.
        Staff = "staff",
        /// An operator of the deployment; their user id belongs to the platform tenant.
        Operator = "operator",
        /// The product itself: a job, a migration, the command line.
        System = "system",
    }
}

impl From<ActorKind> for AuditActor {
    fn from(kind: ActorKind) -> Self {
        match kind {
            ActorKind::Client => Self::Client,
            ActorKind::Staff => Self::Staff,
            ActorKind::Operator => Self::Operator,
        }
    }
}

impl From<&Principal> for AuditActor {
    fn from(principal: &Principal) -> Self {
        match principal {
            Principal::Actor(actor) => actor.kind.into(),
            // Before sign-in there is no person; an entry that learns of one uses `by_user`.
            Principal::Anonymous | Principal::System => Self::System,
        }
    }
}

/// One administrative change.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// When, by the product's clock.
    pub at: DateTime<Utc>,
    /// The person, unless the system acted.
    pub actor: Option<UserId>,
    /// What kind of principal they are.
    pub actor_kind: AuditActor,
    /// `thing.happened`: `role.created`. At most 64 characters.
    pub action: &'static str,
    /// What kind of thing it happened to: `role`. At most 64 characters.
    pub subject_type: &'static str,
    /// Which one. At most 128 characters.
    pub subject_id: String,
    /// The request that caused it, if any.
    pub request_id: Option<RequestId>,
    /// A small JSON object: keys, states, counts. Never secrets or the contents of preferences;
    /// numbers are integers (another number is kept as text).
    pub details: Value,
}

impl AuditEntry {
    /// What the operation of `context` did to a subject.
    pub fn of(
        context: &OperationContext,
        action: &'static str,
        subject_type: &'static str,
        subject_id: impl fmt::Display,
    ) -> Self {
        Self {
            at: context.at(),
            actor: context.user_id(),
            actor_kind: context.principal().into(),
            action,
            subject_type,
            subject_id: subject_id.to_string(),
            request_id: Some(context.request_id()),
            details: Value::Object(serde_json::Map::new()),
        }
    }

    /// The same, done by a person whom the operation itself has only just made known: the one who
    /// accepts an invitation.
    #[must_use]
    pub const fn by_user(mut self, kind: AuditActor, user: UserId) -> Self {
        self.actor = Some(user);
        self.actor_kind = kind;
        self
    }

    /// Something the system did.
    pub fn system(
        at: DateTime<Utc>,
        action: &'static str,
        subject_type: &'static str,
        subject_id: impl Into<String>,
    ) -> Self {
        Self {
            at,
            actor: None,
            actor_kind: AuditActor::System,
            action,
            subject_type,
            subject_id: subject_id.into(),
            request_id: None,
            details: Value::Object(serde_json::Map::new()),
        }
    }

    /// The same, done by `actor`.
    #[must_use]
    pub fn by(mut self, actor: &Actor) -> Self {
        self.actor = Some(actor.user_id);
        self.actor_kind = actor.kind.into();
        self
    }

    /// The same, caused by a request.
    #[must_use]
    pub const fn request(mut self, id: RequestId) -> Self {
        self.request_id = Some(id);
        self
    }

    /// The same, with details.
    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}
