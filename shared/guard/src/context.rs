//! What handlers get to know of a request: its circumstances and the operation of its caller.

use std::{
    any::Any,
    future::{Ready, ready},
    net::IpAddr,
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Bytes};
use bk_kernel::{
    Actor, Authorized, Code, OperationContext, Permit, RequestId, Surface, TenantId,
    permission::Permission,
};
use chrono::{DateTime, Utc};

use crate::Problem;

/// The circumstances of a request, with or without an actor.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The id that logs, events and audit entries of the request carry.
    pub request_id: RequestId,
    /// When the request arrived, by the product's clock.
    pub now: DateTime<Utc>,
    /// The caller's address, seen through trusted proxies only.
    pub client_ip: IpAddr,
    /// The surface of the route.
    pub surface: Surface,
    /// The `Origin` header, if a browser sent one.
    pub origin: Option<String>,
    /// The `Idempotency-Key`, on routes that honour it.
    pub idempotency_key: Option<String>,
    /// The `User-Agent`, at most 200 characters.
    pub user_agent: Option<String>,
    /// The actor, on routes that authenticate.
    pub actor: Option<Arc<Actor>>,
}

/// The name of [`RequestContext`] in handlers that have not been moved.
pub type Ctx = RequestContext;

impl FromRequest for RequestContext {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Admitted::read(req, |admitted| Self::clone(&admitted.ctx)))
    }
}

/// What the pipeline leaves for the extractors of a request that it has admitted.
pub(crate) struct Admitted {
    /// The pattern whose policy was enforced.
    pub(crate) pattern: Arc<str>,
    pub(crate) ctx: Arc<Ctx>,
    /// The operation of the caller, on routes that authenticate.
    pub(crate) operation: Option<OperationContext>,
    pub(crate) session: Option<Arc<dyn Any + Send + Sync>>,
    pub(crate) body: Bytes,
}

impl Admitted {
    /// Reads it. Every admitted request has it.
    ///
    /// Fails with [`Code::Internal`] when the application is not behind the guard.
    pub(crate) fn read<T>(req: &HttpRequest, read: impl FnOnce(&Self) -> T) -> Result<T, Problem> {
        req.extensions().get().map(read).ok_or_else(|| Problem::new(Code::Internal))
    }

    /// Reads what concerns the caller, and checks once more that the router has brought the request to
    /// the very route whose policy was enforced.
    ///
    /// Fails with [`Code::Internal`] when it has not. The guard finds routes as the router does, so this
    /// happens only when a host mounts something beside the table that catches a guarded path.
    fn read_as_dispatched<T>(
        req: &HttpRequest,
        read: impl FnOnce(&Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let found = Self::read(req, |admitted| {
            if req.match_pattern().as_deref() == Some(&*admitted.pattern) {
                read(admitted)
            } else {
                Err(Problem::new(Code::Internal))
            }
        });
        found.flatten()
    }
}

/// The operation of an authenticated caller, whatever they are permitted to do: for routes about the
/// caller's own login. Derefs to the [`OperationContext`] that use cases take.
#[derive(Debug, Clone)]
pub struct Caller {
    operation: OperationContext,
    /// The person, checked.
    pub actor: Arc<Actor>,
    /// The circumstances of the request.
    pub ctx: Arc<Ctx>,
}

impl Deref for Caller {
    type Target = OperationContext;

    fn deref(&self) -> &OperationContext {
        &self.operation
    }
}

impl Caller {
    /// The tenant of the credential.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.actor.tenant_id
    }

    /// When the request arrived.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.ctx.now
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Admitted::read_as_dispatched(req, |admitted| {
            let (Some(operation), Some(actor)) = (&admitted.operation, &admitted.ctx.actor) else {
                return Err(Problem::new(Code::AuthRequired));
            };
            let (operation, actor) = (operation.clone(), Arc::clone(actor));
            Ok(Self { operation, actor, ctx: Arc::clone(&admitted.ctx) })
        }))
    }
}

/// What the session authority knows of the caller's session, for the handlers of the authority itself:
/// they name the type that [`Authenticated::session`](bk_contracts::identity::Authenticated) has.
#[derive(Debug, Clone)]
pub struct Session<T>(pub Arc<T>);

impl<T: Send + Sync + 'static> FromRequest for Session<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Admitted::read_as_dispatched(req, |admitted| {
            let session = admitted.session.clone();
            let session = session.ok_or_else(|| Problem::new(Code::AuthRequired))?;
            session.downcast().map(Self).map_err(|_| Problem::new(Code::Internal))
        }))
    }
}

/// The operation of a caller who holds permission `P`: extracts the proof that use cases ask for.
/// Handlers pass it on as `&who`, which derefs to [`Authorized<P>`] and that to [`OperationContext`].
#[derive(Debug, Clone)]
pub struct Allowed<P: Permission> {
    authorized: Authorized<P>,
    /// The caller, for handlers that have not been moved.
    pub caller: Caller,
    /// The proof, for use cases that have not been moved.
    pub permit: Permit<P>,
}

impl<P: Permission> Deref for Allowed<P> {
    type Target = Authorized<P>;

    fn deref(&self) -> &Authorized<P> {
        &self.authorized
    }
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let allowed = Caller::from_request(req, payload).into_inner().and_then(|caller| {
            let permit = Permit::check(&caller.actor)?;
            let authorized = Authorized::check(caller.operation.clone())?;
            Ok(Self { authorized, caller, permit })
        });
        ready(allowed)
    }
}
