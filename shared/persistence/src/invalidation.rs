//! Telling every instance that something cached has changed.
//!
//! [`publish`] rides on the transaction of the change (`NOTIFY` is delivered at commit), and one
//! [`listen`] per process hands each notice to the caches that subscribed. While an instance cannot
//! hear, [`ListenerStatus`] says so and caches are bypassed, so nothing stale is ever served for long.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use backon::BackoffBuilder;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use sqlx::postgres::PgListener;
use tokio_util::sync::CancellationToken;

use crate::{Database, DbError, TenantTx};

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

    /// The same, under its old name.
    #[must_use]
    pub fn is_hearing(&self) -> bool {
        self.is_listening()
    }

    /// Changes the answer.
    pub fn set(&self, listening: bool) {
        self.0.store(listening, Ordering::Release);
    }
}

/// The old name.
pub use ListenerStatus as Hearing;

/// What a subscriber does with the key of a notice. An empty key means: forget everything, because
/// notices may have been missed.
pub type Subscriber = Arc<dyn Fn(&str) + Send + Sync>;

/// Tells every instance, at commit, that what is cached under `key` of `topic` has changed.
pub async fn publish(tx: &TenantTx, topic: &str, key: &str) -> Result<(), DbError> {
    let notice = format!("{topic} {key}");
    tx.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT pg_notify($1, $2)",
        [CHANNEL.into(), notice.into()],
    ))
    .await?;
    Ok(())
}

/// Hands notices to the subscribers of their topic until cancelled. Reconnects by itself; while it
/// is not connected, `hearing` is false, and afterwards every cache is emptied.
pub async fn listen(
    database: Database,
    subscribers: Vec<(&'static str, Subscriber)>,
    hearing: ListenerStatus,
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
            outcome = hear(&database, &topics, &hearing) => outcome,
        };
        if hearing.is_hearing() {
            hearing.set(false);
            pause = pauses();
        }
        if let Err(error) = outcome {
            tracing::warn!(error = %DbError::from(error), "cache notices are not heard; caches are bypassed");
        }
        let wait = pause.next().unwrap_or(Duration::from_secs(5));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Listens on one connection until it breaks.
async fn hear(
    database: &Database,
    topics: &HashMap<&str, Vec<Subscriber>>,
    hearing: &ListenerStatus,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(database.libraries()).await?;
    // A silent reconnection would lose notices without anyone knowing.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    topics.values().flatten().for_each(|forget| forget(""));
    hearing.set(true);
    while let Some(notice) = listener.try_recv().await? {
        if let Some((topic, key)) = notice.payload().split_once(' ') {
            topics.get(topic).into_iter().flatten().for_each(|forget| forget(key));
        }
    }
    Ok(())
}
