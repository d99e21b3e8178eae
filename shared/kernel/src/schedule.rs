//! The weekly schedule of a tenant: local wall times in an IANA zone (docs/product.md, section 6).
//!
//! It is parsed where it enters (the settings form, a stored row, a file) and valid from then on:
//! going forward from the opening, the window closes after it opens and the cutoff is not before the
//! close, all within one week. The instants it yields are computed where order weeks are made.

use std::{fmt, str::FromStr};

use chrono::{NaiveTime, Timelike, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const MINUTES_PER_DAY: u32 = 24 * 60;
const MINUTES_PER_WEEK: u32 = 7 * MINUTES_PER_DAY;

const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "MON"),
    (Weekday::Tue, "TUE"),
    (Weekday::Wed, "WED"),
    (Weekday::Thu, "THU"),
    (Weekday::Fri, "FRI"),
    (Weekday::Sat, "SAT"),
    (Weekday::Sun, "SUN"),
];

/// A weekday and a time of day on the wall clock, to the minute. Written `FRI 12:00`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct WallTime {
    weekday: Weekday,
    time: NaiveTime,
}

/// A text that is no [`WallTime`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time of the week is written as a day and a time, such as FRI 12:00")]
pub struct NotAWallTime;

impl WallTime {
    /// A time of the week; none unless `hour` is 0 to 23 and `minute` 0 to 59.
    #[must_use]
    pub fn new(weekday: Weekday, hour: u32, minute: u32) -> Option<Self> {
        Some(Self { weekday, time: NaiveTime::from_hms_opt(hour, minute, 0)? })
    }

    /// A whole hour; midnight when there is no such hour.
    const fn at_hour(weekday: Weekday, hour: u32) -> Self {
        match NaiveTime::from_hms_opt(hour, 0, 0) {
            Some(time) => Self { weekday, time },
            None => Self { weekday, time: NaiveTime::MIN },
        }
    }

    /// The day of the week.
    #[must_use]
    pub const fn weekday(self) -> Weekday {
        self.weekday
    }

    /// The time of day.
    #[must_use]
    pub const fn time(self) -> NaiveTime {
        self.time
    }

    /// Wall minutes from this time forward to the next `later`; 0 when they are the same.
    #[must_use]
    pub fn minutes_until(self, later: Self) -> u32 {
        (later.minute_of_week() + MINUTES_PER_WEEK - self.minute_of_week()) % MINUTES_PER_WEEK
    }

    /// Minutes since Monday 00:00.
    fn minute_of_week(self) -> u32 {
        self.weekday.num_days_from_monday() * MINUTES_PER_DAY
            + self.time.num_seconds_from_midnight() / 60
    }
}

impl FromStr for WallTime {
    type Err = NotAWallTime;

    fn from_str(text: &str) -> Result<Self, NotAWallTime> {
        let (day, time) = text.split_once(' ').ok_or(NotAWallTime)?;
        let (hour, minute) = time.split_once(':').ok_or(NotAWallTime)?;
        let (weekday, _) = WEEKDAYS.iter().find(|(_, name)| *name == day).ok_or(NotAWallTime)?;
        let (hour, minute) = two_digits(hour).zip(two_digits(minute)).ok_or(NotAWallTime)?;
        Self::new(*weekday, hour, minute).ok_or(NotAWallTime)
    }
}

fn two_digits(text: &str) -> Option<u32> {
    let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = WEEKDAYS.iter().find(|(day, _)| *day == self.weekday).map_or("MON", |day| day.1);
        write!(f, "{day} {:02}:{:02}", self.time.hour(), self.time.minute())
    }
}

impl fmt::Debug for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// When a tenant's order weeks open, close and are cut off. Valid by construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WeeklySchedule {
    time_zone: Tz,
    window_opens: WallTime,
    window_closes: WallTime,
    cutoff: WallTime,
}

/// Why a schedule was refused. The texts are for the person who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The zone is not the name of an IANA time zone.
    #[error("name a time zone of the IANA database, such as Australia/Brisbane")]
    TimeZone,
    /// The opening is not written `FRI 12:00`.
    #[error("write a day and a time, such as FRI 12:00")]
    WindowOpens,
    /// The close is not written `MON 00:00`.
    #[error("write a day and a time, such as MON 00:00")]
    WindowCloses,
    /// The cutoff is not written `MON 09:00`.
    #[error("write a day and a time, such as MON 09:00")]
    Cutoff,
    /// The window closes when it opens: it would be empty.
    #[error("the window must close later than it opens")]
    EmptyWindow,
    /// Going forward from the opening, the cutoff comes before the close: production would lock while
    /// orders may still come in.
    #[error(
        "the cutoff must not come before the window closes, within the week that starts at the opening"
    )]
    CutoffBeforeClosing,
}

impl WeeklySchedule {
    /// A schedule of these times. Fails with [`ScheduleError::EmptyWindow`] or
    /// [`ScheduleError::CutoffBeforeClosing`] when no week can be made of them.
    pub fn new(
        time_zone: Tz,
        window_opens: WallTime,
        window_closes: WallTime,
        cutoff: WallTime,
    ) -> Result<Self, ScheduleError> {
        let until_close = window_opens.minutes_until(window_closes);
        if until_close == 0 {
            Err(ScheduleError::EmptyWindow)
        } else if window_opens.minutes_until(cutoff) < until_close {
            Err(ScheduleError::CutoffBeforeClosing)
        } else {
            Ok(Self { time_zone, window_opens, window_closes, cutoff })
        }
    }

    /// Reads the four texts of a schedule, as they are stored and sent. Fails with the error of the
    /// first text that cannot be read, or as [`new`](Self::new) does.
    pub fn parse(
        time_zone: &str,
        window_opens: &str,
        window_closes: &str,
        cutoff: &str,
    ) -> Result<Self, ScheduleError> {
        Self::new(
            parse_time_zone(time_zone)?,
            window_opens.parse().map_err(|_| ScheduleError::WindowOpens)?,
            window_closes.parse().map_err(|_| ScheduleError::WindowCloses)?,
            cutoff.parse().map_err(|_| ScheduleError::Cutoff)?,
        )
    }

    /// The product's default in a zone: opens Friday 12:00, closes Monday 00:00, cutoff Monday 09:00.
    #[must_use]
    pub const fn standard(time_zone: Tz) -> Self {
        Self {
            time_zone,
            window_opens: WallTime::at_hour(Weekday::Fri, 12),
            window_closes: WallTime::at_hour(Weekday::Mon, 0),
            cutoff: WallTime::at_hour(Weekday::Mon, 9),
        }
    }

    /// The zone that the wall times are read in.
    #[must_use]
    pub const fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// When the window opens.
    #[must_use]
    pub const fn window_opens(&self) -> WallTime {
        self.window_opens
    }

    /// When the window closes; at this time it is closed.
    #[must_use]
    pub const fn window_closes(&self) -> WallTime {
        self.window_closes
    }

    /// When production locks.
    #[must_use]
    pub const fn cutoff(&self) -> WallTime {
        self.cutoff
    }
}

/// Reads the name of an IANA time zone. Fails with [`ScheduleError::TimeZone`] when there is none of
/// that name.
pub fn parse_time_zone(name: &str) -> Result<Tz, ScheduleError> {
    name.parse().map_err(|_| ScheduleError::TimeZone)
}

/// The form in which a schedule is stored and sent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    time_zone: String,
    window_opens: String,
    window_closes: String,
    cutoff: String,
}

impl Serialize for WeeklySchedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = Texts {
            time_zone: self.time_zone.name().to_owned(),
            window_opens: self.window_opens.to_string(),
            window_closes: self.window_closes.to_string(),
            cutoff: self.cutoff.to_string(),
        };
        texts.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for WeeklySchedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Texts::deserialize(deserializer)?;
        Self::parse(&texts.time_zone, &texts.window_opens, &texts.window_closes, &texts.cutoff)
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ZONE: &str = "Australia/Brisbane";

    #[test]
    fn a_schedule_opens_then_closes_then_locks_within_one_week() {
        let table = [
            ("FRI 12:00", "MON 00:00", "MON 09:00", Ok(())),
            // The cutoff may fall on the close itself.
            ("FRI 12:00", "MON 00:00", "MON 00:00", Ok(())),
            // A window of nearly the whole week.
            ("MON 00:00", "SUN 23:59", "SUN 23:59", Ok(())),
            ("SUN 23:59", "MON 00:00", "SUN 23:58", Ok(())),
            ("FRI 12:00", "FRI 12:00", "MON 09:00", Err(ScheduleError::EmptyWindow)),
            ("FRI 12:00", "MON 00:00", "SUN 23:59", Err(ScheduleError::CutoffBeforeClosing)),
            ("FRI 12:00", "MON 00:00", "FRI 12:00", Err(ScheduleError::CutoffBeforeClosing)),
        ];
        for (opens, closes, cutoff, expected) in table {
            let parsed = WeeklySchedule::parse(ZONE, opens, closes, cutoff).map(drop);
            assert_eq!(parsed, expected, "{opens}, {closes}, {cutoff}");
        }
    }

    #[test]
    fn the_error_names_the_text_that_cannot_be_read() {
        for bad in ["FRI 24:00", "fri 12:00", "MON 0:00", "MON 00:60", "MON 09:00:00", "MON  9:00"]
            .into_iter()
            .chain(["", "MON", "MON +9:00", "MONDAY 09:00", "MON 09.00", " MON 09:00"])
        {
            let parse = WeeklySchedule::parse;
            let (opens, closes, cutoff) = ("FRI 12:00", "MON 00:00", "MON 09:00");
            assert_eq!(parse(ZONE, bad, closes, cutoff), Err(ScheduleError::WindowOpens), "{bad}");
            assert_eq!(parse(ZONE, opens, bad, cutoff), Err(ScheduleError::WindowCloses), "{bad}");
            assert_eq!(parse(ZONE, opens, closes, bad), Err(ScheduleError::Cutoff), "{bad}");
        }
    }

    #[test]
    fn a_time_zone_is_one_of_the_iana_database() {
        for zone in ["Australia/Sydney", "America/Chicago", "Europe/Berlin", "UTC"] {
            assert_eq!(parse_time_zone(zone).map(Tz::name), Ok(zone));
        }
        for zone in ["", "Brisbane", "australia/brisbane", "+10:00", "Australia/Brisbane\0"] {
            assert_eq!(parse_time_zone(zone), Err(ScheduleError::TimeZone), "{zone:?}");
        }
    }

    #[test]
    fn the_standard_schedule_is_the_products_default() {
        let standard = WeeklySchedule::standard(Tz::UTC);
        let parsed = WeeklySchedule::parse("UTC", "FRI 12:00", "MON 00:00", "MON 09:00");
        assert_eq!(parsed, Ok(standard));
    }

    #[test]
    fn a_schedule_is_sent_as_four_texts_and_checked_when_it_is_read() {
        let sent = json!({
            "time_zone": "UTC",
            "window_opens": "TUE 07:05",
            "window_closes": "WED 23:59",
            "cutoff": "SUN 00:00",
        });
        let schedule: WeeklySchedule = serde_json::from_value(sent.clone()).unwrap();
        assert_eq!(serde_json::to_value(schedule).unwrap(), sent);
        let mut wrong = sent;
        wrong["cutoff"] = json!("TUE 08:00");
        let error = serde_json::from_value::<WeeklySchedule>(wrong).unwrap_err();
        assert!(error.to_string().contains("cutoff"), "{error}");
    }

    proptest! {
        #[test]
        fn a_wall_time_is_written_as_it_was_read(day in 0_usize..7, hour in 0_u32..24, minute in 0_u32..60) {
            let time = WallTime::new(WEEKDAYS[day].0, hour, minute).unwrap();
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }

        #[test]
        fn the_way_to_a_time_and_back_is_a_week(a in 0_u32..7 * 24, b in 0_u32..7 * 24) {
            let time = |hours: u32| {
                WallTime::new(WEEKDAYS[hours as usize / 24].0, hours % 24, 0).unwrap()
            };
            let there = time(a).minutes_until(time(b));
            let back = time(b).minutes_until(time(a));
            prop_assert_eq!(there + back, if a == b { 0 } else { MINUTES_PER_WEEK });
        }
    }
}
