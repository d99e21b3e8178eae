//! The server's clock: read, moved where the week needs it, and put back at the end.

use std::sync::OnceLock;

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
    /// How far ahead of this machine's clock it was before it was moved first.
    found_ahead: OnceLock<TimeDelta>,
}

impl ServerClock {
    /// The clock of the server at `api`.
    pub(super) fn new(api: &str, desk: Browser) -> Self {
        Self { url: format!("{api}/dev/clock"), desk, found_ahead: OnceLock::new() }
    }

    /// What it tells.
    pub(super) async fn now(&self) -> Result<DateTime<Utc>, Failure> {
        self.desk.ask(Ask::page(&self.url)).await?.json()?.instant("/now")
    }

    /// Moves it to `to`.
    pub(super) async fn move_to(&self, to: DateTime<Utc>) -> Result<(), Failure> {
        let now = self.now().await?;
        self.found_ahead.get_or_init(|| now - Utc::now());
        self.set(to).await.map(drop)
    }

    /// Puts it back if it was moved, and tells the time it has then.
    pub(super) async fn put_back(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        match self.found_ahead.get() {
            Some(ahead) => self.set(Utc::now() + *ahead).await.map(Some),
            None => Ok(None),
        }
    }

    async fn set(&self, to: DateTime<Utc>) -> Result<DateTime<Utc>, Failure> {
        let ask = Ask::post_page(&self.url, Content::Json(json!({ "now": to })));
        self.desk.ask(ask).await?.json()?.instant("/now")
    }
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
