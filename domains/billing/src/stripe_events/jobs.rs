//! The background work of this slice, as the queue sees it.

use std::sync::Arc;

use async_trait::async_trait;
use bk_kernel::RequestId;
use bk_persistence::{
    Database, DbError,
    jobs::{JobContext, JobError, JobHandler, NewJob, Registry},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    event::{EventKey, MAX_ATTEMPTS},
    fail_abandoned_events::fail_abandoned_events,
    process_event::ProcessEvent,
};

/// Processes one event; its payload is its [`EventKey`].
const PROCESS: &str = "stripe.process";
/// Gives up abandoned events; no payload.
const FAIL_ABANDONED: &str = "stripe.fail_abandoned";

const EVERY_TEN_MINUTES: &str = "*/10 * * * *";

/// The job of an event, for the request that delivered it or asked for it again. Events of one
/// `object` of Stripe queue behind each other.
pub(super) fn processing_job(
    key: &EventKey,
    object: Option<&str>,
    request_id: RequestId,
) -> Result<NewJob, DbError> {
    let payload = serde_json::to_value(key).map_err(DbError::encoding)?;
    let job = NewJob {
        key: Some(format!("{PROCESS}:{}:{}", key.account, key.event_id)),
        queue: object.map(|id| format!("stripe:{id}")),
        max_attempts: Some(MAX_ATTEMPTS),
        ..NewJob::now(PROCESS, payload)
    };
    Ok(job.caused_by(request_id))
}

/// What the jobs need; the database is the worker's.
pub(crate) struct EventJobs {
    pub(crate) process: ProcessEvent,
    pub(crate) db: Database,
}

impl EventJobs {
    /// Registers handlers and schedules.
    pub(crate) fn register(self, registry: &mut Registry) {
        let Self { process, db } = self;
        registry.register(PROCESS, Arc::new(Process(process)));
        registry.register(FAIL_ABANDONED, Arc::new(FailAbandoned { db }));
        registry.schedule(EVERY_TEN_MINUTES, FAIL_ABANDONED, json!({}));
    }
}

struct Process(ProcessEvent);

#[async_trait]
impl JobHandler for Process {
    async fn run(&self, job: &JobContext, payload: Value) -> Result<(), JobError> {
        let key = EventKey::deserialize(&payload)
            .map_err(|_| JobError::give_up("the payload names no event"))?;
        Ok(self.0.process(job, key).await?)
    }
}

struct FailAbandoned {
    db: Database,
}

#[async_trait]
impl JobHandler for FailAbandoned {
    async fn run(&self, job: &JobContext, _: Value) -> Result<(), JobError> {
        let now = job.at();
        let failed: Result<u64, DbError> =
            self.db.global(move |tx| async move { fail_abandoned_events(&tx, now).await }).await;
        metrics::counter!("billing_stripe_events_failed_total").increment(failed?);
        Ok(())
    }
}
