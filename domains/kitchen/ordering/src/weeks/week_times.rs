//! The instants of an order week, which a tenant's schedule yields (docs/product.md, section 6).
//!
//! Local wall time is the rule, UTC the result; nothing here ever adds hours to an instant. A local
//! time in a gap becomes the first valid instant after it, an ambiguous one the earlier of its two.
//! Both are "the first instant at which the wall clock shows this time or later", so order is kept:
//! `opens_at <= closes_at <= cutoff_at <= opens_at` of the week after, in every zone. (A window that
//! lies wholly inside a gap is empty.)

use bk_kernel::WeeklySchedule;
use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Serialize};

use super::week_name::WeekName;

/// One order week with its instants, computed once and then stored. The window is half-open:
/// `opens_at <= t < closes_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekTimes {
    /// The name of the week.
    pub name: WeekName,
    /// From this instant drafts are accepted.
    pub opens_at: DateTime<Utc>,
    /// From this instant they are not.
    pub closes_at: DateTime<Utc>,
    /// At this instant confirmed orders lock.
    pub cutoff_at: DateTime<Utc>,
}

impl WeekTimes {
    /// Returns the order week of this name. Total: no zone, schedule or week makes it fail.
    #[must_use]
    pub fn of(schedule: &WeeklySchedule, name: WeekName) -> Self {
        let (window_opens, cutoff) = (schedule.window_opens(), schedule.cutoff());
        let cutoff_wall = name.date(cutoff.weekday()).and_time(cutoff.time());
        let opens_wall = shift(cutoff_wall, -i64::from(window_opens.minutes_until(cutoff)));
        let open_minutes = window_opens.minutes_until(schedule.window_closes());
        let closes_wall = shift(opens_wall, i64::from(open_minutes));
        let zone = schedule.time_zone();
        Self {
            name,
            opens_at: first_instant(zone, opens_wall),
            closes_at: first_instant(zone, closes_wall),
            cutoff_at: first_instant(zone, cutoff_wall),
        }
    }

    /// Returns `count` order weeks beginning with `first`.
    pub fn series(
        schedule: &WeeklySchedule,
        first: WeekName,
        count: usize,
    ) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(first), |name| Some(name.next()))
            .take(count)
            .map(|name| Self::of(schedule, name))
    }

    /// Returns the earliest week whose cutoff is after `now`: the one that is upcoming, open or
    /// closed. Before 1970 and after 9999 it is the first or last week there is.
    #[must_use]
    pub fn current(schedule: &WeeklySchedule, now: DateTime<Utc>) -> Self {
        // A zone's date is within a day of the UTC date: on a Sunday in UTC it can be Monday after the
        // cutoff in some zone, so the answer lies between the week before and the second week after.
        let near = WeekName::nearest(now.date_naive());
        Self::series(schedule, near.previous(), 4)
            .find(|week| week.cutoff_at > now)
            .unwrap_or_else(|| Self::of(schedule, WeekName::LAST))
    }
}

fn shift(wall: NaiveDateTime, minutes: i64) -> NaiveDateTime {
    // A week around 1970 to 9999 never leaves chrono's calendar, so this is never the fallback.
    wall.checked_add_signed(TimeDelta::minutes(minutes)).unwrap_or(wall)
}

/// The first instant at which the wall clock of `zone` shows `wall` or later.
fn first_instant(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) => at.to_utc(),
        LocalResult::Ambiguous(a, b) => a.to_utc().min(b.to_utc()),
        LocalResult::None => GapInfo::new(&wall, &zone)
            .and_then(|gap| gap.end)
            // Every gap ends; were the table to say otherwise, the offset of that time is the best guess.
            .map_or_else(|| zone.from_utc_datetime(&wall).to_utc(), |end| end.to_utc()),
    }
}

#[cfg(test)]
#[path = "week_times_tests.rs"]
mod tests;
