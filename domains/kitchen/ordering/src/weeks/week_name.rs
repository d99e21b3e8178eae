//! The name of an order week: the ISO week of its cutoff's local date (docs/product.md, section 6).

use std::{fmt, str::FromStr};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The text or the numbers name no ISO week between 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a week is named like 2026-W48")]
pub struct WeekNameError;

/// An ISO 8601 week such as `2026-W48`, ordered by time. Years 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WeekName {
    // Held by its Monday: order, arithmetic and naming all follow from the date.
    monday: NaiveDate,
}

impl WeekName {
    /// `1970-W01`, the first that can be named.
    pub const FIRST: Self = Self { monday: monday(1970, 1) };
    /// `9999-W52`, the last that can be named.
    pub const LAST: Self = Self { monday: monday(9999, 52) };

    const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;

    /// Returns the week with this ISO year and number. Fails when there is none, or the year is outside
    /// 1970 to 9999.
    pub fn new(year: i32, week: u32) -> Result<Self, WeekNameError> {
        if !Self::YEARS.contains(&year) {
            return Err(WeekNameError);
        }
        let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon).ok_or(WeekNameError)?;
        Ok(Self { monday })
    }

    /// Returns the week a date lies in. Fails outside 1970 to 9999.
    pub fn of(date: NaiveDate) -> Result<Self, WeekNameError> {
        let week = date.iso_week();
        Self::new(week.year(), week.week())
    }

    /// The week a date lies in, or the first or last week there is.
    #[must_use]
    pub fn nearest(date: NaiveDate) -> Self {
        let inside = date.clamp(Self::FIRST.monday, Self::LAST.monday);
        Self::of(inside).unwrap_or(Self::FIRST)
    }

    /// The ISO year, which near New Year is not the calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.monday.iso_week().year()
    }

    /// The ISO week number, 1 to 53.
    #[must_use]
    pub fn week(self) -> u32 {
        self.monday.iso_week().week()
    }

    /// The week after. The last week of 9999 stays where it is.
    #[must_use]
    pub fn next(self) -> Self {
        self.monday
            .checked_add_days(Days::new(7))
            .and_then(|monday| Self::of(monday).ok())
            .unwrap_or(self)
    }

    /// The week before. The first week of 1970 stays where it is.
    #[must_use]
    pub fn previous(self) -> Self {
        self.monday
            .checked_sub_days(Days::new(7))
            .and_then(|monday| Self::of(monday).ok())
            .unwrap_or(self)
    }

    /// The date of a weekday in this week.
    #[must_use]
    pub fn date(self, weekday: Weekday) -> NaiveDate {
        let days = Days::new(u64::from(weekday.num_days_from_monday()));
        // 9999 is far from the end of chrono's calendar, so this is never the fallback.
        self.monday.checked_add_days(days).unwrap_or(self.monday)
    }
}

/// A Monday known when compiling.
const fn monday(year: i32, week: u32) -> NaiveDate {
    match NaiveDate::from_isoywd_opt(year, week, Weekday::Mon) {
        Some(date) => date,
        None => NaiveDate::MIN,
    }
}

impl FromStr for WeekName {
    type Err = WeekNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (year, week) = text.split_once("-W").ok_or(WeekNameError)?;
        let digits =
            |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(week, 2) {
            return Err(WeekNameError);
        }
        let year = year.parse().map_err(|_| WeekNameError)?;
        let week = week.parse().map_err(|_| WeekNameError)?;
        Self::new(year, week)
    }
}

impl TryFrom<String> for WeekName {
    type Error = WeekNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WeekName> for String {
    fn from(name: WeekName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for WeekName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year(), self.week())
    }
}

impl fmt::Debug for WeekName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn weeks_are_named_in_full_and_read_back() {
        let week: WeekName = "2026-W48".parse().unwrap();
        assert_eq!((week.year(), week.week()), (2026, 48));
        assert_eq!(week.to_string(), "2026-W48");
        for text in ["2026-W54", "2026-W00", "2026W48", "2026-w48", "26-W48", "2026-W8", "2025-W53"]
        {
            assert_eq!(text.parse::<WeekName>(), Err(WeekNameError), "{text}");
        }
    }

    #[test]
    fn the_week_after_the_last_is_the_first_of_the_next_iso_year() {
        let last: WeekName = "2026-W53".parse().unwrap();
        assert_eq!(last.next().to_string(), "2027-W01");
        assert_eq!(last.next().previous(), last);
        assert_eq!("9999-W52".parse(), Ok(WeekName::LAST));
        assert_eq!("1970-W01".parse(), Ok(WeekName::FIRST));
        assert_eq!(WeekName::LAST.next(), WeekName::LAST);
        assert_eq!(WeekName::FIRST.previous(), WeekName::FIRST);
    }

    #[test]
    fn new_years_day_can_belong_to_the_year_before() {
        let date = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
        assert_eq!(WeekName::of(date).unwrap().to_string(), "2026-W53");
    }

    proptest! {
        #[test]
        fn names_sort_like_time(a in 0i64..400_000, b in 0i64..400_000) {
            let epoch = NaiveDate::from_ymd_opt(1971, 1, 1).unwrap();
            let date = |days: i64| epoch + chrono::TimeDelta::days(days);
            let (x, y) = (WeekName::of(date(a)).unwrap(), WeekName::of(date(b)).unwrap());
            if x < y {
                prop_assert!(a < b);
                prop_assert!(x.to_string() < y.to_string());
            }
            prop_assert_eq!(x.to_string().parse(), Ok(x));
        }
    }
}
