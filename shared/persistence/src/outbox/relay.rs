//! Delivery.
//!
//! Any number of relays may run. Each step of a tenant happens under a lock that lasts for one
//! transaction, so that two relays never work on the same event, and the next one sees what was done.

use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bk_kernel::{Clock, OperationContext, RequestId, TenantId};
use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    EventHandler, HandlerError, OutboxEvent,
    store::{self, Failure},
};
use crate::{Database, DbError};

/// After this many failed attempts an event is dead until an operator revives it.
const MAX_ATTEMPTS: i32 = 10;
const PAUSE_SECS_MIN: i64 = 2;
const PAUSE_SECS_MAX: i64 = 3_600;

/// How often wake-ups written by other processes are looked for.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How often every tenant is looked at: what a crash lost of the wake-ups is found then.
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);
/// When a relay of another process was at work on a tenant, it is looked at again.
const BUSY_PAUSE: TimeDelta = TimeDelta::milliseconds(200);

/// Stored explanations are cut here, in characters.
const EXPLANATION_MAX_LEN: usize = 500;

/// Delivers the events of all tenants to the handlers.
pub struct Relay {
    database: Database,
    handlers: Arc<[Arc<dyn EventHandler>]>,
    clock: Clock,
    /// Tenants to drain again, and when: failed events, and tenants another relay was busy with.
    revisits: Mutex<BTreeMap<TenantId, DateTime<Utc>>>,
}

/// What became of one event.
enum Step {
    /// Every handler has handled it.
    Delivered,
    /// A handler failed; it comes again, or is dead.
    Failed,
    /// There is nothing to deliver now; perhaps at the given instant.
    Idle(Option<DateTime<Utc>>),
    /// Another relay is at work on the tenant.
    Busy,
}

/// What became of one event at one consumer.
enum Handled {
    /// It has handled it, now or before.
    Done,
    /// Another relay is at work on the tenant.
    Busy,
}

impl Relay {
    /// A relay for `handlers`, as the worker role.
    #[must_use]
    pub fn new(database: Database, handlers: Vec<Arc<dyn EventHandler>>, clock: Clock) -> Self {
        Self { database, handlers: handlers.into(), clock, revisits: Mutex::default() }
    }

    /// Delivers everything that is due of the tenants that were woken or wait for another attempt.
    /// Returns how many events were delivered to all handlers.
    pub async fn drain_once(&self) -> Result<usize, DbError> {
        let woken = self.database.global(async |tx| store::take_wakes(&tx).await).await?;
        self.drain(woken).await
    }

    /// The same for every tenant of the directory, woken or not.
    pub async fn sweep_once(&self) -> Result<usize, DbError> {
        let tenants = self.database.global(async |tx| store::all_tenants(&tx).await).await?;
        self.drain(tenants).await
    }

    /// Delivers until cancelled; an event under way is finished first. Sweeps at the start and
    /// every minute, and outlives a database that is away for a while.
    pub async fn run(&self, stop: CancellationToken) {
        let wake = self.database.outbox_wake();
        let mut sweep = tokio::time::interval(SWEEP_INTERVAL);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let outcome = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = sweep.tick() => self.sweep_once().await,
                () = wake.notified() => self.drain_once().await,
                () = tokio::time::sleep(POLL_INTERVAL) => self.drain_once().await,
            };
            if let Err(error) = outcome {
                tracing::warn!(error = %error, "the outbox could not be drained");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(POLL_INTERVAL) => {}
                }
            }
        }
    }

    async fn drain(&self, woken: Vec<TenantId>) -> Result<usize, DbError> {
        let mut tenants = self.take_due(self.clock.now());
        tenants.extend(woken);
        tenants.sort_unstable();
        tenants.dedup();
        let mut delivered = 0;
        let mut queue = tenants.into_iter();
        while let Some(tenant) = queue.next() {
            match self.drain_tenant(tenant).await {
                Ok(count) => delivered += count,
                Err(error) => {
                    // The wake-ups are gone already: remember whom they were for.
                    let now = self.clock.now();
                    self.revisit(tenant, now);
                    queue.for_each(|tenant| self.revisit(tenant, now));
                    return Err(error);
                }
            }
        }
        Ok(delivered)
    }

    async fn drain_tenant(&self, tenant: TenantId) -> Result<usize, DbError> {
        let mut delivered = 0;
        loop {
            match self.step(tenant).await? {
                Step::Delivered => delivered += 1,
                Step::Failed => {}
                Step::Busy => {
                    self.revisit(tenant, self.clock.now() + BUSY_PAUSE);
                    return Ok(delivered);
                }
                Step::Idle(next) => {
                    if let Some(next) = next {
                        self.revisit(tenant, next);
                    }
                    return Ok(delivered);
                }
            }
        }
    }

    /// Delivers one event, or finds that there is none to deliver.
    async fn step(&self, tenant: TenantId) -> Result<Step, DbError> {
        let now = self.clock.now();
        let context = self.context(tenant, RequestId::new());
        let found = self.database.transaction(&context, now, async |tx, now| {
            if !store::try_lock(&tx).await? {
                return Ok::<_, DbError>(Err(Step::Busy));
            }
            Ok(match store::next_due(&tx, now).await? {
                Some(event) => Ok(Arc::new(event)),
                None => Err(Step::Idle(store::next_retry(&tx).await?)),
            })
        });
        let event = match found.await? {
            Ok(event) => event,
            Err(step) => return Ok(step),
        };
        for handler in &*self.handlers {
            match self.deliver_to(handler, &event).await {
                Ok(Handled::Done) => {}
                Ok(Handled::Busy) => return Ok(Step::Busy),
                // The database is away: that is no fault of the event or its handler.
                Err(Refusal::Database(error)) if error.is_transient() => return Err(error),
                Err(refusal) => {
                    self.record_failure(&event, handler.consumer(), &refusal).await?;
                    return Ok(Step::Failed);
                }
            }
        }
        let mark = self.database.transaction(&context, (event, now), async |tx, (event, now)| {
            store::mark_delivered(&tx, &event, now).await
        });
        mark.await?;
        metrics::counter!("bk_outbox_delivered_total").increment(1);
        Ok(Step::Delivered)
    }

    /// Lets one handler handle the event, and marks in the same transaction that it did.
    async fn deliver_to(
        &self,
        handler: &Arc<dyn EventHandler>,
        event: &Arc<OutboxEvent>,
    ) -> Result<Handled, Refusal> {
        let request_id = event.request_id.unwrap_or_else(RequestId::new);
        let context = self.context(event.tenant_id, request_id);
        let span = tracing::info_span!(
            "fact",
            kind = event.kind,
            consumer = handler.consumer(),
            %request_id,
            tenant_id = %event.tenant_id,
        );
        let input = (Arc::clone(handler), Arc::clone(event), context.clone());
        let work = self.database.transaction(&context, input, async |tx, input| {
            let (handler, event, context) = input;
            if !store::try_lock(&tx).await? {
                return Ok(Handled::Busy);
            }
            if store::mark_consumed(&tx, &event, handler.consumer()).await? {
                handler.handle(&context, &tx, &event).await.map_err(Refusal::Handler)?;
            }
            Ok(Handled::Done)
        });
        AssertUnwindSafe(work)
            .catch_unwind()
            .instrument(span)
            .await
            .unwrap_or_else(|_| Err(Refusal::Handler(HandlerError::new("the handler panicked"))))
    }

    async fn record_failure(
        &self,
        event: &Arc<OutboxEvent>,
        consumer: &'static str,
        refusal: &Refusal,
    ) -> Result<(), DbError> {
        let attempts = event.attempts + 1;
        let again_at = (attempts < MAX_ATTEMPTS).then(|| self.clock.now() + pause(attempts));
        let why: String =
            format!("{consumer}: {refusal}").chars().take(EXPLANATION_MAX_LEN).collect();
        if again_at.is_none() {
            metrics::counter!("bk_outbox_dead_total", "consumer" => consumer).increment(1);
            tracing::error!(event = %event.id, kind = %event.kind, consumer, "an event is dead");
        } else {
            metrics::counter!("bk_outbox_failed_total", "consumer" => consumer).increment(1);
            tracing::warn!(event = %event.id, kind = %event.kind, consumer, attempts, "an event failed");
        }
        let context = self.context(event.tenant_id, RequestId::new());
        let failure = (Arc::clone(event), Failure { again_at, why });
        let mark = self.database.transaction(&context, failure, async |tx, (event, failure)| {
            store::mark_failed(&tx, &event, failure).await
        });
        mark.await
    }

    #[expect(clippy::disallowed_methods, reason = "the contexts of fact handlers are made here")]
    fn context(&self, tenant: TenantId, request_id: RequestId) -> OperationContext {
        OperationContext::system(tenant, request_id, self.clock.now())
    }

    fn revisit(&self, tenant: TenantId, at: DateTime<Utc>) {
        let mut later = self.revisits.lock().unwrap_or_else(PoisonError::into_inner);
        let known = later.entry(tenant).or_insert(at);
        *known = at.min(*known);
    }

    fn take_due(&self, now: DateTime<Utc>) -> Vec<TenantId> {
        let mut later = self.revisits.lock().unwrap_or_else(PoisonError::into_inner);
        let due: Vec<_> =
            later.iter().filter(|(_, at)| **at <= now).map(|(tenant, _)| *tenant).collect();
        for tenant in &due {
            later.remove(tenant);
        }
        due
    }
}

/// Why an event was not handled.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{0}")]
    Handler(HandlerError),
    #[error("{}", HandlerError::from(.0))]
    Database(DbError),
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

/// Doubles with each attempt up to an hour; a random fifth more, so that what failed together does
/// not come back together.
fn pause(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    let secs = (PAUSE_SECS_MIN << doublings).min(PAUSE_SECS_MAX);
    TimeDelta::milliseconds(secs * 1_000 + rand::random_range(0..=secs * 200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        assert!(pause(1) >= TimeDelta::seconds(2) && pause(1) <= TimeDelta::milliseconds(2_400));
        assert!(pause(4) >= TimeDelta::seconds(16));
        assert!(pause(40) <= TimeDelta::seconds(4_320));
    }
}
