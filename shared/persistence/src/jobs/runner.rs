//! Doing the jobs.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bk_kernel::{Clock, RequestId};
use chrono::{DateTime, TimeDelta, Utc};
use graphile_worker::{
    Crontab, IntoTaskHandlerResult, JobFail, JobPermanentlyFail, TaskHandler, Worker,
    WorkerContext, WorkerOptions, parse_crontab,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use super::{
    JobContext, JobError, Registry,
    registry::Schedule,
    tables::{self, SCHEMA},
};
use crate::{Database, DbError};

/// Jobs at once, per process.
const CONCURRENCY: usize = 4;

/// Jobs under way at a shutdown get this long before they are given back to the queue.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(20);

/// The pause before the next attempt when the database is away.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(2);

/// How often jobs are looked for that are due by a clock that runs ahead of the server's.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Runs the jobs of a registry, as the worker role. Any number of processes may.
pub struct Runner {
    database: Database,
    registry: Arc<Registry>,
    schedules: Vec<Crontab>,
    clock: Clock,
    /// Jobs that came to an end here, well or not.
    ended: Arc<AtomicUsize>,
}

/// Why the jobs cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum JobsError {
    /// A schedule is not five cron fields, or names a job without a handler.
    #[error("the schedule of {identifier} is wrong: {cron}")]
    Schedule {
        /// The identifier of the job that the schedule is for.
        identifier: &'static str,
        /// The schedule as it was registered.
        cron: String,
    },
    /// The queue could not be read.
    #[error("the job queue is unavailable: {0}")]
    Queue(String),
    /// The database refused or is away.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Runner {
    /// Checks the schedules; starts nothing yet. Fails with [`JobsError::Schedule`] for one that is not
    /// five cron fields or is for a job without a handler.
    pub fn new(database: Database, registry: Registry, clock: Clock) -> Result<Self, JobsError> {
        let schedules = registry
            .schedules
            .iter()
            .map(|schedule| crontab(schedule, &registry))
            .collect::<Result<_, _>>()?;
        let ended = Arc::default();
        Ok(Self { database, registry: Arc::new(registry), schedules, clock, ended })
    }

    /// Runs jobs until cancelled, then lets those under way end. Outlives a database that is away
    /// for a while.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let outcome = match self.worker().await {
                Ok(worker) => self.work(&worker, &stop).await,
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "jobs cannot be run at the moment");
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(PAUSE_AFTER_FAILURE) => {}
                }
            }
        }
    }

    /// Runs everything that is due by the product's clock, what that enqueues for now included, and
    /// returns how many jobs ended, well or not. Schedules do not fire. For tests and tools. A job that
    /// fails does not make this fail; a queue that cannot be read does.
    pub async fn run_due_once(&self) -> Result<usize, JobsError> {
        let before = self.ended.load(Ordering::Acquire);
        self.pull_forward(self.clock.now()).await?;
        let worker = self.worker().await?;
        loop {
            worker.run_once().await.map_err(|error| JobsError::Queue(error.to_string()))?;
            let due = async |tx| tables::is_any_due(&tx, Envelope::IDENTIFIER).await;
            if !self.database.global(due).await? {
                return Ok(self.ended.load(Ordering::Acquire) - before);
            }
        }
    }

    async fn work(&self, worker: &Worker, stop: &CancellationToken) -> Result<(), JobsError> {
        let working = worker.run();
        let following_the_clock = self.follow_the_clock();
        tokio::pin!(working, following_the_clock);
        let ended = tokio::select! {
            ended = &mut working => ended,
            () = &mut following_the_clock => working.await,
            () = stop.cancelled() => {
                worker.request_shutdown();
                working.await
            }
        };
        ended.map_err(|error| JobsError::Queue(error.to_string()))
    }

    /// The queue goes by the server's time; development and tests move the product's clock ahead.
    #[expect(
        clippy::disallowed_methods,
        reason = "compares the product's clock with the machine's"
    )]
    async fn follow_the_clock(&self) {
        loop {
            tokio::time::sleep(POLL_INTERVAL).await;
            let now = self.clock.now();
            if now - Utc::now() > TimeDelta::seconds(1)
                && let Err(error) = self.pull_forward(now).await
            {
                tracing::warn!(%error, "due jobs could not be looked for");
            }
        }
    }

    async fn pull_forward(&self, now: DateTime<Utc>) -> Result<(), DbError> {
        self.database.global(async move |tx| tables::pull_forward(&tx, now).await).await
    }

    async fn worker(&self) -> Result<Worker, JobsError> {
        let dispatcher = Dispatcher {
            registry: Arc::clone(&self.registry),
            database: self.database.clone(),
            clock: self.clock.clone(),
            ended: Arc::clone(&self.ended),
        };
        let database = self.database.clone();
        WorkerOptions::default()
            .database(self.database.libraries().clone())
            .schema(SCHEMA)
            .concurrency(CONCURRENCY)
            .poll_interval(Duration::from_secs(1))
            .listen_os_shutdown_signals(false)
            .shutdown_grace_period(SHUTDOWN_GRACE)
            .with_crons(self.schedules.clone())
            .add_extension(dispatcher)
            .define_job::<Envelope>()
            .on(JobFail, move |failed| {
                let (database, job) = (database.clone(), *failed.job.id());
                async move { add_jitter(&database, job).await }
            })
            .on(JobPermanentlyFail, |failed| async move {
                metrics::counter!("bk_jobs_dead_total").increment(1);
                tracing::error!(job = failed.job.id(), "a job failed for good");
            })
            .init()
            .await
            .map_err(|error| JobsError::Queue(error.to_string()))
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("registry", &self.registry).finish_non_exhaustive()
    }
}

/// What the queue stores: `enqueue_job` wraps, the handler unwraps.
#[derive(Serialize, Deserialize)]
struct Envelope {
    job: String,
    payload: Value,
    /// The request that enqueued it; what schedules enqueue has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<RequestId>,
}

impl TaskHandler for Envelope {
    const IDENTIFIER: &'static str = "bk_job";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        match context.get_ext::<Dispatcher>() {
            Some(dispatcher) => dispatcher.run(self, *context.job().id()).await,
            None => Err(JobError::retry("the worker has no handlers")),
        }
    }
}

/// Hands each job to its handler.
#[derive(Clone)]
struct Dispatcher {
    registry: Arc<Registry>,
    database: Database,
    clock: Clock,
    ended: Arc<AtomicUsize>,
}

impl Dispatcher {
    async fn run(&self, envelope: Envelope, id: i64) -> Result<(), JobError> {
        let Envelope { job, payload, request_id } = envelope;
        let Some((&identifier, handler)) = self.registry.handlers.get_key_value(job.as_str())
        else {
            // A newer version may have enqueued it: one of its workers will know.
            return Err(JobError::retry("no handler is registered for this job"));
        };
        let tenant_id = payload.get("tenant_id").and_then(Value::as_str);
        let tenant_id = tenant_id.and_then(|id| id.parse().ok());
        let request_id = request_id.unwrap_or_else(RequestId::new);
        let context = JobContext::new(identifier, tenant_id, request_id, self.clock.now());
        let done = handler.run(&context, payload).instrument(span(&context)).await;
        self.ended.fetch_add(1, Ordering::AcqRel);
        let outcome = if done.is_ok() { "done" } else { "failed" };
        metrics::counter!("bk_jobs_total", "job" => identifier, "outcome" => outcome).increment(1);
        if let Err(error) = &done
            && error.is_final()
        {
            // If this fails the job comes again, and gives up again.
            let _ = self.database.global(async move |tx| tables::give_up(&tx, id).await).await;
        }
        done
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.registry, f)
    }
}

/// What every line that the job logs carries.
fn span(context: &JobContext) -> Span {
    let (job, request_id) = (context.job(), context.request_id());
    let span = tracing::info_span!("job", job, %request_id, tenant_id = tracing::field::Empty);
    if let Some(tenant_id) = context.tenant_id() {
        span.record("tenant_id", tracing::field::display(tenant_id));
    }
    span
}

fn crontab(schedule: &Schedule, registry: &Registry) -> Result<Crontab, JobsError> {
    let wrong =
        || JobsError::Schedule { identifier: schedule.identifier, cron: schedule.cron.clone() };
    let five_fields =
        schedule.cron.split_whitespace().count() == 5 && !schedule.cron.contains('\n');
    if !five_fields || !registry.handlers.contains_key(schedule.identifier) {
        return Err(wrong());
    }
    let line = format!("{} {}", schedule.cron, Envelope::IDENTIFIER);
    let mut parsed = parse_crontab(&line).map_err(|_| wrong())?.pop().ok_or_else(wrong)?;
    // The same job on another schedule, or for another payload, is another entry.
    parsed.options.id =
        Some(format!("{} {} {}", schedule.identifier, schedule.cron, schedule.payload));
    let envelope = Envelope {
        job: schedule.identifier.to_owned(),
        payload: schedule.payload.clone(),
        request_id: None,
    };
    parsed.payload = Some(serde_json::to_value(envelope).map_err(|_| wrong())?);
    Ok(parsed)
}

async fn add_jitter(database: &Database, job: i64) {
    let added = database.global(async move |tx| tables::add_jitter(&tx, job).await);
    if let Err(error) = added.await {
        tracing::debug!(%error, "a retry goes without jitter");
    }
}
