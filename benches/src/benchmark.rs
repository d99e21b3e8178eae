//! A benchmark, from an empty directory to the table of results.

use std::{
    fs, iter, ops::Range, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration,
};

use crate::{
    Outcome, Settings,
    load::{self, LoadResult, StopAfter},
    pgbench,
    postgres::Postgres,
    process::ServerProcess,
    report::{self, ApiMeasurement, BaselineMeasurement, Round},
    seed::{self, IdKind, Session, TENANTS_WITH_CUSTOMERS, tenant_of},
};

/// Number of customers whose sessions are used in (a).
const SESSIONS: usize = 100;

/// Customers before those who are measured in (c): one, whose order shows what a confirmation writes.
const EXAMPLE_CUSTOMERS: usize = 1;

const ME_PATH: &str = "/api/v1/client/auth/me";
const ACCOUNTS_PATH: &str = "/api/v1/admin/accounts?limit=25";
const CONFIRM_PATH: &str = "/api/v1/client/orders/current/confirm";

/// The prepared bytes of the requests of a measurement.
type Requests = Arc<Vec<Vec<u8>>>;

/// Runs the benchmark and prints the results as they come.
pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    let target = std::env::current_exe()?;
    let target = target.parent().ok_or("the program has no directory")?;
    // Beside the program, because the system's directory for temporary files may be in memory.
    let directory = tempfile::Builder::new().prefix("bench-").tempdir_in(target)?;
    // PostgreSQL may run as another user.
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755))?;
    let postgres = Postgres::start(directory.path())?;
    let result = Benchmark { settings, directory: directory.path(), postgres: &postgres }.run();
    postgres.stop()?;
    result
}

struct Benchmark<'b> {
    settings: &'b Settings,
    directory: &'b Path,
    postgres: &'b Postgres,
}

impl Benchmark<'_> {
    fn run(&self) -> Outcome<()> {
        let settings = self.settings;
        println!("fsync: {}", self.postgres.fsync_cost(self.directory)?);
        // The first start creates the schema and seeds the demo tenants.
        ServerProcess::api(settings, self.postgres, self.directory, "all")?.stop()?;
        println!("{}", self.postgres.describe()?);
        let customers = EXAMPLE_CUSTOMERS + 2 * settings.rounds * self.confirmations();
        println!("seeding {} tenants and {customers} drafted orders", settings.tenants);
        seed::seed(self.postgres, settings.tenants.max(TENANTS_WITH_CUSTOMERS), customers)?;

        let api = ServerProcess::api(settings, self.postgres, self.directory, "api")?;
        println!(
            "at {} connections, medians of {}:\n\n{}",
            settings.connections,
            settings.rounds,
            report::HEADER
        );
        println!("{}", self.who_am_i(&api)?);
        println!("{}", self.list_accounts(&api)?);
        println!("{}", self.confirm_order(&api)?);
        println!("\n{}", self.many_tenants(&api)?);
        let (resident_mb, peak_mb) = api.resident_mb()?;
        println!(
            "resident memory of the API after the run: {resident_mb:.0} MB, at the most {peak_mb:.0} MB"
        );
        api.stop()
    }

    /// Number of orders that one measurement of (c) confirms: the setting, rounded down to the same number for every
    /// connection.
    fn confirmations(&self) -> usize {
        let connections = self.settings.connections.max(1);
        (self.settings.confirms / connections).max(1) * connections
    }

    /// Measures (a) and the baseline route.
    fn who_am_i(&self, api: &ServerProcess) -> Outcome<String> {
        let requests = me_requests(api, 0..SESSIONS.min(self.confirmations()));
        let body = api.send(requests.first().ok_or("no customers")?)?;
        let route = ServerProcess::baseline_route(self.settings, &body)?;
        let baseline_requests = Arc::new(vec![route.baseline_request()]);
        self.compare("(a) who am I", "bare route", api, &requests, || {
            let stop_after = self.measurement_time();
            let connections = self.settings.connections;
            let result = load::run(route.addr, &baseline_requests, connections, stop_after)?;
            let latency_us = u32::try_from(result.p50_us).map_or(f64::INFINITY, f64::from);
            Ok(BaselineMeasurement { per_sec: result.requests_per_sec, latency_us })
        })
    }

    /// Measures (b) and pgbench with the same query.
    fn list_accounts(&self, api: &ServerProcess) -> Outcome<String> {
        let requests = list_requests(api, TENANTS_WITH_CUSTOMERS);
        let script = pgbench::list_script();
        self.compare("(b) 25 accounts", "pgbench", api, &requests, || {
            self.pgbench(&script, pgbench::StopAfter::Seconds(self.settings.seconds))
        })
    }

    /// Measures (c) and pgbench with the same transaction. Every order is confirmed once, either by the API or by
    /// pgbench.
    fn confirm_order(&self, api: &ServerProcess) -> Outcome<String> {
        let example = confirm_requests(api, iter::once(0));
        api.send(example.first().ok_or("no customer")?)?;
        let script = pgbench::confirm_script(self.postgres, 0)?;
        let confirmations = self.confirmations();
        let mut rounds = Vec::new();
        for round in 0..self.settings.rounds {
            let first = EXAMPLE_CUSTOMERS + 2 * round * confirmations;
            let customers = first..first + confirmations;
            // Customers use the app before they confirm, so the API has their sessions in its cache.
            let warm_up = me_requests(api, customers.clone());
            load::run(api.addr, &warm_up, self.settings.connections, StopAfter::AllSent)?;
            let measured =
                self.measure_api(api, &confirm_requests(api, customers), StopAfter::AllSent)?;
            let stop_after = pgbench::StopAfter::Transactions {
                per_connection: confirmations / self.settings.connections.max(1),
                first_customer: first + confirmations,
            };
            let baseline = self.pgbench(&script, stop_after)?;
            rounds.push(Round { api: measured, baseline });
        }
        self.ensure_all_confirmed()?;
        Ok(report::row("(c) confirm, six lines", "pgbench", &rounds))
    }

    /// Fails when the API or pgbench did not do the work that it was measured with.
    fn ensure_all_confirmed(&self) -> Outcome<()> {
        let rows = self.postgres.sql(
            "SELECT count(*) FROM kitchen_orders o WHERE o.id >= 'b8000000-0000-7000-8000-000000000000'
                 AND o.id < 'b9000000-0000-7000-8000-000000000000'
                 AND (o.state <> 'CONFIRMED'
                   OR (SELECT sum(a.meals) FROM kitchen_order_allocations a WHERE a.tenant_id = o.tenant_id AND a.order_id = o.id) IS DISTINCT FROM 12
                   OR (SELECT p.meals_remaining FROM kitchen_packs p WHERE p.tenant_id = o.tenant_id AND p.account_id = o.account_id) <> 8);",
        )?;
        match rows.concat().as_str() {
            "0" => Ok(()),
            count => Err(format!("{count} orders were not confirmed with twelve meals").into()),
        }
    }

    /// Measures (b) over many tenants and over few: whether a request costs more when there are more tenants.
    fn many_tenants(&self, api: &ServerProcess) -> Outcome<String> {
        let few = list_requests(api, TENANTS_WITH_CUSTOMERS);
        let many = list_requests(api, self.settings.tenants);
        let (mut rates_few, mut rates_many) = (Vec::new(), Vec::new());
        for _ in 0..self.settings.rounds {
            rates_few.push(self.warm_up_and_run(api, &few)?.requests_per_sec);
            rates_many.push(self.warm_up_and_run(api, &many)?.requests_per_sec);
        }
        let ratios = rates_few.iter().zip(&rates_many).map(|(few, many)| many / few).collect();
        Ok(format!(
            "(b) over {TENANTS_WITH_CUSTOMERS} tenants {:.0} req/s, over {} tenants {:.0} req/s: ratio {:.2}",
            report::median(rates_few),
            self.settings.tenants,
            report::median(rates_many),
            report::median(ratios),
        ))
    }

    /// Measures the API and a baseline in turns, and returns the table's row.
    fn compare(
        &self,
        name: &str,
        baseline_name: &str,
        api: &ServerProcess,
        requests: &Requests,
        mut measure_baseline: impl FnMut() -> Outcome<BaselineMeasurement>,
    ) -> Outcome<String> {
        // Fills the caches, which is not measured.
        load::run(api.addr, requests, self.settings.connections, StopAfter::AllSent)?;
        let mut rounds = Vec::new();
        for _ in 0..self.settings.rounds {
            let measured = self.measure_api(api, requests, self.measurement_time())?;
            rounds.push(Round { api: measured, baseline: measure_baseline()? });
        }
        Ok(report::row(name, baseline_name, &rounds))
    }

    fn measure_api(
        &self,
        api: &ServerProcess,
        requests: &Requests,
        stop_after: StopAfter,
    ) -> Outcome<ApiMeasurement> {
        self.postgres.checkpoint()?;
        let before = api.cpu_sample()?;
        let load = load::run(api.addr, requests, self.settings.connections, stop_after)?;
        let cores = before.cores_until(api.cpu_sample()?);
        Ok(ApiMeasurement { load, cores, resident_mb: api.resident_mb()?.0 })
    }

    fn warm_up_and_run(&self, api: &ServerProcess, requests: &Requests) -> Outcome<LoadResult> {
        load::run(api.addr, requests, self.settings.connections, StopAfter::AllSent)?;
        load::run(api.addr, requests, self.settings.connections, self.measurement_time())
    }

    fn pgbench(
        &self,
        script: &str,
        stop_after: pgbench::StopAfter,
    ) -> Outcome<BaselineMeasurement> {
        self.postgres.checkpoint()?;
        pgbench::run(self.postgres, self.settings, self.directory, script, stop_after)
    }

    const fn measurement_time(&self) -> StopAfter {
        StopAfter::Elapsed(Duration::from_secs(self.settings.seconds))
    }
}

/// Returns the list of accounts as the owners of the first `tenants` tenants request it.
fn list_requests(api: &ServerProcess, tenants: usize) -> Requests {
    let headers = (0..tenants).map(|n| Session::new(IdKind::OwnerSession, n, n).admin_headers());
    requests(api, "GET", ACCOUNTS_PATH, "", headers)
}

fn me_requests(api: &ServerProcess, customers: Range<usize>) -> Requests {
    requests(api, "GET", ME_PATH, "", customers.map(customer_headers))
}

fn confirm_requests(api: &ServerProcess, customers: impl Iterator<Item = usize>) -> Requests {
    requests(api, "POST", CONFIRM_PATH, "{}", customers.map(customer_headers))
}

fn customer_headers(n: usize) -> String {
    Session::new(IdKind::ClientSession, tenant_of(n), n).client_headers()
}

fn requests(
    api: &ServerProcess,
    method: &str,
    path: &str,
    body: &str,
    headers: impl Iterator<Item = String>,
) -> Requests {
    Arc::new(headers.map(|headers| api.request(method, path, &headers, body)).collect())
}
