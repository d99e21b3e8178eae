//! Notices to every instance that something cached has changed.
//!
//! [`notify`] rides on the transaction of the change (`NOTIFY` is delivered at commit), and one
//! [`listen`] per process hands each notice to the caches that subscribed. While an instance does not
//! receive notices, [`ListenerStatus`] says so and caches are bypassed, so nothing stale is served
//! for long.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use backon::BackoffBuilder;
use sqlx::postgres::PgListener;
use tokio_util::sync::CancellationToken;

use crate::{Database, DbError, TenantTx, store::sql};

const CHANNEL: &str = "bk_cache";

/// Whether notices reach this process. Clones share the answer.
#[derive(Debug, Clone)]
pub struct ListenerStatus(Arc<AtomicBool>);

impl ListenerStatus {
    /// Starts with `listening`; tests and single-process tools start with `true`.
    #[must_use]
    pub fn new(listening: bool) -> Self {
        Self(Arc::new(AtomicBool::new(listening)))
    }

    /// Whether caches may be used.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Records whether notices reach this process, for the listener and for tests.
    pub fn set(&self, listening: bool) {
        self.0.store(listening, Ordering::Release);
    }
}

/// What a cache does with the key of a notice. An empty key means that notices may have been missed:
/// everything is forgotten.
pub type Subscriber = Arc<dyn Fn(&str) + Send + Sync>;

/// Notifies every instance, at commit, that what is cached under `key` of `topic` has changed.
pub async fn notify(tx: &TenantTx, topic: &str, key: &str) -> Result<(), DbError> {
    let notice = format!("{topic} {key}");
    sql("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(notice).execute(tx).await?;
    Ok(())
}

/// Hands notices to the subscribers of their topic until cancelled. Reconnects by itself; while it
/// is not connected, `status` is false, and afterwards every cache is emptied.
pub async fn listen(
    database: Database,
    subscribers: Vec<(&'static str, Subscriber)>,
    status: ListenerStatus,
    stop: CancellationToken,
) {
    let mut topics: HashMap<&str, Vec<Subscriber>> = HashMap::new();
    for (topic, subscriber) in subscribers {
        topics.entry(topic).or_default().push(subscriber);
    }
    let pauses = || {
        backon::ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(5))
            .without_max_times()
            .with_jitter()
            .build()
    };
    let mut pause = pauses();
    loop {
        let outcome = tokio::select! {
            () = stop.cancelled() => return,
            outcome = listen_once(&database, &topics, &status) => outcome,
        };
        if status.is_listening() {
            status.set(false);
            pause = pauses();
        }
        if let Err(error) = outcome {
            tracing::warn!(error = %DbError::from(error), "cache notices are not received; caches are bypassed");
        }
        let wait = pause.next().unwrap_or(Duration::from_secs(5));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Listens on one connection until it breaks.
async fn listen_once(
    database: &Database,
    topics: &HashMap<&str, Vec<Subscriber>>,
    status: &ListenerStatus,
) -> Result<(), sqlx::Error> {
    #[expect(clippy::disallowed_methods, reason = "the one connection that listens")]
    let mut listener = PgListener::connect_with(database.libraries()).await?;
    // A silent reconnection would lose notices without anyone knowing.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    topics.values().flatten().for_each(|subscriber| subscriber(""));
    status.set(true);
    while let Some(notice) = listener.try_recv().await? {
        if let Some((topic, key)) = notice.payload().split_once(' ') {
            topics.get(topic).into_iter().flatten().for_each(|subscriber| subscriber(key));
        }
    }
    Ok(())
}
