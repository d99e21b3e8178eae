//! A look at the queue, for operators. Worker role only.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};

use crate::{DbError, GlobalTx};

/// A job that failed for good.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct FailedJob {
    /// The queue's number of it.
    pub id: i64,
    /// Which handler it was for.
    pub identifier: String,
    /// Attempts made.
    pub attempts: i16,
    /// What the handler said last.
    pub last_error: Option<String>,
    /// When it failed last.
    pub failed_at: DateTime<Utc>,
}

/// Jobs that failed for good, the latest first.
pub async fn failed(tx: &GlobalTx, limit: u32) -> Result<Vec<FailedJob>, DbError> {
    let jobs = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT id, payload ->> 'job' AS identifier, attempts, last_error, updated_at AS failed_at
         FROM graphile_worker._private_jobs
         WHERE attempts >= max_attempts AND locked_at IS NULL AND payload ->> 'job' IS NOT NULL
         ORDER BY updated_at DESC LIMIT $1",
        [i64::from(limit).into()],
    );
    Ok(FailedJob::find_by_statement(jobs).all(tx).await?)
}

/// Gives a job that failed for good all its attempts again, from now on. Returns whether there was
/// such a job.
pub async fn retry_failed(tx: &GlobalTx, id: i64) -> Result<bool, DbError> {
    let retry = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT count(*) AS jobs FROM graphile_worker.reschedule_jobs(
             (SELECT array_agg(id) FROM graphile_worker._private_jobs
              WHERE id = $1 AND attempts >= max_attempts AND locked_at IS NULL),
             now(), attempts => 0, max_attempts => 25)",
        [id.into()],
    );
    let row = tx.query_one_raw(retry).await?;
    Ok(row.map(|row| row.try_get::<i64>("", "jobs")).transpose()? == Some(1))
}
