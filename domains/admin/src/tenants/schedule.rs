//! The weekly schedule: local wall times in an IANA zone (docs/product.md, "Weeks"). Pure.

use bk_contracts::tenants::ScheduleSettings;
use chrono_tz::Tz;
use thiserror::Error;

const DAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
const MINUTES_PER_DAY: u16 = 24 * 60;
const MINUTES_PER_WEEK: u16 = 7 * MINUTES_PER_DAY;

/// A wall time of the week, in minutes since Monday 00:00. Written `FRI 12:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WeeklyTime(u16);

impl WeeklyTime {
    fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once(' ')?;
        let (hour, minute) = time.split_once(':')?;
        let day = DAYS.iter().zip(0_u16..).find_map(|(name, n)| (*name == day).then_some(n))?;
        let hour = two_digits(hour).filter(|hour| *hour < 24)?;
        let minute = two_digits(minute).filter(|minute| *minute < 60)?;
        Some(Self(day * MINUTES_PER_DAY + hour * 60 + minute))
    }

    /// Minutes from `opening` forward to this time, less than a week.
    const fn minutes_after(self, opening: Self) -> u16 {
        (self.0 + MINUTES_PER_WEEK - opening.0) % MINUTES_PER_WEEK
    }

    fn text(self) -> String {
        let day = DAYS.get(usize::from(self.0 / MINUTES_PER_DAY)).copied().unwrap_or("MON");
        let minute = self.0 % MINUTES_PER_DAY;
        format!("{day} {:02}:{:02}", minute / 60, minute % 60)
    }
}

fn two_digits(text: &str) -> Option<u16> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// A schedule that orders can be taken by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Schedule {
    zone: Tz,
    opens: WeeklyTime,
    closes: WeeklyTime,
    cutoff: WeeklyTime,
}

/// Why a schedule was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ScheduleError {
    /// The text is not the name of an IANA time zone.
    #[error("name a time zone of the IANA database, such as Australia/Brisbane")]
    TimeZone,
    /// The opening is not written `FRI 12:00`.
    #[error("write a day and a time, such as FRI 12:00")]
    WindowOpens,
    /// The closing is not written `MON 00:00`.
    #[error("write a day and a time, such as MON 00:00")]
    WindowCloses,
    /// The cutoff is not written `MON 09:00`.
    #[error("write a day and a time, such as MON 09:00")]
    Cutoff,
    /// The window would be empty.
    #[error("the window must close later than it opens")]
    EmptyWindow,
    /// Production would lock while orders may still come in.
    #[error(
        "the cutoff must not come before the window closes, within the week that starts at the opening"
    )]
    CutoffBeforeClosing,
}

impl Schedule {
    /// Reads the four settings. Fails with [`ScheduleError`] when one cannot be read, or no week can be
    /// made of them.
    pub(crate) fn parse(
        time_zone: &str,
        window_opens: &str,
        window_closes: &str,
        cutoff: &str,
    ) -> Result<Self, ScheduleError> {
        let schedule = Self {
            zone: time_zone.parse().map_err(|_| ScheduleError::TimeZone)?,
            opens: WeeklyTime::parse(window_opens).ok_or(ScheduleError::WindowOpens)?,
            closes: WeeklyTime::parse(window_closes).ok_or(ScheduleError::WindowCloses)?,
            cutoff: WeeklyTime::parse(cutoff).ok_or(ScheduleError::Cutoff)?,
        };
        let closes = schedule.closes.minutes_after(schedule.opens);
        let cutoff = schedule.cutoff.minutes_after(schedule.opens);
        if closes == 0 {
            Err(ScheduleError::EmptyWindow)
        } else if cutoff < closes {
            Err(ScheduleError::CutoffBeforeClosing)
        } else {
            Ok(schedule)
        }
    }

    /// The product's default schedule in a zone: Friday 12:00, Monday 00:00, Monday 09:00. Fails with
    /// [`ScheduleError::TimeZone`] when there is no such zone.
    pub(crate) fn default_in(time_zone: &str) -> Result<Self, ScheduleError> {
        Self::parse(time_zone, "FRI 12:00", "MON 00:00", "MON 09:00")
    }

    /// The schedule as other domains read it.
    pub(crate) fn settings(self) -> ScheduleSettings {
        ScheduleSettings {
            time_zone: self.zone.name().to_owned(),
            window_opens: self.opens.text(),
            window_closes: self.closes.text(),
            cutoff: self.cutoff.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_opens_then_closes_then_locks_within_one_week() {
        let ok = Ok(());
        let table = [
            ("FRI 12:00", "MON 00:00", "MON 09:00", ok),
            // The cutoff may fall on the closing itself.
            ("FRI 12:00", "MON 00:00", "MON 00:00", ok),
            // A window of nearly the whole week.
            ("MON 00:00", "SUN 23:59", "SUN 23:59", ok),
            ("SUN 23:59", "MON 00:00", "SUN 23:58", ok),
            ("FRI 12:00", "FRI 12:00", "MON 09:00", Err(ScheduleError::EmptyWindow)),
            ("FRI 12:00", "MON 00:00", "SUN 23:59", Err(ScheduleError::CutoffBeforeClosing)),
            ("FRI 12:00", "MON 00:00", "FRI 12:00", Err(ScheduleError::CutoffBeforeClosing)),
            ("FRI 24:00", "MON 00:00", "MON 09:00", Err(ScheduleError::WindowOpens)),
            ("fri 12:00", "MON 00:00", "MON 09:00", Err(ScheduleError::WindowOpens)),
            ("FRI 12:00", "MON 0:00", "MON 09:00", Err(ScheduleError::WindowCloses)),
            ("FRI 12:00", "MON 00:60", "MON 09:00", Err(ScheduleError::WindowCloses)),
            ("FRI 12:00", "MON 00:00", "MON 09:00:00", Err(ScheduleError::Cutoff)),
            ("FRI 12:00", "MON 00:00", "MON  09:00", Err(ScheduleError::Cutoff)),
            ("FRI 12:00", "MON 00:00", "", Err(ScheduleError::Cutoff)),
            ("FRI 12:00", "MON 00:00", "MON +9:00", Err(ScheduleError::Cutoff)),
        ];
        for (opens, closes, cutoff, expected) in table {
            let read = Schedule::parse("Australia/Brisbane", opens, closes, cutoff).map(drop);
            assert_eq!(read, expected, "{opens}, {closes}, {cutoff}");
        }
    }

    #[test]
    fn a_time_zone_is_one_of_the_iana_database() {
        for zone in ["Australia/Sydney", "America/Chicago", "Europe/Berlin", "UTC"] {
            assert_eq!(Schedule::default_in(zone).unwrap().settings().time_zone, zone);
        }
        for zone in ["", "Brisbane", "australia/brisbane", "+10:00", "Australia/Brisbane\0"] {
            assert_eq!(Schedule::default_in(zone), Err(ScheduleError::TimeZone), "{zone:?}");
        }
    }

    #[test]
    fn a_schedule_is_written_as_it_was_read() {
        let schedule = Schedule::parse("UTC", "TUE 07:05", "WED 23:59", "SUN 00:00").unwrap();
        let settings = schedule.settings();
        assert_eq!(
            (&*settings.window_opens, &*settings.window_closes, &*settings.cutoff),
            ("TUE 07:05", "WED 23:59", "SUN 00:00")
        );
    }
}
