//! The table of results.

use crate::load::LoadResult;

/// Returns the median of an odd number of values; of an even number, the upper of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One measurement of the API and the one of its baseline that followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) api: ApiMeasurement,
    pub(crate) baseline: BaselineMeasurement,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct ApiMeasurement {
    pub(crate) load: LoadResult,
    /// Average number of cores that the API used.
    pub(crate) cores: f64,
    /// Resident memory of the API afterwards, in megabytes.
    pub(crate) resident_mb: f64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct BaselineMeasurement {
    /// Requests or transactions per second.
    pub(crate) per_sec: f64,
    /// Latency in microseconds: the median of the baseline route, the average of pgbench, which reports no median.
    pub(crate) latency_us: f64,
}

/// The head of the table.
pub(crate) const HEADER: &str = "\
| request | req/s | p50 ms | p99 ms | API cores | API MB | baseline | its rate | its ms | ratio |
|---|---|---|---|---|---|---|---|---|---|";

/// Returns the table's row for one request: the medians of all rounds.
pub(crate) fn row(request: &str, baseline: &str, rounds: &[Round]) -> String {
    let median_of = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
    format!(
        "| {request} | {:.0} | {:.2} | {:.2} | {:.2} | {:.0} | {baseline} | {:.0} | {:.2} | **{:.2}** |",
        median_of(|round| round.api.load.requests_per_sec),
        median_of(|round| millis(round.api.load.p50_us)),
        median_of(|round| millis(round.api.load.p99_us)),
        median_of(|round| round.api.cores),
        median_of(|round| round.api.resident_mb),
        median_of(|round| round.baseline.per_sec),
        median_of(|round| round.baseline.latency_us / 1000.0),
        median_of(|round| round.api.load.requests_per_sec / round.baseline.per_sec),
    )
}

fn millis(micros: u64) -> f64 {
    u32::try_from(micros).map_or(f64::INFINITY, f64::from) / 1000.0
}
