//! The table.

use crate::load::Seen;

/// The median of an odd number of measurements; of an even one, the upper of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One measurement of the API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) seen: Seen,
    /// Cores the API used meanwhile.
    pub(crate) cores: f64,
    /// What it kept in memory afterwards, in megabytes.
    pub(crate) resident_mb: f64,
    /// The other side's transactions or requests per second.
    pub(crate) other_per_second: f64,
    /// The other side's middle: the median of the bare route, the average of pgbench.
    pub(crate) other_us: f64,
}

/// The line of one comparison: medians of all rounds.
pub(crate) fn line(what: &str, other: &str, rounds: &[Round]) -> String {
    let of = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
    let mine = of(|round| round.seen.per_second);
    let theirs = of(|round| round.other_per_second);
    format!(
        "| {what} | {mine:.0} | {:.2} | {:.2} | {:.2} | {:.0} | {other} | {theirs:.0} | {:.2} | **{:.2}** |",
        of(|round| millis(round.seen.p50_us)),
        of(|round| millis(round.seen.p99_us)),
        of(|round| round.cores),
        of(|round| round.resident_mb),
        of(|round| round.other_us / 1000.0),
        of(|round| round.seen.per_second / round.other_per_second),
    )
}

/// The head of the table.
pub(crate) const HEAD: &str = "\
| request | req/s | p50 ms | p99 ms | API cores | API MB | beside | its rate | its ms | ratio |
|---|---|---|---|---|---|---|---|---|---|";

fn millis(micros: u64) -> f64 {
    u32::try_from(micros).map_or(f64::INFINITY, f64::from) / 1000.0
}
