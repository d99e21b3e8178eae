//! On whose behalf a use case runs: what of a request the use cases may know.

use std::sync::Arc;

use bk_audit::AuditEntry;
use bk_kernel::{Actor, RequestId, TenantId};
use chrono::{DateTime, Utc};

/// The person who acts, when, and the request that carries it.
#[derive(Debug, Clone)]
pub(crate) struct Acting {
    /// Who.
    pub(crate) actor: Arc<Actor>,
    /// Through which request.
    pub(crate) request_id: RequestId,
    /// When, by the product's clock.
    pub(crate) at: DateTime<Utc>,
}

impl Acting {
    /// The tenant of the credential.
    pub(crate) fn tenant_id(&self) -> TenantId {
        self.actor.tenant_id
    }

    /// An audit entry of something they did.
    pub(crate) fn entry(
        &self,
        action: &'static str,
        subject_type: &'static str,
        subject_id: impl Into<String>,
    ) -> AuditEntry {
        AuditEntry::system(self.at, action, subject_type, subject_id)
            .by(&self.actor)
            .request(self.request_id)
    }
}

impl From<&bk_guard::Caller> for Acting {
    fn from(caller: &bk_guard::Caller) -> Self {
        Self {
            actor: Arc::clone(&caller.actor),
            request_id: caller.ctx.request_id,
            at: caller.now(),
        }
    }
}
