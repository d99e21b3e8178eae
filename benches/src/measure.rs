//! The run from an empty folder to the table.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use crate::{
    Outcome, Settings,
    api::Program,
    baseline::{self, Bare, Length},
    ground::Ground,
    load::{self, Seen, Until},
    report::{self, Round},
    seed::{self, BUSY_TENANTS, Kind, Login, tenant_of},
};

/// Customers who ask who they are, in (a).
const ASKING: usize = 100;

/// Customers besides those who are measured: one shows what a confirm writes.
const EXTRA: usize = 1;

/// Everything, printed as it comes.
pub(crate) fn run(settings: &Settings) -> Outcome<()> {
    let target = std::env::current_exe()?;
    let target = target.parent().ok_or("no folder")?;
    // On the same disk as the build, not in memory.
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(target)?;
    // The server may run as another account.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    let ground = Ground::start(folder.path())?;
    let done = Bench { settings, folder: folder.path(), ground: &ground }.run();
    ground.stop()?;
    done
}

struct Bench<'b> {
    settings: &'b Settings,
    folder: &'b Path,
    ground: &'b Ground,
}

impl Bench<'_> {
    fn run(&self) -> Outcome<()> {
        let settings = self.settings;
        println!("fsync: {}", self.ground.fsync_cost(self.folder)?);
        // The first start makes the schema and lays the demo kitchens.
        Program::api(settings, self.ground, self.folder, "all")?.stop()?;
        println!("{}", self.ground.describe()?);
        let drafts = EXTRA + 2 * settings.rounds * self.confirms();
        println!("laying {} kitchens and {drafts} drafted orders", settings.tenants);
        seed::lay(self.ground, settings.tenants.max(BUSY_TENANTS), drafts)?;

        let api = Program::api(settings, self.ground, self.folder, "api")?;
        println!(
            "at {} connections, medians of {}:\n\n{}",
            settings.connections,
            settings.rounds,
            report::HEAD
        );
        println!("{}", self.who_am_i(&api)?);
        println!("{}", self.list(&api)?);
        println!("{}", self.confirm(&api)?);
        println!("\n{}", self.many_kitchens(&api)?);
        let (resident, most) = api.resident_mb()?;
        println!(
            "resident memory of the API after the run: {resident:.0} MB, at the most {most:.0} MB"
        );
        api.stop()
    }

    /// Confirms of one measurement: the same for every connection.
    fn confirms(&self) -> usize {
        let connections = self.settings.connections.max(1);
        (self.settings.confirms / connections).max(1) * connections
    }

    /// (a), beside the route that does nothing.
    fn who_am_i(&self, api: &Program) -> Outcome<String> {
        let logins = (0..ASKING.min(self.confirms())).map(client);
        let requests = requests(api, "GET", ME, "", logins.map(|login| login.client()));
        let body = api.ask(requests.first().ok_or("no customers")?)?;
        let bare = Program::bare(self.settings, &body)?;
        let bare_requests = Arc::new(vec![bare.bare_request()]);
        let line = self.alternate("(a) who am I", "bare route", api, &requests, || {
            let seen =
                load::run(bare.addr, &bare_requests, self.settings.connections, self.a_while())?;
            Ok((seen.per_second, micros(seen.p50_us)))
        })?;
        Ok(line)
    }

    /// (b), beside the same query.
    fn list(&self, api: &Program) -> Outcome<String> {
        let requests = lists(api, BUSY_TENANTS);
        let script = baseline::list_script();
        self.alternate("(b) 25 accounts", "pgbench", api, &requests, || {
            let length = Length::Seconds(self.settings.seconds);
            self.pgbench(&script, length).map(|bare| (bare.per_second, bare.average_us))
        })
    }

    /// (c), beside the same transaction. Every order is confirmed once, by one side or the other.
    fn confirm(&self, api: &Program) -> Outcome<String> {
        let example = confirms(api, std::iter::once(0));
        api.ask(example.first().ok_or("no customer")?)?;
        let script = baseline::confirm_script(self.ground, 0)?;
        let each = self.confirms();
        let mut rounds = Vec::new();
        for round in 0..self.settings.rounds {
            let first = EXTRA + 2 * round * each;
            let mine = first..first + each;
            // Customers have looked around before they confirm: their sessions are known.
            let looks = requests(api, "GET", ME, "", mine.clone().map(|n| client(n).client()));
            load::run(api.addr, &looks, self.settings.connections, Until::AllSent)?;
            let measured = self.api_round(api, &confirms(api, mine), Until::AllSent)?;
            let length = Length::Transactions {
                each: each / self.settings.connections.max(1),
                first: first + each,
            };
            let bare = self.pgbench(&script, length)?;
            rounds.push(measured.beside(bare.per_second, bare.average_us));
        }
        self.all_confirmed()?;
        Ok(report::line("(c) confirm, six lines", "pgbench", &rounds))
    }

    /// Both sides did what they were measured doing.
    fn all_confirmed(&self) -> Outcome<()> {
        let rows = self.ground.sql(
            "SELECT count(*) FROM kitchen_orders o WHERE o.id >= 'b8000000-0000-7000-8000-000000000000'
                 AND o.id < 'b9000000-0000-7000-8000-000000000000'
                 AND (o.state <> 'CONFIRMED'
                   OR (SELECT sum(a.meals) FROM kitchen_order_allocations a WHERE a.tenant_id = o.tenant_id AND a.order_id = o.id) IS DISTINCT FROM 12
                   OR (SELECT p.meals_remaining FROM kitchen_packs p WHERE p.tenant_id = o.tenant_id AND p.account_id = o.account_id) <> 8);",
        )?;
        match rows.concat().as_str() {
            "0" => Ok(()),
            wrong => Err(format!("{wrong} orders were not confirmed with twelve meals").into()),
        }
    }

    /// (b) over many kitchens, beside (b) over few: what a tenant more costs.
    fn many_kitchens(&self, api: &Program) -> Outcome<String> {
        let few = lists(api, BUSY_TENANTS);
        let many = lists(api, self.settings.tenants);
        let (mut with_few, mut with_many) = (Vec::new(), Vec::new());
        for _ in 0..self.settings.rounds {
            with_few.push(self.call(api, &few)?.per_second);
            with_many.push(self.call(api, &many)?.per_second);
        }
        let ratio = with_few.iter().zip(&with_many).map(|(few, many)| many / few).collect();
        Ok(format!(
            "(b) over {BUSY_TENANTS} kitchens {:.0} req/s, over {} kitchens {:.0} req/s: ratio {:.2}",
            report::median(with_few.clone()),
            self.settings.tenants,
            report::median(with_many.clone()),
            report::median(ratio),
        ))
    }

    /// The API and something else in turns.
    fn alternate(
        &self,
        what: &str,
        other: &str,
        api: &Program,
        requests: &Arc<Vec<Vec<u8>>>,
        mut beside: impl FnMut() -> Outcome<(f64, f64)>,
    ) -> Outcome<String> {
        // Neither side pays for what happens once.
        load::run(api.addr, requests, self.settings.connections, Until::AllSent)?;
        let mut rounds = Vec::new();
        for _ in 0..self.settings.rounds {
            let measured = self.api_round(api, requests, self.a_while())?;
            let (per_second, other_us) = beside()?;
            rounds.push(measured.beside(per_second, other_us));
        }
        Ok(report::line(what, other, &rounds))
    }

    fn api_round(
        &self,
        api: &Program,
        requests: &Arc<Vec<Vec<u8>>>,
        until: Until,
    ) -> Outcome<Measured> {
        self.ground.settle()?;
        let before = api.used()?;
        let seen = load::run(api.addr, requests, self.settings.connections, until)?;
        let cores = before.cores_until(api.used()?);
        Ok(Measured { seen, cores, resident_mb: api.resident_mb()?.0 })
    }

    fn call(&self, api: &Program, requests: &Arc<Vec<Vec<u8>>>) -> Outcome<Seen> {
        load::run(api.addr, requests, self.settings.connections, Until::AllSent)?;
        load::run(api.addr, requests, self.settings.connections, self.a_while())
    }

    fn pgbench(&self, script: &str, length: Length) -> Outcome<Bare> {
        self.ground.settle()?;
        baseline::run(self.ground, self.settings, self.folder, script, length)
    }

    const fn a_while(&self) -> Until {
        Until::Elapsed(Duration::from_secs(self.settings.seconds))
    }
}

/// What one measurement of the API says.
struct Measured {
    seen: Seen,
    cores: f64,
    resident_mb: f64,
}

impl Measured {
    const fn beside(self, other_per_second: f64, other_us: f64) -> Round {
        let Self { seen, cores, resident_mb } = self;
        Round { seen, cores, resident_mb, other_per_second, other_us }
    }
}

/// The list as the owners of the first `tenants` kitchens ask for it.
fn lists(api: &Program, tenants: usize) -> Arc<Vec<Vec<u8>>> {
    let owners = (0..tenants).map(|n| Login::new(Kind::OwnerSession, n, n).admin());
    requests(api, "GET", "/api/v1/admin/accounts?limit=25", "", owners)
}

const ME: &str = "/api/v1/client/auth/me";

fn client(n: usize) -> Login {
    Login::new(Kind::ClientSession, tenant_of(n), n)
}

fn confirms(api: &Program, customers: impl Iterator<Item = usize>) -> Arc<Vec<Vec<u8>>> {
    let path = "/api/v1/client/orders/current/confirm";
    requests(api, "POST", path, "{}", customers.map(|n| client(n).client()))
}

fn requests(
    api: &Program,
    method: &str,
    path: &str,
    body: &str,
    headers: impl Iterator<Item = String>,
) -> Arc<Vec<Vec<u8>>> {
    Arc::new(headers.map(|headers| api.request(method, path, &headers, body)).collect())
}

fn micros(value: u64) -> f64 {
    u32::try_from(value).map_or(f64::INFINITY, f64::from)
}
