//! What runs beside the requests: jobs, the delivery of facts, the listener for cache notices and
//! maintenance.

use std::{fmt, time::Duration};

use bk_persistence::{
    Database,
    invalidation::{self, ListenerStatus},
    jobs::{JobsError, Registry, Runner},
    outbox::Relay,
};
use bk_telemetry::MetricsHandle;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Product;

/// How often spent samples are dropped.
const METRICS_MAINTENANCE_INTERVAL: Duration = Duration::from_secs(5);

/// Tasks that run until they are asked to stop.
pub struct Background {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Background {
    /// Nothing yet; everything started here ends when `stop` is cancelled.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Self {
        Self { tasks: JoinSet::new(), stop }
    }

    /// Listens for cache notices. Until it is connected, caches are bypassed.
    pub fn listen(&mut self, database: &Database, product: &Product, listener: &ListenerStatus) {
        self.tasks.spawn(invalidation::listen(
            database.clone(),
            product.invalidations(),
            listener.clone(),
            self.stop.clone(),
        ));
    }

    /// Runs the jobs and delivers the facts; nothing for a product that does no background work.
    /// Refuses a wrong schedule before anything runs.
    pub fn work(&mut self, product: &Product) -> Result<(), JobsError> {
        let Some(database) = product.worker() else { return Ok(()) };
        let mut registry = Registry::new();
        product.register_jobs(&mut registry);
        let runner = Runner::new(database.clone(), registry, product.clock.clone())?;
        let relay = Relay::new(database.clone(), product.fact_handlers(), product.clock.clone());
        let (jobs, facts) = (self.stop.clone(), self.stop.clone());
        self.tasks.spawn(async move { runner.run(jobs).await });
        self.tasks.spawn(async move { relay.run(facts).await });
        let (admin, stop) = (product.clone(), self.stop.clone());
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = sync_builtin_roles(&admin) => {}
            }
        });
        Ok(())
    }

    /// Keeps the metrics small.
    pub fn maintain_metrics(&mut self, metrics: MetricsHandle) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(METRICS_MAINTENANCE_INTERVAL) => metrics.run_maintenance(),
                }
            }
        });
    }

    /// Tells everything to stop and waits until it has.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a background task broke");
            }
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}

/// This version may know permissions that the built-in roles do not have yet.
async fn sync_builtin_roles(product: &Product) {
    match product.admin.sync_builtin_roles().await {
        Ok(0) => {}
        Ok(tenants) => tracing::info!(tenants, "built-in roles were brought up to date"),
        Err(error) => tracing::warn!(%error, "built-in roles could not be brought up to date"),
    }
}
