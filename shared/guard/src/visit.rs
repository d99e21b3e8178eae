//! What the pipeline has found out about one request so far: filled stage by stage, read by the
//! answer and the log.

use std::{any::Any, net::IpAddr, sync::Arc, time::Instant};

use actix_web::http::{Method, header::HeaderValue};
use bk_kernel::{Actor, Code, RequestId, Surface};
use chrono::{DateTime, Utc};

use crate::{
    Ctx, RateClass,
    limits::{Decision, Quota},
};

/// One request on its way.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) request_id: RequestId,
    pub(crate) started: Instant,
    pub(crate) now: DateTime<Utc>,
    pub(crate) client_ip: IpAddr,
    /// Whether it came over TLS, as far as this process or a trusted proxy knows.
    pub(crate) secure: bool,
    pub(crate) method: Method,
    /// Index into the matcher.
    pub(crate) route: Option<usize>,
    pub(crate) surface: Option<Surface>,
    pub(crate) origin: Option<String>,
    /// The origin to be named in the answer, once it is known to be allowed.
    pub(crate) cors: Option<HeaderValue>,
    /// The limits that applied: by address, by actor.
    pub(crate) rates: [Option<Counted>; 2],
    pub(crate) actor: Option<Arc<Actor>>,
    /// What the session authority knows besides.
    pub(crate) session: Option<Arc<dyn Any + Send + Sync>>,
    pub(crate) code: Option<Code>,
}

/// A limit that was checked.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) class: RateClass,
    pub(crate) quota: Quota,
    pub(crate) decision: Decision,
}

impl Visit {
    /// Whether the method may change something (RFC 9110, section 9.2.1).
    pub(crate) fn is_unsafe(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
    }

    /// What handlers see; they get the origin.
    pub(crate) fn ctx(
        &mut self,
        surface: Surface,
        idempotency_key: Option<String>,
        user_agent: Option<String>,
    ) -> Ctx {
        Ctx {
            request_id: self.request_id,
            now: self.now,
            client_ip: self.client_ip,
            surface,
            origin: self.origin.take(),
            idempotency_key,
            user_agent,
            actor: self.actor.clone(),
        }
    }
}
