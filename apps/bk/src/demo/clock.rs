//! The server's clock, which the demo moves to the times that the week needs and restores at the end.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    browser::Browser,
    failure::Failure,
    request::{Body, Request},
};

/// A window that closes sooner than this counts as closed.
const MIN_TIME_LEFT: TimeDelta = TimeDelta::minutes(5);
/// How long after the opening of a window the clock is moved to.
const TIME_AFTER_OPENING: TimeDelta = TimeDelta::hours(1);

/// The server's clock, read and set through its development page.
#[derive(Debug)]
pub(super) struct ServerClock {
    url: String,
    browser: Browser,
    /// While the clock is moved: how far it was ahead of this machine's clock before.
    original_offset: Mutex<Option<TimeDelta>>,
}

impl ServerClock {
    /// Returns the clock of the server at the origin `api`.
    pub(super) fn new(api: &str, browser: Browser) -> Self {
        Self { url: format!("{api}/dev/clock"), browser, original_offset: Mutex::default() }
    }

    /// Returns the current time of the server.
    pub(super) async fn now(&self) -> Result<DateTime<Utc>, Failure> {
        self.browser.send(Request::page(&self.url)).await?.json()?.instant("/now")
    }

    /// Moves the clock to `to`.
    #[expect(clippy::disallowed_methods, reason = "compares the server's clock with the machine's")]
    pub(super) async fn move_to(&self, to: DateTime<Utc>) -> Result<(), Failure> {
        let now = self.now().await?;
        self.with_offset(|offset| *offset = offset.or(Some(now - Utc::now())));
        self.set(to).await.map(drop)
    }

    /// Restores the clock and returns its time; `None` when it was not moved.
    #[expect(clippy::disallowed_methods, reason = "compares the server's clock with the machine's")]
    pub(super) async fn restore(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        let Some(offset) = self.with_offset(|offset| *offset) else { return Ok(None) };
        let now = self.set(Utc::now() + offset).await?;
        self.with_offset(|offset| *offset = None);
        Ok(Some(now))
    }

    fn with_offset<T>(&self, access: impl FnOnce(&mut Option<TimeDelta>) -> T) -> T {
        access(&mut self.original_offset.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn set(&self, to: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
        let request = Request::post_page(&self.url, Body::Json(json!({ "now": to })));
        self.browser.send(request).await?.json()?.instant("/now")
    }
}

/// Formats an instant to the second.
pub(super) fn format_instant(at: DateTime<Utc>) -> impl fmt::Display {
    at.format("%Y-%m-%d %H:%M:%S UTC")
}

/// Returns an instant in a window, to move the clock to; `None` when the window is open already.
pub(super) fn instant_in_window(
    now: DateTime<Utc>,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let is_open = opens_at <= now && now + MIN_TIME_LEFT < closes_at;
    (!is_open).then(|| (opens_at + TIME_AFTER_OPENING).min(opens_at + (closes_at - opens_at) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn an_open_window_needs_no_move_and_any_other_time_moves_to_an_hour_after_opening() {
        let (opens, closes) = (at("2026-11-27T01:00:00Z"), at("2026-11-29T13:00:00Z"));
        let inside = Some(at("2026-11-27T02:00:00Z"));
        for (now, expected) in [
            ("2026-11-24T00:00:00Z", inside),
            ("2026-11-27T00:59:59Z", inside),
            ("2026-11-27T01:00:00Z", None),
            ("2026-11-29T12:54:59Z", None),
            ("2026-11-29T12:55:00Z", inside),
            ("2026-11-29T13:00:00Z", inside),
        ] {
            assert_eq!(instant_in_window(at(now), opens, closes), expected, "{now}");
        }
    }

    #[test]
    fn a_window_shorter_than_two_hours_moves_to_its_middle() {
        let (opens, closes) = (at("2026-11-27T01:00:00Z"), at("2026-11-27T02:00:00Z"));
        assert_eq!(
            instant_in_window(at("2026-11-20T00:00:00Z"), opens, closes),
            Some(at("2026-11-27T01:30:00Z"))
        );
    }
}
