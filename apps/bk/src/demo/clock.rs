//! The server's clock: read, moved where the week needs it, and put back at the end.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{
    ask::{Ask, Content},
    browser::Browser,
    failure::Failure,
};

/// A window that closes sooner than this is as good as closed.
const ROOM: TimeDelta = TimeDelta::minutes(5);
/// How long after the opening the clock is put when it is moved into a window.
const AFTER_OPENING: TimeDelta = TimeDelta::hours(1);

/// The clock of the server.
#[derive(Debug)]
pub(super) struct ServerClock {
    url: String,
    desk: Browser,
    /// While it is moved: how far ahead of this machine's clock it was before.
    found_ahead: Mutex<Option<TimeDelta>>,
}

impl ServerClock {
    /// The clock of the server at `api`.
    pub(super) fn new(api: &str, desk: Browser) -> Self {
        Self { url: format!("{api}/dev/clock"), desk, found_ahead: Mutex::default() }
    }

    /// What it tells.
    pub(super) async fn now(&self) -> Result<DateTime<Utc>, Failure> {
        self.desk.ask(Ask::page(&self.url)).await?.json()?.instant("/now")
    }

    /// Moves it to `to`.
    pub(super) async fn move_to(&self, to: DateTime<Utc>) -> Result<(), Failure> {
        let now = self.now().await?;
        self.remember(|found| *found = found.or(Some(now - Utc::now())));
        self.set(to).await.map(drop)
    }

    /// Puts it back if it was moved, and tells the time it has then.
    pub(super) async fn put_back(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        let Some(ahead) = self.remember(|found| *found) else { return Ok(None) };
        let now = self.set(Utc::now() + ahead).await?;
        self.remember(|found| *found = None);
        Ok(Some(now))
    }

    fn remember<T>(&self, what: impl FnOnce(&mut Option<TimeDelta>) -> T) -> T {
        what(&mut self.found_ahead.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn set(&self, to: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
        let ask = Ask::post_page(&self.url, Content::Json(json!({ "now": to })));
        self.desk.ask(ask).await?.json()?.instant("/now")
    }
}

/// An instant for people, to the second.
pub(super) fn told(at: DateTime<Utc>) -> impl fmt::Display {
    at.format("%Y-%m-%d %H:%M:%S UTC")
}

/// Where to move the clock so that a window is open; none when it is open already.
pub(super) fn into_window(
    now: DateTime<Utc>,
    opens_at: DateTime<Utc>,
    closes_at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let open = opens_at <= now && now + ROOM < closes_at;
    (!open).then(|| (opens_at + AFTER_OPENING).min(opens_at + (closes_at - opens_at) / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn an_open_window_needs_no_move_and_any_other_time_is_moved_into_it() {
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
            assert_eq!(into_window(at(now), opens, closes), expected, "{now}");
        }
    }

    #[test]
    fn a_window_shorter_than_two_hours_is_entered_half_way() {
        let (opens, closes) = (at("2026-11-27T01:00:00Z"), at("2026-11-27T02:00:00Z"));
        assert_eq!(
            into_window(at("2026-11-20T00:00:00Z"), opens, closes),
            Some(at("2026-11-27T01:30:00Z"))
        );
    }
}
