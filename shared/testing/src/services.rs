//! Services that tests need besides PostgreSQL.

use std::{
    env,
    io::{self, Write},
};

/// Where the Redis for tests is, as `REDIS_URL` says. None when it says nothing: the test of that
/// name is then skipped, and this says so on the process's own error output, which a test runner
/// shows for a test that passes too. `.ci/run` fails when it finds such a line.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "tests are configured by the environment")]
pub fn redis_url(test: &str) -> Option<String> {
    let url = env::var("REDIS_URL").ok();
    if url.is_none() {
        // Not `eprintln!`, which the test harness keeps to itself.
        let _ = writeln!(io::stderr(), "SKIPPED: {test}: REDIS_URL is not set");
    }
    url
}
