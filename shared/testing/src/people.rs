//! Who acts in a test: actors, and operations with proof of a permission.

use std::sync::Arc;

use bk_kernel::{
    Actor, ActorKind, Authorized, OperationContext, RequestId, SessionId, SessionRef, TenantId,
    UserId, permission::Permission,
};
use chrono::{DateTime, Utc};

use crate::fail;

/// A person of a tenant with these permissions, in a session with one factor and a token that nobody
/// knows.
#[must_use]
pub fn actor(kind: ActorKind, tenant_id: TenantId, permissions: &[&str]) -> Actor {
    Actor {
        kind,
        tenant_id,
        user_id: UserId::new(),
        session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
        roles: Vec::new(),
        permissions: permissions.iter().copied().collect(),
    }
}

/// An operation of `actor` in a request of its own.
#[must_use]
pub fn operation_of(actor: &Actor, at: DateTime<Utc>) -> OperationContext {
    OperationContext::of_actor(Arc::new(actor.clone()), RequestId::new(), at)
}

/// The same with proof that the actor holds the permission, which is given to them if need be: for
/// tests of what comes after the check.
#[must_use]
pub fn authorized<P: Permission>(actor: &Actor, at: DateTime<Utc>) -> Authorized<P> {
    let mut holder = actor.clone();
    holder.permissions = [P::DEF.key].into_iter().collect();
    proof(operation_of(&holder, at))
}

/// A member of a tenant's staff who holds the permission, acting now.
#[must_use]
pub fn authorized_staff<P: Permission>(tenant: TenantId, at: DateTime<Utc>) -> Authorized<P> {
    authorized(&actor(ActorKind::Staff, tenant, &[]), at)
}

fn proof<P: Permission>(context: OperationContext) -> Authorized<P> {
    Authorized::check(context).unwrap_or_else(|code| fail(&format!("not authorized: {code}")))
}
