//! What the pipeline has found out about one request so far: filled stage by stage, read when the
//! response is finished and logged.

use std::{any::Any, net::IpAddr, sync::Arc, time::Instant};

use actix_web::http::{Method, header::HeaderValue};
use bk_kernel::{Actor, Code, OperationContext, RequestId, Surface};
use chrono::{DateTime, Utc};

use crate::{
    RateClass, RequestContext,
    limits::{Decision, Quota},
};

/// The state of one request in the pipeline.
#[derive(Clone)]
pub(crate) struct RequestState {
    pub(crate) request_id: RequestId,
    /// When it arrived, by the monotonic clock: for its duration.
    pub(crate) started: Instant,
    /// When it arrived, by the product's clock.
    pub(crate) at: DateTime<Utc>,
    pub(crate) client_ip: IpAddr,
    /// Whether it came over TLS, as far as this process or a trusted proxy knows.
    pub(crate) secure: bool,
    pub(crate) method: Method,
    /// The index of its route in the matcher.
    pub(crate) route: Option<usize>,
    pub(crate) surface: Option<Surface>,
    pub(crate) origin: Option<String>,
    /// The origin to be named in the response, once it is known to be allowed.
    pub(crate) cors: Option<HeaderValue>,
    /// The results of the limits that were checked: by address, by actor.
    pub(crate) rate_limits: [Option<RateLimitResult>; 2],
    pub(crate) actor: Option<Arc<Actor>>,
    /// What the session authority knows besides the actor.
    pub(crate) session: Option<Arc<dyn Any + Send + Sync>>,
    /// The code of the problem that was answered, if one was.
    pub(crate) code: Option<Code>,
}

/// A rate limit that was checked, with its outcome.
#[derive(Clone, Copy)]
pub(crate) struct RateLimitResult {
    pub(crate) class: RateClass,
    pub(crate) quota: Quota,
    pub(crate) decision: Decision,
}

impl RequestState {
    /// Whether the method may change something (RFC 9110, section 9.2.1).
    pub(crate) fn is_unsafe(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
    }

    /// The operation of the caller, when the route authenticates. Made once per request.
    pub(crate) fn operation(&self) -> Option<OperationContext> {
        let actor = self.actor.clone()?;
        Some(OperationContext::of_actor(actor, self.request_id, self.at))
    }

    /// What handlers see of the request. The origin is moved there.
    pub(crate) fn request_context(
        &mut self,
        surface: Surface,
        idempotency_key: Option<String>,
        user_agent: Option<String>,
    ) -> RequestContext {
        RequestContext {
            request_id: self.request_id,
            now: self.at,
            client_ip: self.client_ip,
            surface,
            origin: self.origin.take(),
            idempotency_key,
            user_agent,
            actor: self.actor.clone(),
        }
    }
}
