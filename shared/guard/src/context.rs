//! What the guard found out about a request, for handlers.

use std::{
    future::{Ready, ready},
    net::IpAddr,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use bk_kernel::{Actor, Code, Permit, RequestId, Surface, TenantId, permission::Permission};
use chrono::{DateTime, Utc};

use crate::Problem;

/// The circumstances of a request, with or without an actor.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// From edge to row.
    pub request_id: RequestId,
    /// When it arrived, by the product's clock.
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

impl FromRequest for Ctx {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The pipeline puts it there for every route; its absence is a defect of the host.
        ready(req.extensions().get::<Self>().cloned().ok_or_else(|| Problem::new(Code::Internal)))
    }
}

/// The pattern whose policy the guard has enforced.
#[derive(Debug, Clone)]
pub(crate) struct Matched(pub(crate) Arc<str>);

/// The authenticated caller and the circumstances of the request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub actor: Arc<Actor>,
    /// The circumstances.
    pub ctx: Ctx,
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
        if !is_guarded_as_dispatched(req) {
            return ready(Err(Problem::new(Code::Internal)));
        }
        let caller = req.extensions().get::<Ctx>().and_then(|ctx| {
            let actor = ctx.actor.clone()?;
            Some(Self { actor, ctx: ctx.clone() })
        });
        ready(caller.ok_or_else(|| Problem::new(Code::AuthRequired)))
    }
}

/// The second look: the router has brought the request to the very route whose policy was enforced.
/// The guard resolves routes as the router does, so this fails only when a host mounts something
/// beside the table that catches a guarded path.
fn is_guarded_as_dispatched(req: &HttpRequest) -> bool {
    let dispatched = req.match_pattern();
    let matched = req.extensions();
    matched.get::<Matched>().is_some_and(|m| dispatched.as_deref() == Some(&*m.0))
}

/// A [`Caller`] with proof that they hold permission `P`.
#[derive(Debug, Clone)]
pub struct Allowed<P: Permission> {
    /// Who, and the circumstances.
    pub caller: Caller,
    /// The proof, for the use case.
    pub permit: Permit<P>,
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let allowed = Caller::from_request(req, payload).into_inner().and_then(|caller| {
            let permit = Permit::check(&caller.actor)?;
            Ok(Self { caller, permit })
        });
        ready(allowed)
    }
}
