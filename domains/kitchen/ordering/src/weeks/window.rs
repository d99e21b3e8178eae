//! Where an order week stands at an instant, and proofs of it that use cases ask for
//! (docs/product.md, section 6).

use bk_kernel::OrderWeekId;
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{order_week::OrderWeek, week_name::WeekName, week_times::WeekTimes};

bk_kernel::string_enum! {
    /// The phases of an order week, in order of time.
    pub enum WindowState: "a window state" {
        /// Before `opens_at`.
        Upcoming = "UPCOMING",
        /// `opens_at <= now < closes_at`.
        Open = "OPEN",
        /// `closes_at <= now < cutoff_at`.
        Closed = "CLOSED",
        /// `cutoff_at <= now`.
        Locked = "LOCKED",
    }
}

/// The window is not in the phase the action needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the ordering window of {week} is {state}")]
pub struct WindowRefused {
    /// The week whose window it is.
    pub week: WeekName,
    /// Where the week stands.
    pub state: WindowState,
}

impl WeekTimes {
    /// Where the week stands at `now`.
    #[must_use]
    pub fn state_at(&self, now: DateTime<Utc>) -> WindowState {
        if now >= self.cutoff_at {
            WindowState::Locked
        } else if now >= self.closes_at {
            WindowState::Closed
        } else if now >= self.opens_at {
            WindowState::Open
        } else {
            WindowState::Upcoming
        }
    }
}

/// Proof that the window of a week was open, and the week not locked, when it was checked. Drafting and
/// confirming need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenWindow(OrderWeekId);

impl OpenWindow {
    /// Returns the proof. Fails, and says where the week stands, when it is not so at `now`.
    pub fn check(week: &OrderWeek, now: DateTime<Utc>) -> Result<Self, WindowRefused> {
        match state_of(week, now) {
            WindowState::Open => Ok(Self(week.id)),
            state => Err(WindowRefused { week: week.times.name, state }),
        }
    }

    /// The id of the week it is proof for.
    #[must_use]
    pub const fn week_id(self) -> OrderWeekId {
        self.0
    }
}

/// Proof that the cutoff of a week had not come, nor the week been locked, when it was checked.
/// Cancelling a confirmed order needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeforeCutoff(OrderWeekId);

impl BeforeCutoff {
    /// Returns the proof. Fails when the week is locked at `now`.
    pub fn check(week: &OrderWeek, now: DateTime<Utc>) -> Result<Self, WindowRefused> {
        match state_of(week, now) {
            state @ WindowState::Locked => Err(WindowRefused { week: week.times.name, state }),
            WindowState::Upcoming | WindowState::Open | WindowState::Closed => Ok(Self(week.id)),
        }
    }

    /// The id of the week it is proof for.
    #[must_use]
    pub const fn week_id(self) -> OrderWeekId {
        self.0
    }
}

/// Proof that the cutoff of a week had come when it was checked. Locking its orders and ending its
/// drafts need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterCutoff(OrderWeekId);

impl AfterCutoff {
    /// Returns the proof. Fails, and says where the week stands, when it is not so at `now`.
    pub fn check(week: &OrderWeek, now: DateTime<Utc>) -> Result<Self, WindowRefused> {
        match week.times.state_at(now) {
            WindowState::Locked => Ok(Self(week.id)),
            state => Err(WindowRefused { week: week.times.name, state }),
        }
    }

    /// The id of the week it is proof for.
    #[must_use]
    pub const fn week_id(self) -> OrderWeekId {
        self.0
    }
}

/// Where a week stands. One whose lock has run is locked, whatever the clock says.
fn state_of(week: &OrderWeek, now: DateTime<Utc>) -> WindowState {
    if week.locked_at.is_some() { WindowState::Locked } else { week.times.state_at(now) }
}

#[cfg(test)]
mod tests {
    use bk_kernel::WeeklySchedule;
    use chrono::TimeDelta;
    use chrono_tz::Tz;

    use super::*;

    fn brisbane_week() -> WeekTimes {
        let schedule = WeeklySchedule::standard(Tz::Australia__Brisbane);
        WeekTimes::of(&schedule, "2026-W49".parse().unwrap())
    }

    #[test]
    fn the_window_is_half_open() {
        let times = brisbane_week();
        let time_zone = "Australia/Brisbane".to_owned();
        let week = OrderWeek { id: OrderWeekId::new(), times, time_zone, locked_at: None };
        let ms = TimeDelta::milliseconds(1);
        for (now, state) in [
            (times.opens_at - ms, WindowState::Upcoming),
            (times.opens_at, WindowState::Open),
            (times.closes_at - ms, WindowState::Open),
            (times.closes_at, WindowState::Closed),
            (times.cutoff_at - ms, WindowState::Closed),
            (times.cutoff_at, WindowState::Locked),
        ] {
            assert_eq!(times.state_at(now), state);
            assert_eq!(OpenWindow::check(&week, now).is_ok(), state == WindowState::Open);
            assert_eq!(BeforeCutoff::check(&week, now).is_ok(), state != WindowState::Locked);
            assert_eq!(AfterCutoff::check(&week, now).is_ok(), state == WindowState::Locked);
        }
        let refused = OpenWindow::check(&week, times.closes_at).unwrap_err();
        assert_eq!(refused.to_string(), "the ordering window of 2026-W49 is CLOSED");
    }

    #[test]
    fn a_week_that_is_locked_is_neither_open_nor_before_its_cutoff() {
        let times = brisbane_week();
        let (time_zone, locked_at) = ("Australia/Brisbane".to_owned(), Some(times.opens_at));
        let week = OrderWeek { id: OrderWeekId::new(), times, time_zone, locked_at };
        assert!(OpenWindow::check(&week, times.opens_at).is_err());
        assert!(BeforeCutoff::check(&week, times.opens_at).is_err());
    }
}
