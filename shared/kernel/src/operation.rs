//! The operation context: who acts, for which tenant, in which request, and since when.
//!
//! There is one for every operation. The guard makes it for a request, a job or a fact handler makes
//! its own; handlers pass it on, and use cases, transactions, audit entries, facts and events read
//! from it. Nobody passes an actor, a request id and an instant apart from each other.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{Actor, ActorKind, Code, RequestId, TenantId, UserId, permission::Permission};

/// In whose name an operation runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A person whose credential was checked.
    Actor(Arc<Actor>),
    /// A caller who has not signed in: a login, an invitation being accepted.
    Anonymous,
    /// The product itself: a job, a fact handler, the command line.
    System,
}

/// Who acts, for which tenant, in which request, and since when. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationContext {
    tenant_id: TenantId,
    principal: Principal,
    request_id: RequestId,
    at: DateTime<Utc>,
}

impl OperationContext {
    /// The operation of a person, in the tenant of their credential. `at` is when the request
    /// arrived, by the product's clock.
    #[must_use]
    pub fn of_actor(actor: Arc<Actor>, request_id: RequestId, at: DateTime<Utc>) -> Self {
        Self { tenant_id: actor.tenant_id, principal: Principal::Actor(actor), request_id, at }
    }

    /// The operation of a caller who has not signed in, in the tenant that the request names.
    #[must_use]
    pub const fn anonymous(tenant_id: TenantId, request_id: RequestId, at: DateTime<Utc>) -> Self {
        Self { tenant_id, principal: Principal::Anonymous, request_id, at }
    }

    /// The operation of a job or a fact handler. `request_id` is that of the request which caused
    /// it, or a fresh one that names this run.
    #[must_use]
    pub const fn system(tenant_id: TenantId, request_id: RequestId, at: DateTime<Utc>) -> Self {
        Self { tenant_id, principal: Principal::System, request_id, at }
    }

    /// The tenant whose data the operation may see.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.tenant_id
    }

    /// In whose name it runs.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The person, unless the caller is anonymous or the product itself.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        match &self.principal {
            Principal::Actor(actor) => Some(actor),
            Principal::Anonymous | Principal::System => None,
        }
    }

    /// The person's id, unless the caller is anonymous or the product itself.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        self.actor().map(|actor| actor.user_id)
    }

    /// What logs, events and audit entries of the operation carry.
    #[must_use]
    pub const fn request_id(&self) -> RequestId {
        self.request_id
    }

    /// When the operation began, by the product's clock.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The same operation in the data of another tenant: what an operator does to a tenant of the
    /// deployment, and the product itself to any.
    ///
    /// Fails with [`Code::Forbidden`] for anyone else.
    pub fn in_tenant(&self, tenant_id: TenantId) -> Result<Self, Code> {
        match &self.principal {
            Principal::Actor(actor) if actor.kind != ActorKind::Operator => Err(Code::Forbidden),
            Principal::Anonymous => Err(Code::Forbidden),
            Principal::Actor(_) | Principal::System => Ok(Self { tenant_id, ..self.clone() }),
        }
    }

    /// The same operation, seen from a later instant: for work that waits for something outside.
    #[must_use]
    pub const fn later(mut self, at: DateTime<Utc>) -> Self {
        self.at = at;
        self
    }
}

/// An operation context with proof that the caller holds permission `P`. It can only be obtained by
/// [`check`](Self::check), and use cases ask for it.
pub struct Authorized<P: Permission> {
    context: OperationContext,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Authorized<P> {
    /// Proof that the caller holds the permission. The product itself holds all of them.
    ///
    /// Fails with [`Code::AuthRequired`] for an anonymous caller and with [`Code::Forbidden`] for an
    /// actor without the permission.
    pub fn check(context: OperationContext) -> Result<Self, Code> {
        match context.principal() {
            Principal::Actor(actor) if !actor.permissions.contains(P::DEF.key) => {
                Err(Code::Forbidden)
            }
            Principal::Anonymous => Err(Code::AuthRequired),
            Principal::Actor(_) | Principal::System => {
                Ok(Self { context, permission: PhantomData })
            }
        }
    }

    /// The same operation, with the same permission, in the data of another tenant.
    ///
    /// Fails like [`OperationContext::in_tenant`].
    pub fn in_tenant(&self, tenant_id: TenantId) -> Result<Self, Code> {
        let context = self.context.in_tenant(tenant_id)?;
        Ok(Self { context, permission: PhantomData })
    }

    /// The context alone.
    #[must_use]
    pub const fn context(&self) -> &OperationContext {
        &self.context
    }
}

impl<P: Permission> Deref for Authorized<P> {
    type Target = OperationContext;

    fn deref(&self) -> &OperationContext {
        &self.context
    }
}

impl<P: Permission> Clone for Authorized<P> {
    fn clone(&self) -> Self {
        Self { context: self.context.clone(), permission: PhantomData }
    }
}

impl<P: Permission> fmt::Debug for Authorized<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorized")
            .field("permission", &P::DEF.key)
            .field("context", &self.context)
            .finish()
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make contexts of every kind")]
mod tests {
    use super::*;
    use crate::{PermissionSet, SessionId, SessionRef};

    crate::permissions! {
        /// Reads the menu.
        MenuRead = "menu.read", "See the menu";
    }

    fn context_of(permissions: &[&str]) -> OperationContext {
        context_of_kind(ActorKind::Staff, permissions)
    }

    fn context_of_kind(kind: ActorKind, permissions: &[&str]) -> OperationContext {
        let actor = Actor {
            kind,
            tenant_id: TenantId::new(),
            user_id: UserId::new(),
            session: SessionRef { id: SessionId::new(), token_hash: [0; 32], aal2_at: None },
            roles: Vec::new(),
            permissions: permissions.iter().copied().collect::<PermissionSet>(),
        };
        OperationContext::of_actor(Arc::new(actor), RequestId::new(), Utc::now())
    }

    #[test]
    fn only_a_holder_of_the_permission_is_authorized() {
        let holder = context_of(&["menu.read"]);
        assert_eq!(ALL[0].key, "menu.read");
        let proof = Authorized::<MenuRead>::check(holder.clone()).unwrap();
        assert_eq!(proof.context(), &holder);
        assert_eq!(proof.user_id(), holder.user_id());
        let other = Authorized::<MenuRead>::check(context_of(&["menu.write"]));
        assert_eq!(other.err(), Some(Code::Forbidden));
    }

    #[test]
    fn an_anonymous_caller_is_asked_to_sign_in_and_the_product_itself_may_do_everything() {
        let (tenant, request) = (TenantId::new(), RequestId::new());
        let anonymous = OperationContext::anonymous(tenant, request, Utc::now());
        assert_eq!(Authorized::<MenuRead>::check(anonymous).err(), Some(Code::AuthRequired));
        let system = OperationContext::system(tenant, request, Utc::now());
        let proof = Authorized::<MenuRead>::check(system).unwrap();
        assert_eq!((proof.tenant_id(), proof.user_id()), (tenant, None));
    }

    #[test]
    fn only_operators_and_the_product_itself_work_in_another_tenant() {
        let (tenant, request) = (TenantId::new(), RequestId::new());
        let operator = context_of_kind(ActorKind::Operator, &["menu.read"]);
        let inside = Authorized::<MenuRead>::check(operator).unwrap().in_tenant(tenant).unwrap();
        assert_eq!(inside.tenant_id(), tenant);
        assert_ne!(inside.actor().unwrap().tenant_id, tenant, "the person stays who they are");
        let system = OperationContext::system(TenantId::new(), request, Utc::now());
        assert_eq!(system.in_tenant(tenant).unwrap().tenant_id(), tenant);
        let anonymous = OperationContext::anonymous(TenantId::new(), request, Utc::now());
        for other in [context_of(&["menu.read"]), anonymous] {
            assert_eq!(other.in_tenant(tenant), Err(Code::Forbidden));
        }
    }
}
