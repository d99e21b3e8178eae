//! The baseline of requests (b) and (c): the same SQL without the API, by `pgbench -M prepared` with the API's role
//! on the same server.
//!
//! The scripts hold the statements that the API sends to list accounts and to confirm an order, one by one. `BEGIN`
//! and the tenant's setting go in one round trip, as in the API. The rows that a confirmation writes are copied from
//! an order that the API confirmed.

use std::{fmt::Write, fs, path::Path, process::Command};

use crate::{
    Outcome, Settings,
    postgres::Postgres,
    report::BaselineMeasurement,
    seed::{IdKind, TENANTS_WITH_CUSTOMERS, id, sql_id, tenant_of},
};

/// When pgbench stops.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StopAfter {
    Seconds(u64),
    /// After `per_connection` transactions on each connection. The customers of the transactions are numbered
    /// from `first_customer` on.
    Transactions {
        per_connection: usize,
        first_customer: usize,
    },
}

/// Runs a script on as many connections as the API is measured with. Fails when a transaction fails.
pub(crate) fn run(
    postgres: &Postgres,
    settings: &Settings,
    directory: &Path,
    script: &str,
    stop_after: StopAfter,
) -> Outcome<BaselineMeasurement> {
    let file = directory.join("script.sql");
    fs::write(&file, script)?;
    let mut pgbench = Command::new(postgres.program("pgbench"));
    pgbench.args(["-n", "-M", "prepared", "-j", "2", "-c", &settings.connections.to_string()]);
    match stop_after {
        StopAfter::Seconds(seconds) => pgbench.args(["-T", &seconds.to_string(), "-D", "first=0"]),
        StopAfter::Transactions { per_connection, first_customer } => {
            let first = format!("first={first_customer}");
            pgbench.args(["-t", &per_connection.to_string(), "-D", &first])
        }
    };
    let clients = format!("clients={}", settings.connections);
    pgbench.args(["-D", &clients, "-D", "turn=-1", "-f"]).arg(&file);
    let output = pgbench.arg(postgres.app_url()?.expose()).output()?;
    let report = String::from_utf8(output.stdout)?;
    let any_failed = report
        .lines()
        .any(|line| line.starts_with("number of failed transactions") && !line.contains(": 0 "));
    if !output.status.success() || any_failed {
        return Err(format!(
            "pgbench failed:\n{report}{}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    let number_after = |label: &str| -> Outcome<f64> {
        let line = report.lines().find_map(|line| line.strip_prefix(label)).ok_or("no result")?;
        Ok(line.split_whitespace().next().ok_or("no number")?.parse()?)
    };
    Ok(BaselineMeasurement {
        per_sec: number_after("tps = ")?,
        latency_us: number_after("latency average = ")? * 1000.0,
    })
}

/// Returns the script that lists 25 accounts of a random tenant.
pub(crate) fn list_script() -> String {
    let mut script = String::from("\\set tenant random(0, 9)\n");
    begin(&mut script);
    let tenant = sql_id(IdKind::Tenant, ":tenant");
    // Writing to a string does not fail.
    let _ = write!(
        script,
        "SELECT tenant_id, id, reference, name, status, tier, primary_user_id, manager_user_id, default_preset_id, \
             delivery_notes, version, created_at, updated_at FROM kitchen_accounts \
             WHERE tenant_id = {tenant} ORDER BY id ASC LIMIT 26;\nCOMMIT;\n"
    );
    script
}

/// Returns the script that confirms the drafts of one customer after the other. `example` is the number of a
/// customer whose order the API has confirmed.
pub(crate) fn confirm_script(postgres: &Postgres, example: usize) -> Outcome<String> {
    let order = ConfirmedOrder::load(postgres, example)?;
    let mut script = format!(
        "\\set turn :turn + 1\n\\set n :first + :client_id + :turn * :clients\n\\set tenant :n % {TENANTS_WITH_CUSTOMERS}\n"
    );
    begin(&mut script);
    let (tenant, user) = (sql_id(IdKind::Tenant, ":tenant"), sql_id(IdKind::Client, ":n"));
    let ConfirmedOrder { week, dishes, preset, allocations } = &order;
    // Writing to a string does not fail.
    let _ = write!(
        script,
        "SELECT a.id AS account_id, a.reference, a.name, a.status, a.tier, a.primary_user_id AS user_id, a.default_preset_id, \
             a.delivery_notes, a.version, a.created_at, a.updated_at, \
             (SELECT version FROM kitchen_catalogue_versions v WHERE v.tenant_id = u.tenant_id) AS catalogue \
             FROM kitchen_account_users u JOIN kitchen_accounts a ON a.tenant_id = u.tenant_id AND a.id = u.account_id \
             WHERE u.tenant_id = {tenant} AND u.user_id = {user} FOR UPDATE OF a \\gset\n\
         SELECT * FROM kitchen_order_weeks WHERE tenant_id = {tenant} AND cutoff_at > '2026-11-27T03:00:01Z' ORDER BY cutoff_at LIMIT 1;\n\
         SELECT id AS order_id FROM kitchen_orders WHERE tenant_id = {tenant} AND account_id = :account_id::uuid AND week_id = '{week}' AND state <> 'CANCELLED' LIMIT 1 \\gset\n\
         SELECT * FROM kitchen_order_lines WHERE tenant_id = {tenant} AND order_id = :order_id::uuid;\n\
         SELECT r.kind, r.value FROM kitchen_preference_profiles p JOIN kitchen_preference_rules r ON r.tenant_id = p.tenant_id AND r.profile_id = p.id \
             WHERE p.tenant_id = {tenant} AND p.account_id = :account_id::uuid AND p.is_default AND p.user_id IS NULL ORDER BY r.position;\n\
         SELECT d.dish_id, d.capacity - d.ordered AS left FROM kitchen_menu_weeks m JOIN kitchen_menu_dishes d ON d.tenant_id = m.tenant_id AND d.menu_week_id = m.id \
             WHERE m.tenant_id = {tenant} AND m.week_id = '{week}' AND m.state = 'PUBLISHED' AND d.dish_id = ANY('{{{dishes}}}'::uuid[]);\n\
         SELECT id AS pack_id, meals_remaining FROM kitchen_packs WHERE tenant_id = {tenant} AND account_id = :account_id::uuid ORDER BY purchased_at, id FOR UPDATE \\gset\n\
         INSERT INTO kitchen_pack_events (tenant_id, id, pack_id, kind, delta, order_id, actor_id, request_id, at) \
             VALUES ({tenant}, gen_random_uuid(), :pack_id::uuid, 'CONSUMED', -12, :order_id::uuid, :user_id::uuid, gen_random_uuid(), now());\n\
         UPDATE kitchen_orders SET state = 'CONFIRMED', preset_id = '{preset}', replacements = '[]', confirmed_at = now(), updated_at = now(), version = version + 1 \
             WHERE tenant_id = {tenant} AND id = :order_id::uuid;\n\
         INSERT INTO kitchen_order_allocations (tenant_id, order_id, position, line_position, layout, vegetable_ids, carbohydrate_ids, meals) VALUES {allocations};\n\
         INSERT INTO kitchen_order_events (tenant_id, id, order_id, kind, actor_id, request_id, at) \
             VALUES ({tenant}, gen_random_uuid(), :order_id::uuid, 'CONFIRMED', :user_id::uuid, gen_random_uuid(), now());\n\
         WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended({tenant}::text || ' order:' || :order_id, 0))), \
             event AS (INSERT INTO outbox (tenant_id, id, aggregate, kind, payload, request_id, occurred_at) \
                 SELECT {tenant}, gen_random_uuid(), 'order:' || :order_id, 'order_confirmed', \
                     jsonb_build_object('order_id', :order_id::text, 'account_id', :account_id::text, 'week_id', '{week}', 'meals', 12, 'confirmed_at', now()), \
                     gen_random_uuid(), now() FROM turn RETURNING tenant_id) \
             INSERT INTO outbox_wake (tenant_id) SELECT tenant_id FROM event;\nCOMMIT;\n"
    );
    Ok(script)
}

/// Appends `BEGIN` and the setting of the tenant with the number `:tenant`. `SET` takes no parameter, so there is one
/// branch for each tenant.
fn begin(script: &mut String) {
    for n in 0..TENANTS_WITH_CUSTOMERS {
        let condition = if n == 0 { "if" } else { "elif" };
        let tenant = id(IdKind::Tenant, n);
        // Writing to a string does not fail.
        let _ = writeln!(
            script,
            "\\{condition} :tenant = {n}\n\\startpipeline\nBEGIN;\nSET LOCAL app.tenant_id = '{tenant}';\n\\endpipeline"
        );
    }
    script.push_str("\\endif\n");
}

/// The values of a confirmed order that are the same for every order of a benchmark.
struct ConfirmedOrder {
    week: String,
    /// Ids separated by commas.
    dishes: String,
    preset: String,
    /// Rows of `VALUES`, with the parameters of the script.
    allocations: String,
}

impl ConfirmedOrder {
    fn load(postgres: &Postgres, example: usize) -> Outcome<Self> {
        let (tenant, order) = (id(IdKind::Tenant, tenant_of(example)), id(IdKind::Order, example));
        let select_one = |sql: &str| -> Outcome<String> {
            let rows = postgres.sql(&format!("{sql};"))?;
            rows.into_iter()
                .find(|row| !row.is_empty())
                .ok_or_else(|| format!("no row: {sql}").into())
        };
        let of_order = format!("WHERE tenant_id = '{tenant}' AND order_id = '{order}'");
        Ok(Self {
            week: select_one(&format!("SELECT week_id FROM kitchen_orders WHERE tenant_id = '{tenant}' AND id = '{order}'"))?,
            dishes: select_one(&format!("SELECT string_agg(dish_id::text, ',') FROM kitchen_order_lines {of_order}"))?,
            preset: select_one(&format!("SELECT preset_id FROM kitchen_orders WHERE tenant_id = '{tenant}' AND id = '{order}' AND state = 'CONFIRMED'"))?,
            allocations: select_one(&format!(
                "SELECT string_agg(format('(:tenant_id, :order_id::uuid, %s, %s, %s, %L, %L, %s)',
                     position, line_position, coalesce(layout::text, 'NULL'), vegetable_ids, carbohydrate_ids, meals), ', ')
                 FROM kitchen_order_allocations {of_order}"
            ))?
            .replace(":tenant_id", &sql_id(IdKind::Tenant, ":tenant")),
        })
    }
}
