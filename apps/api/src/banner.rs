//! What a person sees when everything runs: where to look, who to log in as, how to stop.

use std::fmt;

use bk_contracts::tenants::PLATFORM_SLUG;
use bk_kernel::Clock;
use bk_kitchen::demo_tenants;
use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};

use crate::{Config, seed};

/// The block that development prints last.
pub(crate) struct Banner<'a> {
    pub(crate) config: &'a Config,
    /// Where the API is reached, when it is served.
    pub(crate) api: Option<&'a str>,
    /// The simulator's pages, when it runs.
    pub(crate) simulator: Option<&'a str>,
    pub(crate) metrics: String,
    pub(crate) clock: &'a Clock,
    /// Whether the demo password was set, and so is not to be shown.
    pub(crate) own_password: bool,
}

impl fmt::Display for Banner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nBalance Kitchen is running (development).\n")?;
        if let Some(api) = self.api {
            writeln!(f, "  API        {api}/api/v1")?;
            writeln!(f, "  Docs       {api}/docs")?;
            writeln!(f, "  Mailbox    {api}/dev/mail")?;
        }
        if let Some(simulator) = self.simulator {
            writeln!(f, "  Stripe     {simulator}/  (simulator)")?;
        }
        writeln!(f, "  Metrics    {}", self.metrics)?;
        writeln!(f, "  Data       {}", self.config.data_dir.display())?;
        self.logins(f)?;
        self.hints(f)
    }
}

impl Banner<'_> {
    fn logins(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n  Demo logins, on the tenant of the same name")?;
        for tenant in demo_tenants() {
            let slug = &tenant.slug;
            writeln!(
                f,
                "    {slug:<10} staff    owner@ admin@ manager@ kitchen@ driver@{slug}.test"
            )?;
            writeln!(f, "    {:<10} clients  client1@ … client8@{slug}.test", "")?;
        }
        writeln!(f, "    {PLATFORM_SLUG:<10} operator {}", seed::OPERATOR)?;
        if self.own_password {
            writeln!(f, "    Password   what BK_DEMO_PASSWORD was when the data was first written")
        } else {
            writeln!(f, "    Password   {}", crate::config::DEMO_PASSWORD)
        }
    }

    fn hints(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = self.clock.now();
        let open = next_open(now).format("%Y-%m-%dT%H:%M:%SZ");
        let now = now.format("%Y-%m-%dT%H:%M:%SZ");
        writeln!(f, "\n  The clock says {now}. Ordering opens Friday 12:00 and closes Sunday")?;
        writeln!(f, "  midnight, local time of the tenant. To start at another time:")?;
        writeln!(f, "    BK_CLOCK={open} cargo run")?;
        if let Some(api) = self.api {
            writeln!(f, "  or move it while it runs:")?;
            writeln!(f, "    curl {api}/dev/clock -H 'content-type: application/json' \\")?;
            writeln!(f, "      -d '{{\"now\": \"{open}\"}}'")?;
        }
        writeln!(f, "\n  Control-C stops everything, the database included.")
    }
}

/// The next Friday 19:00 UTC: then both demo kitchens take orders.
fn next_open(now: DateTime<Utc>) -> DateTime<Utc> {
    let days = (7 + i64::from(Weekday::Fri.num_days_from_monday())
        - i64::from(now.weekday().num_days_from_monday()))
        % 7;
    let midnight = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let days = if days == 0 && now.hour() >= 19 { 7 } else { days };
    midnight + TimeDelta::days(days) + TimeDelta::hours(19)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_friday_evening_is_ahead() {
        for (now, open) in [
            ("2026-11-22T10:00:00Z", "2026-11-27T19:00:00Z"),
            ("2026-11-27T18:59:59Z", "2026-11-27T19:00:00Z"),
            ("2026-11-27T19:00:00Z", "2026-12-04T19:00:00Z"),
            ("2026-11-28T00:00:00Z", "2026-12-04T19:00:00Z"),
        ] {
            assert_eq!(next_open(now.parse().unwrap()), open.parse::<DateTime<Utc>>().unwrap());
        }
    }
}
