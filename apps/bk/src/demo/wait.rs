//! Waiting for what the server does by itself: mail, weeks, packs. Bounded.

use std::time::{Duration, Instant};

use super::failure::Failure;

/// How long the background worker may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks; two a second stay far below every limit on reads.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks until there is something.
pub(super) async fn wait_for<T>(
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    let since = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if since.elapsed() >= PATIENCE {
            let waited_secs = since.elapsed().as_secs();
            return Err(Failure::Waited { what: what.to_owned(), waited_secs });
        }
        tokio::time::sleep(PAUSE).await;
    }
}
