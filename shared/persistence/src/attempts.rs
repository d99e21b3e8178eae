//! Running work in a transaction: in a task of its own, and again when it lost to a concurrent one.

use std::{panic, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bk_kernel::TenantId;
use tokio::runtime::Handle;
use tracing::Instrument;

use crate::{
    Database, DbError, TenantTx,
    transaction::End,
    tx::{Access, CommitOutcome},
};

/// Attempts at one transaction, the first included.
const MAX_ATTEMPTS: usize = 5;

/// The first pause between two attempts; the others double, with jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// Runs `work` in a transaction of the tenant until it does not lose to a concurrent one, at most
/// [`MAX_ATTEMPTS`] times. A transaction whose `COMMIT` was sent and not answered is never repeated:
/// it may have been kept.
pub(crate) async fn until_won<I, T, E, F, Fut>(
    database: Database,
    tenant: TenantId,
    access: Access,
    input: I,
    work: F,
) -> Result<T, E>
where
    F: Fn(TenantTx, I) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    I: Clone,
    E: From<DbError>,
{
    let mut pauses = pauses();
    loop {
        let input = input.clone();
        let (result, outcome) = attempt(&database, tenant, access, |tx| work(tx, input)).await;
        match outcome.lost_race().then(|| pauses.next()).flatten() {
            Some(pause) if result.is_err() => tokio::time::sleep(pause).await,
            _ => return result,
        }
    }
}

/// Runs `work` once, and wakes the relay when it committed events.
pub(crate) async fn attempt<T, E, F, Fut>(
    database: &Database,
    tenant: TenantId,
    access: Access,
    work: F,
) -> (Result<T, E>, CommitOutcome)
where
    F: FnOnce(TenantTx) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: From<DbError>,
{
    let tx = match TenantTx::begin(database.connections(), tenant, access).await {
        Ok(tx) => tx,
        Err(error) => return (Err(error.into()), CommitOutcome::RolledBack { lost_race: false }),
    };
    let result = work(tx.clone()).await;
    let (result, outcome) = finish(result, async |how| tx.end(how).await).await;
    if outcome == (CommitOutcome::Committed { has_events: true }) {
        database.wake_relay();
    }
    (result, outcome)
}

/// Commits what succeeded and rolls back what failed. The failure of the work itself is the one
/// that is returned, even when the rollback fails too.
pub(crate) async fn finish<T, E: From<DbError>>(
    result: Result<T, E>,
    end: impl AsyncFnOnce(End) -> (Result<(), DbError>, CommitOutcome),
) -> (Result<T, E>, CommitOutcome) {
    match result {
        Ok(done) => {
            let (ended, outcome) = end(End::Commit).await;
            (ended.map(|()| done).map_err(E::from), outcome)
        }
        Err(error) => {
            let (_, outcome) = end(End::Rollback).await;
            (Err(error), outcome)
        }
    }
}

/// Runs to the end, on this runtime, whatever becomes of the caller.
pub(crate) async fn in_own_task<T, E>(
    runtime: Handle,
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    match runtime.spawn(work.in_current_span()).await {
        Ok(outcome) => outcome,
        Err(failure) => match failure.try_into_panic() {
            Ok(payload) => panic::resume_unwind(payload),
            Err(_) => Err(DbError::other("the runtime is shutting down").into()),
        },
    }
}

fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_max_times(MAX_ATTEMPTS - 1)
        .with_jitter()
        .build()
}
