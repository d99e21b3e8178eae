//! Putting work on the queue.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;

use crate::DbError;

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
}

impl NewJob {
    /// A job that runs as soon as possible.
    #[must_use]
    pub const fn now(identifier: &'static str, payload: Value) -> Self {
        Self { identifier, payload, key: None, run_at: None, queue: None, max_attempts: None }
    }
}

/// Puts a job on the queue, in the caller's transaction: it exists if and only if that commits.
pub async fn enqueue(connection: &impl ConnectionTrait, job: NewJob) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT enqueue_job($1, $2::jsonb::json, $3, $4, $5, $6)",
        [
            job.identifier.into(),
            job.payload.into(),
            job.key.into(),
            job.run_at.into(),
            job.max_attempts.map(i32::from).into(),
            job.queue.into(),
        ],
    );
    connection.query_one_raw(statement).await?;
    Ok(())
}
