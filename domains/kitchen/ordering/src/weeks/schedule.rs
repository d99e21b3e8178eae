//! A tenant's weekly schedule and the instants it yields (product page, section 6).
//!
//! Local wall time is the rule, UTC the result; nothing here ever adds hours to an instant. A local
//! time in a gap becomes the first valid instant after it, an ambiguous one the earlier of its two.
//! Both are "the first instant at which the wall clock shows this time or later", so order is kept:
//! `opens_at <= closes_at <= cutoff_at <= opens_at` of the week after, in every zone. (A window that
//! lies wholly inside a gap is empty.)

use std::{fmt, str::FromStr};

use chrono::{
    DateTime, LocalResult, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday,
};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::week_name::WeekName;

/// Minutes in a week of wall time.
const WEEK_MINUTES: i64 = 7 * 24 * 60;

/// Why a schedule was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// Not the name of an IANA zone.
    #[error("the time zone is an IANA name such as Australia/Sydney")]
    Zone,
    /// Not `HH:MM`, 00:00 to 23:59.
    #[error("a time of day is written HH:MM, 00:00 to 23:59")]
    Time,
    /// Not `MON` to `SUN`.
    #[error("a weekday is one of MON, TUE, WED, THU, FRI, SAT, SUN")]
    Weekday,
    /// Going forward from the opening, the close does not come after it and before the next opening.
    #[error("the window closes after it opens, within one week")]
    CloseNotAfterOpen,
    /// Going forward from the opening, the cutoff comes before the close.
    #[error("the cutoff is at the close or after it, within one week of the opening")]
    CutoffBeforeClose,
}

/// A weekday and a time of day on the wall clock, to the minute.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct WallTime {
    weekday: Weekday,
    time: NaiveTime,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWallTime {
    weekday: String,
    time: String,
}

impl WallTime {
    /// A time of the week. `None` unless the hour is 0 to 23 and the minute 0 to 59.
    #[must_use]
    pub fn new(weekday: Weekday, hour: u32, minute: u32) -> Option<Self> {
        NaiveTime::from_hms_opt(hour, minute, 0).map(|time| Self { weekday, time })
    }

    /// Reads `FRI` and `12:00`.
    pub fn parse(weekday: &str, time: &str) -> Result<Self, ScheduleError> {
        let day =
            WEEKDAYS.iter().find(|(_, name)| *name == weekday).ok_or(ScheduleError::Weekday)?.0;
        let &[h1, h2, b':', m1, m2] = time.as_bytes() else { return Err(ScheduleError::Time) };
        let two = |tens: u8, ones: u8| {
            let digit = |byte: u8| char::from(byte).to_digit(10);
            Some(digit(tens)? * 10 + digit(ones)?)
        };
        let (Some(hour), Some(minute)) = (two(h1, h2), two(m1, m2)) else {
            return Err(ScheduleError::Time);
        };
        Self::new(day, hour, minute).ok_or(ScheduleError::Time)
    }

    /// `MON` to `SUN`.
    #[must_use]
    pub fn weekday_code(self) -> &'static str {
        WEEKDAYS.iter().find(|(day, _)| *day == self.weekday).map_or("MON", |(_, name)| name)
    }

    /// `HH:MM`.
    #[must_use]
    pub fn time_text(self) -> String {
        format!("{:02}:{:02}", self.time.hour(), self.time.minute())
    }

    /// Minutes since Monday 00:00 on the wall clock.
    fn minute_of_week(self) -> i64 {
        let days = i64::from(self.weekday.num_days_from_monday());
        days * 24 * 60 + i64::from(self.time.num_seconds_from_midnight() / 60)
    }

    /// Wall minutes from `self` forward to the next `later`, 0 when they are the same time.
    fn minutes_until(self, later: Self) -> i64 {
        (later.minute_of_week() - self.minute_of_week()).rem_euclid(WEEK_MINUTES)
    }
}

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "MON"),
    (Weekday::Tue, "TUE"),
    (Weekday::Wed, "WED"),
    (Weekday::Thu, "THU"),
    (Weekday::Fri, "FRI"),
    (Weekday::Sat, "SAT"),
    (Weekday::Sun, "SUN"),
];

impl fmt::Debug for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.weekday_code(), self.time_text())
    }
}

impl TryFrom<RawWallTime> for WallTime {
    type Error = ScheduleError;

    fn try_from(raw: RawWallTime) -> Result<Self, Self::Error> {
        Self::parse(&raw.weekday, &raw.time)
    }
}

impl From<WallTime> for RawWallTime {
    fn from(wall: WallTime) -> Self {
        Self { weekday: wall.weekday_code().to_owned(), time: wall.time_text() }
    }
}

/// When a tenant's order weeks open, close and are cut off. Valid by construction: going forward
/// from the opening, `open < close <= cutoff`, all within one week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawSchedule", into = "RawSchedule")]
pub struct Schedule {
    zone: Tz,
    opens: WallTime,
    closes: WallTime,
    cutoff: WallTime,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSchedule {
    zone: String,
    opens: RawWallTime,
    closes: RawWallTime,
    cutoff: RawWallTime,
}

impl Schedule {
    /// A schedule, if its times are in order.
    pub fn new(
        zone: Tz,
        opens: WallTime,
        closes: WallTime,
        cutoff: WallTime,
    ) -> Result<Self, ScheduleError> {
        let to_close = opens.minutes_until(closes);
        if to_close == 0 {
            return Err(ScheduleError::CloseNotAfterOpen);
        }
        if opens.minutes_until(cutoff) < to_close {
            return Err(ScheduleError::CutoffBeforeClose);
        }
        Ok(Self { zone, opens, closes, cutoff })
    }

    /// The default settings in a zone: opens Friday 12:00, closes Monday 00:00, cutoff Monday 09:00.
    #[must_use]
    pub const fn standard(zone: Tz) -> Self {
        Self {
            zone,
            opens: WallTime { weekday: Weekday::Fri, time: hour(12) },
            closes: WallTime { weekday: Weekday::Mon, time: hour(0) },
            cutoff: WallTime { weekday: Weekday::Mon, time: hour(9) },
        }
    }

    /// Reads an IANA zone name.
    pub fn parse_zone(name: &str) -> Result<Tz, ScheduleError> {
        Tz::from_str(name).map_err(|_| ScheduleError::Zone)
    }

    /// The zone.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// When the window opens.
    #[must_use]
    pub const fn opens(&self) -> WallTime {
        self.opens
    }

    /// When it closes; at this time it is closed.
    #[must_use]
    pub const fn closes(&self) -> WallTime {
        self.closes
    }

    /// When production is fixed.
    #[must_use]
    pub const fn cutoff(&self) -> WallTime {
        self.cutoff
    }

    /// The order week of this name. Total: no zone, schedule or week makes it fail.
    #[must_use]
    pub fn week(&self, name: WeekName) -> WeekTimes {
        let cutoff = name.date(self.cutoff.weekday).and_time(self.cutoff.time);
        let opens = shift(cutoff, -self.opens.minutes_until(self.cutoff));
        let closes = shift(opens, self.opens.minutes_until(self.closes));
        WeekTimes {
            name,
            opens_at: first_instant(self.zone, opens),
            closes_at: first_instant(self.zone, closes),
            cutoff_at: first_instant(self.zone, cutoff),
        }
    }

    /// `count` order weeks beginning with `first`.
    pub fn weeks(&self, first: WeekName, count: usize) -> impl Iterator<Item = WeekTimes> {
        std::iter::successors(Some(first), |name| Some(name.next()))
            .take(count)
            .map(|name| self.week(name))
    }

    /// The earliest week whose cutoff is after `now`: the one that is upcoming, open or closed. Before
    /// 1970 and after 9999 it is the first or last week there is.
    #[must_use]
    pub fn current(&self, now: DateTime<Utc>) -> WeekTimes {
        // A zone's date is within a day of the UTC date: on a Sunday in UTC it can be Monday after the
        // cutoff somewhere, so the answer lies between the week before and the second week after.
        let here = WeekName::nearest(now.date_naive());
        self.weeks(here.previous(), 4)
            .find(|week| week.cutoff_at > now)
            .unwrap_or_else(|| self.week(WeekName::LAST))
    }
}

impl TryFrom<RawSchedule> for Schedule {
    type Error = ScheduleError;

    fn try_from(raw: RawSchedule) -> Result<Self, Self::Error> {
        Self::new(
            Self::parse_zone(&raw.zone)?,
            raw.opens.try_into()?,
            raw.closes.try_into()?,
            raw.cutoff.try_into()?,
        )
    }
}

impl From<Schedule> for RawSchedule {
    fn from(schedule: Schedule) -> Self {
        Self {
            zone: schedule.zone.name().to_owned(),
            opens: schedule.opens.into(),
            closes: schedule.closes.into(),
            cutoff: schedule.cutoff.into(),
        }
    }
}

/// One order week with its instants, computed once and then stored. The window is half-open:
/// `opens_at <= t < closes_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekTimes {
    /// Its name.
    pub name: WeekName,
    /// From this instant drafts are accepted.
    pub opens_at: DateTime<Utc>,
    /// From this instant they are not.
    pub closes_at: DateTime<Utc>,
    /// At this instant confirmed orders lock.
    pub cutoff_at: DateTime<Utc>,
}

/// A whole hour before noon of the clock; `const`, so that the default schedule needs no fallback.
const fn hour(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
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
#[path = "schedule_tests.rs"]
mod tests;
