//! Waiting for the background work of the server, such as mail, weeks and packs.

use std::time::{Duration, Instant};

use super::failure::Failure;

/// How long the background worker may take, also on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(90);
/// Time between two polls, which is far below every rate limit.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Polls until there is a value. Fails with [`Failure::TimedOut`] when there is none in time; `what` names it.
pub(super) async fn wait_for<T>(
    what: &str,
    mut poll: impl AsyncFnMut() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let started = Instant::now();
    loop {
        if let Some(found) = poll().await? {
            return Ok(found);
        }
        if started.elapsed() >= TIMEOUT {
            let waited_secs = started.elapsed().as_secs();
            return Err(Failure::TimedOut { what: what.to_owned(), waited_secs });
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
