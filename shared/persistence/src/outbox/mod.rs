//! Events published in the transaction of the change they report, and delivered afterwards.
//!
//! [`append`] writes; [`Relay`] delivers each event to every handler, at least once and in order
//! within an aggregate. A handler's effect on the database happens exactly once, because the mark
//! that it was handled is written in the same transaction.

mod append;
mod relay;
mod store;

use std::fmt;

use async_trait::async_trait;
use bk_kernel::{OperationContext, RequestId, TenantId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use append::append;
pub use relay::Relay;
pub use store::{Backlog, backlog, prune, revive};

use crate::TenantTx;

/// Something that happened, as it was published.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxEvent {
    /// The tenant it happened in.
    pub tenant_id: TenantId,
    /// Unique; a handler with effects outside the database uses it as its idempotency key.
    pub id: Uuid,
    /// Grows within an aggregate in the order of publication.
    pub seq: i64,
    /// What it happened to, `order:<id>`.
    pub aggregate: String,
    /// What happened, `order_confirmed`.
    pub kind: String,
    /// The fact, whole.
    pub payload: serde_json::Value,
    /// The request that caused it.
    pub request_id: Option<RequestId>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Deliveries that failed so far.
    pub attempts: i32,
}

/// Consumes events. Every handler is given every event and ignores what does not concern it.
#[async_trait]
pub trait EventHandler: Send + Sync {
    /// A stable, unique name: it marks what this handler has consumed.
    fn consumer(&self) -> &'static str;

    /// Handles one event in `tx`, which is committed together with the mark. An error undoes both
    /// and the event comes again later; its aggregate waits, others go on. What loses to a concurrent
    /// transaction is handled again at once.
    ///
    /// The context is the product's own, in the event's tenant and under the request that caused the
    /// event; it begins when the event is handled.
    async fn handle(
        &self,
        context: &OperationContext,
        tx: &TenantTx,
        event: &OutboxEvent,
    ) -> Result<(), HandlerError>;
}

/// Why an event could not be handled. The text is stored with the event for operators: no values.
#[derive(Debug)]
pub struct HandlerError {
    why: String,
}

impl HandlerError {
    /// A failure with an explanation that contains no personal data.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// Any error of a domain; its text and those of its sources are kept, and must not hold values.
impl<E: std::error::Error> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self { why: crate::error::chain(&error) }
    }
}
