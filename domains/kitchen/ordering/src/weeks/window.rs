//! Where an order week stands at an instant, and proofs of it that use cases ask for
//! (product page, section 6).

use bk_kernel::Code;
use bk_kitchen_core::named;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{schedule::OrderWeek, week_name::WeekName};

/// The phases of an order week, in order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WindowState {
    /// Before `opens_at`.
    Upcoming,
    /// `opens_at <= now < closes_at`.
    Open,
    /// `closes_at <= now < cutoff_at`.
    Closed,
    /// `cutoff_at <= now`.
    Locked,
}

named!(WindowState, "a window state", "UPCOMING, OPEN, CLOSED, LOCKED", {
    Upcoming = "UPCOMING",
    Open = "OPEN",
    Closed = "CLOSED",
    Locked = "LOCKED",
});

/// The window is not in the phase the action needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the ordering window of {week} is {state}")]
pub struct WindowRefused {
    /// Which week.
    pub week: WeekName,
    /// Where it stands.
    pub state: WindowState,
}

impl WindowRefused {
    /// The code a client is answered with.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::WindowClosed
    }
}

impl OrderWeek {
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

/// Proof that the window was open when it was checked. Editing and confirming a draft need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenWindow(WeekName);

impl OpenWindow {
    /// Proof, or where the week stands instead.
    pub fn check(week: &OrderWeek, now: DateTime<Utc>) -> Result<Self, WindowRefused> {
        match week.state_at(now) {
            WindowState::Open => Ok(Self(week.name)),
            state => Err(WindowRefused { week: week.name, state }),
        }
    }

    /// The week it is proof for.
    #[must_use]
    pub const fn week(self) -> WeekName {
        self.0
    }
}

/// Proof that the cutoff had not come when it was checked. Cancelling a confirmed order needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeforeCutoff(WeekName);

impl BeforeCutoff {
    /// Proof, or the fact that the week is locked.
    pub fn check(week: &OrderWeek, now: DateTime<Utc>) -> Result<Self, WindowRefused> {
        match week.state_at(now) {
            state @ WindowState::Locked => Err(WindowRefused { week: week.name, state }),
            WindowState::Upcoming | WindowState::Open | WindowState::Closed => Ok(Self(week.name)),
        }
    }

    /// The week it is proof for.
    #[must_use]
    pub const fn week(self) -> WeekName {
        self.0
    }
}

/// Proof that the window had closed when it was checked: the time of late orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateWindow {
    week: WeekName,
    after_cutoff: bool,
}

impl LateWindow {
    /// Proof, or where the week stands instead.
    pub fn check(week: &OrderWeek, now: DateTime<Utc>) -> Result<Self, WindowRefused> {
        let late = |after_cutoff| Ok(Self { week: week.name, after_cutoff });
        match week.state_at(now) {
            WindowState::Closed => late(false),
            WindowState::Locked => late(true),
            state @ (WindowState::Upcoming | WindowState::Open) => {
                Err(WindowRefused { week: week.name, state })
            }
        }
    }

    /// The week it is proof for.
    #[must_use]
    pub const fn week(self) -> WeekName {
        self.week
    }

    /// True when an order confirmed now is locked at once and goes on the production delta.
    #[must_use]
    pub const fn after_cutoff(self) -> bool {
        self.after_cutoff
    }
}

/// What confirming needs: the open window, or the late window together with the authority that the
/// use case has established (a redeemed voucher or a manager's decision).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmWindow {
    /// In time.
    Open(OpenWindow),
    /// Late, with authority.
    Late(LateWindow),
}

impl ConfirmWindow {
    /// The week it is proof for.
    #[must_use]
    pub const fn week(self) -> WeekName {
        match self {
            Self::Open(window) => window.week(),
            Self::Late(window) => window.week(),
        }
    }

    /// Whether the order is flagged late.
    #[must_use]
    pub const fn is_late(self) -> bool {
        matches!(self, Self::Late(_))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use chrono_tz::Tz;

    use super::*;
    use crate::weeks::schedule::Schedule;

    #[test]
    fn the_window_is_half_open() {
        let week = Schedule::standard(Tz::Australia__Brisbane).week("2026-W49".parse().unwrap());
        let ms = TimeDelta::milliseconds(1);
        for (now, state) in [
            (week.opens_at - ms, WindowState::Upcoming),
            (week.opens_at, WindowState::Open),
            (week.closes_at - ms, WindowState::Open),
            (week.closes_at, WindowState::Closed),
            (week.cutoff_at - ms, WindowState::Closed),
            (week.cutoff_at, WindowState::Locked),
        ] {
            assert_eq!(week.state_at(now), state);
            assert_eq!(OpenWindow::check(&week, now).is_ok(), state == WindowState::Open);
            assert_eq!(BeforeCutoff::check(&week, now).is_ok(), state != WindowState::Locked);
            assert_eq!(LateWindow::check(&week, now).is_ok(), state >= WindowState::Closed);
        }
        let late = LateWindow::check(&week, week.cutoff_at).unwrap();
        assert!(late.after_cutoff());
        let refused = OpenWindow::check(&week, week.closes_at).unwrap_err();
        assert_eq!(refused.to_string(), "the ordering window of 2026-W49 is CLOSED");
    }
}
