//! On whose behalf the catalogue changes.

use bk_audit::{AuditActor, AuditEntry};
use bk_kernel::{Actor, RequestId, UserId};
use chrono::{DateTime, Utc};

/// Who changes something, when, and the request that carries it.
#[derive(Debug, Clone, Copy)]
pub struct Author {
    user: Option<UserId>,
    kind: AuditActor,
    request_id: Option<RequestId>,
    /// When, by the product's clock.
    pub at: DateTime<Utc>,
}

impl Author {
    /// A person.
    #[must_use]
    pub fn person(actor: &Actor, request_id: RequestId, at: DateTime<Utc>) -> Self {
        let kind = actor.kind.into();
        Self { user: Some(actor.user_id), kind, request_id: Some(request_id), at }
    }

    /// Nobody: the command line, a seed.
    #[must_use]
    pub const fn system(at: DateTime<Utc>) -> Self {
        Self { user: None, kind: AuditActor::System, request_id: None, at }
    }

    /// An audit entry of something they did.
    pub fn entry(
        &self,
        action: &'static str,
        subject_type: &'static str,
        subject_id: impl Into<String>,
    ) -> AuditEntry {
        AuditEntry {
            actor: self.user,
            actor_kind: self.kind,
            request_id: self.request_id,
            ..AuditEntry::system(self.at, action, subject_type, subject_id)
        }
    }
}

impl From<&bk_guard::Caller> for Author {
    fn from(caller: &bk_guard::Caller) -> Self {
        Self::person(&caller.actor, caller.ctx.request_id, caller.now())
    }
}
