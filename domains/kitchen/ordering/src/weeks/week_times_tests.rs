use bk_kernel::WallTime;
use chrono::Weekday;
use proptest::prelude::*;

use super::*;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn schedule(zone: &str, window_opens: &str) -> WeeklySchedule {
    WeeklySchedule::parse(zone, window_opens, "MON 00:00", "MON 09:00").unwrap()
}

fn standard_week(zone: &str, name: &str) -> WeekTimes {
    WeekTimes::of(&WeeklySchedule::standard(zone.parse().unwrap()), name.parse().unwrap())
}

#[test]
fn the_window_is_wall_time_so_its_length_follows_the_clock_change() {
    for (zone, name, opens, closes, hours) in [
        ("Australia/Brisbane", "2026-W49", "2026-11-27T02:00:00Z", "2026-11-29T14:00:00Z", 60),
        ("Australia/Sydney", "2026-W41", "2026-10-02T02:00:00Z", "2026-10-04T13:00:00Z", 59),
        ("Australia/Sydney", "2026-W15", "2026-04-03T01:00:00Z", "2026-04-05T14:00:00Z", 61),
        ("America/Chicago", "2026-W11", "2026-03-06T18:00:00Z", "2026-03-09T05:00:00Z", 59),
    ] {
        let week = standard_week(zone, name);
        assert_eq!(week.opens_at, instant(opens), "{zone}");
        assert_eq!(week.closes_at, instant(closes), "{zone}");
        assert_eq!((week.closes_at - week.opens_at).num_hours(), hours, "{zone}");
        assert_eq!((week.cutoff_at - week.closes_at).num_hours(), 9, "{zone}");
    }
}

#[test]
fn a_week_is_named_by_the_local_date_of_its_cutoff() {
    // Monday 09:00 in Auckland is still Sunday in UTC; the local date decides.
    let week = standard_week("Pacific/Auckland", "2026-W49");
    assert_eq!(week.cutoff_at, instant("2026-11-29T20:00:00Z"));
    let current = |at| WeekTimes::current(&WeeklySchedule::standard(Tz::Pacific__Auckland), at);
    assert_eq!(current(week.cutoff_at - TimeDelta::milliseconds(1)).name, week.name);
    assert_eq!(current(week.cutoff_at).name, week.name.next());
}

#[test]
fn a_time_in_a_gap_moves_to_the_first_valid_instant() {
    // Sydney skips 02:00 to 03:00 on 4 October 2026; 02:30 becomes 03:00 (16:00Z).
    let schedule = schedule("Australia/Sydney", "SUN 02:30");
    let week = WeekTimes::of(&schedule, "2026-W41".parse().unwrap());
    assert_eq!(week.opens_at, instant("2026-10-03T16:00:00Z"));
}

#[test]
fn an_ambiguous_time_takes_the_earlier_instant() {
    // Sydney shows 02:30 twice on 5 April 2026, at 15:30Z and 16:30Z of the day before.
    let schedule = schedule("Australia/Sydney", "SUN 02:30");
    let week = WeekTimes::of(&schedule, "2026-W15".parse().unwrap());
    assert_eq!(week.opens_at, instant("2026-04-04T15:30:00Z"));
}

#[test]
fn a_whole_skipped_day_is_a_gap_like_any_other() {
    // Samoa had no 30 December 2011, a Friday.
    let week = standard_week("Pacific/Apia", "2012-W01");
    assert_eq!(week.opens_at, instant("2011-12-30T10:00:00Z"));
}

#[test]
fn every_zone_yields_ordered_disjoint_weeks_from_1970_to_2046() {
    let first = WeekName::new(1970, 1).unwrap();
    for zone in chrono_tz::TZ_VARIANTS {
        let schedule = WeeklySchedule::standard(zone);
        let mut before: Option<WeekTimes> = None;
        for week in WeekTimes::series(&schedule, first, 4_000) {
            assert_in_order(before, week, zone);
            before = Some(week);
        }
    }
}

fn assert_in_order(before: Option<WeekTimes>, week: WeekTimes, zone: Tz) {
    assert!(week.opens_at <= week.closes_at, "{zone} {week:?}");
    assert!(week.closes_at <= week.cutoff_at, "{zone} {week:?}");
    if let Some(before) = before {
        assert!(before.cutoff_at <= week.opens_at, "{zone} {before:?} {week:?}");
        assert!(before.cutoff_at < week.cutoff_at, "{zone} {before:?} {week:?}");
    }
}

fn any_wall() -> impl Strategy<Value = WallTime> {
    (0u8..7, 0u32..24, 0u32..60).prop_map(|(day, hour, minute)| {
        WallTime::new(Weekday::try_from(day).unwrap(), hour, minute).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_schedule_in_any_zone_is_generated_in_order(
        zone in proptest::sample::select(&chrono_tz::TZ_VARIANTS[..]),
        walls in (any_wall(), any_wall(), any_wall()),
        year in 1970i32..=9999,
        number in 1u32..=52,
    ) {
        let Ok(schedule) = WeeklySchedule::new(zone, walls.0, walls.1, walls.2) else { return Ok(()) };
        let name = WeekName::new(year, number).unwrap();
        let mut before = None;
        for week in WeekTimes::series(&schedule, name, 3) {
            if before.is_some_and(|b: WeekTimes| b.name == week.name) { break }
            assert_in_order(before, week, zone);
            let current = WeekTimes::current(&schedule, week.opens_at);
            prop_assert!(current.cutoff_at > week.opens_at || current.name == current.name.next());
            before = Some(week);
        }
    }

    #[test]
    fn any_instant_has_a_current_week(seconds in any::<i64>(), zone in proptest::sample::select(&chrono_tz::TZ_VARIANTS[..])) {
        if let Some(now) = DateTime::from_timestamp(seconds, 0) {
            let _ = WeekTimes::current(&WeeklySchedule::standard(zone), now);
        }
    }
}
