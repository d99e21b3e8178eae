//! Putting work on the queue.

use bk_kernel::RequestId;
use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::{DbError, store::sql};

/// Work to be done later. Its payload names its tenant as `tenant_id`, unless it is work for the
/// whole deployment, and holds no personal data beyond ids.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Which registered handler does it.
    pub identifier: &'static str,
    /// What the handler is given.
    pub payload: Value,
    /// With a key there is at most one such job waiting: enqueuing again replaces the one that waits.
    pub key: Option<String>,
    /// Not before this instant; none means now.
    pub run_at: Option<DateTime<Utc>>,
    /// Jobs of the same queue run one after another, in order; none means as many as there is room.
    pub queue: Option<String>,
    /// Runs before it counts as failed for good; none means 25 (about three days of backoff).
    pub max_attempts: Option<i16>,
    /// The request that it follows from; none for one that no request caused.
    pub request_id: Option<RequestId>,
}

impl NewJob {
    /// A job that runs as soon as possible.
    #[must_use]
    pub const fn now(identifier: &'static str, payload: Value) -> Self {
        Self {
            identifier,
            payload,
            key: None,
            run_at: None,
            queue: None,
            max_attempts: None,
            request_id: None,
        }
    }

    /// The same job, with the request that it follows from: its handler sees the id again.
    #[must_use]
    pub const fn caused_by(mut self, request_id: RequestId) -> Self {
        self.request_id = Some(request_id);
        self
    }
}

/// Puts a job on the queue, in the caller's transaction: it exists if and only if that commits. Fails
/// when the payload names another tenant than the transaction's.
pub async fn enqueue(connection: &impl ConnectionTrait, job: NewJob) -> Result<(), DbError> {
    sql("SELECT enqueue_job($1, $2::jsonb::json, $3, $4, $5, $6, $7)")
        .bind(job.identifier)
        .bind(job.payload)
        .bind(job.key)
        .bind(job.run_at)
        .bind(job.max_attempts.map(i32::from))
        .bind(job.queue)
        .bind_id_opt(job.request_id)
        .exists(connection)
        .await?;
    Ok(())
}
