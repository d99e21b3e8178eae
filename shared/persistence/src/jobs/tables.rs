//! The queue's own schema, and the only file that touches the private tables of the queue's crate
//! (their names begin with `_private`). What it relies on is held by `tests/it/queue_tables.rs`, which
//! fails when the crate or its columns change; see `docs/adr/0001-job-queue.md`.

use chrono::{DateTime, Utc};
use graphile_worker::WorkerUtils;
use sea_orm::FromQueryResult;
use sqlx::PgPool;

use crate::{DbError, GlobalTx, store::sql};

/// Where the queue keeps its tables.
pub(crate) const SCHEMA: &str = "graphile_worker";

/// Creates or upgrades the queue's tables, as their owner, and grants the worker what it needs.
pub(crate) async fn install(owner: &PgPool) -> Result<(), DbError> {
    WorkerUtils::new(owner.clone(), SCHEMA)
        .migrate()
        .await
        .map_err(|_| DbError::other("the job queue's own migrations failed"))?;
    sqlx::raw_sql(GRANTS).execute(owner).await?;
    Ok(())
}

/// The queue's tables have row-level security enabled without a policy, which shows them to their
/// owner only; the worker gets a policy. The API's role gets nothing here: it calls `enqueue_job`.
const GRANTS: &str = "
    GRANT USAGE ON SCHEMA graphile_worker TO bk_worker;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO bk_worker;
    REVOKE INSERT, UPDATE, DELETE ON graphile_worker.migrations FROM bk_worker;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO bk_worker;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO bk_worker;
    DO $$ DECLARE fenced regclass; BEGIN
        FOR fenced IN
            SELECT oid FROM pg_class
            WHERE relnamespace = 'graphile_worker'::regnamespace AND relkind = 'r' AND relrowsecurity
              AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = 'worker')
        LOOP
            EXECUTE format('CREATE POLICY worker ON %s TO bk_worker USING (true) WITH CHECK (true)', fenced);
        END LOOP;
    END $$;
";

/// A job that failed for good.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct FailedJob {
    /// The queue's number, which [`retry_failed`] takes.
    pub id: i64,
    /// The identifier of its handler.
    pub identifier: String,
    /// How many attempts were made.
    pub attempts: i16,
    /// The error of the last attempt, as the handler worded it.
    pub last_error: Option<String>,
    /// When the last attempt failed, by the server's clock.
    pub failed_at: DateTime<Utc>,
}

/// Reads the jobs that failed for good, the latest first. Worker role only.
pub async fn failed(tx: &GlobalTx, limit: u32) -> Result<Vec<FailedJob>, DbError> {
    sql("SELECT id, payload ->> 'job' AS identifier, attempts, last_error, updated_at AS failed_at
         FROM graphile_worker._private_jobs
         WHERE attempts >= max_attempts AND locked_at IS NULL AND payload ->> 'job' IS NOT NULL
         ORDER BY updated_at DESC LIMIT $1")
    .bind(i64::from(limit))
    .all(tx)
    .await
}

/// Gives a job that failed for good all its attempts again, from now on. Worker role only. Returns
/// whether there was such a job.
pub async fn retry_failed(tx: &GlobalTx, id: i64) -> Result<bool, DbError> {
    let jobs: i64 = sql("SELECT count(*) FROM graphile_worker.reschedule_jobs(
             (SELECT array_agg(id) FROM graphile_worker._private_jobs
              WHERE id = $1 AND attempts >= max_attempts AND locked_at IS NULL),
             now(), attempts => 0, max_attempts => 25)")
    .bind(id)
    .value(tx)
    .await?;
    Ok(jobs == 1)
}

/// Ends the attempts at a running job: it fails for good.
pub(super) async fn give_up(tx: &GlobalTx, id: i64) -> Result<(), DbError> {
    sql("UPDATE graphile_worker._private_jobs SET max_attempts = attempts WHERE id = $1")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

/// Makes a failed job wait up to a fifth longer, so that what failed together does not come back
/// together: the queue's pauses grow but have no jitter.
pub(super) async fn add_jitter(tx: &GlobalTx, id: i64) -> Result<(), DbError> {
    sql("UPDATE graphile_worker._private_jobs
         SET run_at = run_at + (run_at - now()) * (random() * 0.2)
         WHERE id = $1 AND locked_at IS NULL AND run_at > now()")
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes what is due by the product's clock due by the server's.
pub(super) async fn pull_forward(tx: &GlobalTx, now: DateTime<Utc>) -> Result<(), DbError> {
    sql("UPDATE graphile_worker._private_jobs SET run_at = now()
         WHERE run_at > now() AND run_at <= $1 AND locked_at IS NULL AND attempts = 0")
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether a job of this task waits and is due.
pub(super) async fn is_any_due(tx: &GlobalTx, task: &str) -> Result<bool, DbError> {
    sql("SELECT EXISTS (SELECT FROM graphile_worker._private_jobs AS job
             JOIN graphile_worker._private_tasks AS task ON task.id = job.task_id
             WHERE task.identifier = $1 AND is_available AND run_at <= now())")
    .bind(task)
    .value(tx)
    .await
}
