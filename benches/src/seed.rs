//! The kitchens, customers and drafts of a run, laid by SQL: copies of a demo kitchen's catalogue and
//! menus, accounts with one pack and one draft of six lines each, and sessions.
//!
//! Everything has an id that follows from its number, so both sides find it without asking.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bk_guard::{CsrfKey, csrf};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Outcome,
    api::{CLOCK, CSRF_KEY, hex},
    ground::Ground,
};

/// Kitchens that have customers; the others have staff and accounts only.
pub(crate) const BUSY_TENANTS: usize = 10;

/// The demo kitchen that is copied.
const SOURCE: &str = "greenfork";

/// Accounts of each kitchen that only stand in its list.
const LISTED: usize = 30;

/// Lines of an order.
const LINES: usize = 6;

/// What an id is of; its first digits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Tenant = 0xb0,
    Owner = 0xb1,
    OwnerSession = 0xb2,
    Listed = 0xb3,
    Client = 0xb4,
    ClientSession = 0xb5,
    Account = 0xb6,
    Pack = 0xb7,
    Order = 0xb8,
}

/// The id of number `n` of a kind.
pub(crate) fn id(kind: Kind, n: usize) -> Uuid {
    let high = (kind as u128) << 120;
    let low = u128::try_from(n).unwrap_or_default();
    Uuid::from_u128(high | (0x7000_8000_u128 << 48) | low)
}

/// The same in SQL, of the expression `n`.
pub(crate) fn sql_id(kind: Kind, n: &str) -> String {
    let prefix = format!("{:02x}000000-0000-7000-8000-", kind as u8);
    format!("('{prefix}' || lpad(to_hex(({n})::bigint), 12, '0'))::uuid")
}

/// Somebody who is logged in.
pub(crate) struct Login {
    token: String,
    hash: [u8; 32],
}

impl Login {
    /// Number `n` of a kind of session, in kitchen `tenant`.
    pub(crate) fn new(kind: Kind, tenant: usize, n: usize) -> Self {
        let secret = Sha256::digest(id(kind, n).as_bytes());
        let bytes = [id(Kind::Tenant, tenant).as_bytes().as_slice(), &secret].concat();
        Self { token: URL_SAFE_NO_PAD.encode(&bytes), hash: Sha256::digest(&bytes).into() }
    }

    /// The headers that a browser of the client app sends.
    pub(crate) fn client(&self) -> String {
        let csrf = csrf::issue(&CsrfKey::new(CSRF_KEY), &self.hash);
        format!(
            "cookie: bk_client_session={}; bk_client_csrf={csrf}\r\nx-csrf-token: {csrf}\r\n",
            self.token
        )
    }

    /// The headers that a browser of the admin app sends.
    pub(crate) fn admin(&self) -> String {
        format!("cookie: bk_admin_session={}\r\n", self.token)
    }
}

/// Customer `n`'s kitchen.
pub(crate) const fn tenant_of(n: usize) -> usize {
    n % BUSY_TENANTS
}

/// Lays `tenants` kitchens, the first of them with `drafts` customers who have drafted their order.
pub(crate) fn lay(ground: &Ground, tenants: usize, drafts: usize) -> Outcome<()> {
    ground.sql(&kitchens(tenants))?;
    ground.sql(&customers(drafts))?;
    ground.sql(&sessions(
        Kind::OwnerSession,
        Kind::Owner,
        "admin",
        (0..tenants).map(|n| (n, n)),
    ))?;
    let clients = (0..drafts).map(|n| (tenant_of(n), n));
    ground.sql(&sessions(Kind::ClientSession, Kind::Client, "client", clients))?;
    ground.sql("ANALYZE;")?;
    ground.settle()
}

/// Copies of the source's row of every table that makes a kitchen what it is.
fn kitchens(tenants: usize) -> String {
    let last = tenants.saturating_sub(1);
    let tenant = sql_id(Kind::Tenant, "n");
    let owner = sql_id(Kind::Owner, "n");
    let listed = sql_id(Kind::Listed, "n * 1000 + i");
    format!(
        "BEGIN;
        -- Copies of consistent rows: nothing to check, and no meals to count.
        SET LOCAL session_replication_role = replica;
        CREATE TEMP TABLE source AS SELECT tenant_id FROM tenant_directory WHERE slug = '{SOURCE}';
        CREATE TEMP TABLE kitchens AS SELECT n, {tenant} AS kitchen FROM generate_series(0, {last}) n;
        INSERT INTO tenant_directory (tenant_id, slug, status)
            SELECT kitchen, 'bench-' || n, 'ACTIVE' FROM kitchens;
        DO $$
        DECLARE
            one text;
            names text;
        BEGIN
            FOREACH one IN ARRAY ARRAY['admin_tenants', 'admin_roles', 'kitchen_catalogue_versions',
                'kitchen_ingredients', 'kitchen_sub_recipes', 'kitchen_dishes', 'kitchen_components',
                'kitchen_recipe_lines', 'kitchen_presets', 'kitchen_preset_layouts',
                'kitchen_preset_layout_sides', 'kitchen_pack_products', 'kitchen_plans',
                'kitchen_order_weeks', 'kitchen_menu_weeks', 'kitchen_menu_dishes']
            LOOP
                SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) INTO names
                    FROM information_schema.columns
                    WHERE table_schema = 'public' AND table_name = one
                      AND column_name <> 'tenant_id' AND is_generated = 'NEVER'
                      AND (one, column_name) <> ('admin_tenants', 'slug');
                EXECUTE format('INSERT INTO %I (tenant_id%s, %s) SELECT k.kitchen%s, %s FROM %I JOIN source USING (tenant_id), kitchens k',
                    one, CASE one WHEN 'admin_tenants' THEN ', slug' ELSE '' END, names,
                    CASE one WHEN 'admin_tenants' THEN ', ''bench-'' || k.n' ELSE '' END, names, one);
            END LOOP;
        END $$;
        INSERT INTO identity_users (tenant_id, id, email, display_name, kind, status, password_hash, created_at, updated_at)
            SELECT kitchen, {owner}, 'owner@bench.test', 'Owner', 'STAFF', 'ACTIVE', '$argon2id$none', '{CLOCK}', '{CLOCK}' FROM kitchens;
        INSERT INTO identity_user_roles (tenant_id, user_id, role_key) SELECT kitchen, {owner}, 'owner' FROM kitchens;
        INSERT INTO kitchen_accounts (tenant_id, id, reference, name, status, tier, primary_user_id, created_at, updated_at)
            SELECT kitchen, {listed}, 'L-' || i, 'Listed household ' || i, 'ACTIVE', 'MID', {owner}, '{CLOCK}', '{CLOCK}'
            FROM kitchens, generate_series(1, {LISTED}) i;
        COMMIT;"
    )
}

/// Customers with an account, a pack of twenty meals and a draft of six lines of two.
fn customers(drafts: usize) -> String {
    let last = drafts.saturating_sub(1);
    let [tenant, user, account, pack, order] = [
        sql_id(Kind::Tenant, &format!("n % {BUSY_TENANTS}")),
        sql_id(Kind::Client, "n"),
        sql_id(Kind::Account, "n"),
        sql_id(Kind::Pack, "n"),
        sql_id(Kind::Order, "n"),
    ];
    format!(
        "BEGIN;
        SET LOCAL session_replication_role = replica;
        CREATE TEMP TABLE source AS SELECT tenant_id FROM tenant_directory WHERE slug = '{SOURCE}';
        CREATE TEMP TABLE week AS SELECT id FROM kitchen_order_weeks JOIN source USING (tenant_id)
            WHERE cutoff_at > '{CLOCK}' ORDER BY cutoff_at LIMIT 1;
        -- Six dishes of the week's menu whose number is not limited, those with dealt sides first.
        CREATE TEMP TABLE dishes AS SELECT row_number() OVER (ORDER BY k.configurable DESC, d.dish_id) - 1 AS position, d.dish_id
            FROM kitchen_menu_weeks m JOIN source USING (tenant_id) JOIN week w ON w.id = m.week_id
            JOIN kitchen_menu_dishes d ON d.tenant_id = m.tenant_id AND d.menu_week_id = m.id
            JOIN kitchen_dishes k ON k.tenant_id = d.tenant_id AND k.id = d.dish_id
            WHERE d.capacity IS NULL ORDER BY position LIMIT {LINES};
        CREATE TEMP TABLE preset AS SELECT default_preset_id AS id FROM kitchen_accounts JOIN source USING (tenant_id)
            WHERE default_preset_id IS NOT NULL ORDER BY kitchen_accounts.id LIMIT 1;
        CREATE TEMP TABLE product AS SELECT id FROM kitchen_pack_products JOIN source USING (tenant_id)
            WHERE meal_size_g = 400 LIMIT 1;
        CREATE TEMP TABLE people AS SELECT n, {tenant} AS tenant_id, {user} AS user_id, {account} AS account_id,
            {pack} AS pack_id, {order} AS order_id FROM generate_series(0, {last}) n;
        INSERT INTO identity_users (tenant_id, id, email, display_name, kind, status, password_hash, created_at, updated_at)
            SELECT tenant_id, user_id, 'client' || n || '@bench.test', 'Client ' || n, 'CLIENT', 'ACTIVE', '$argon2id$none', '{CLOCK}', '{CLOCK}' FROM people;
        INSERT INTO identity_user_roles (tenant_id, user_id, role_key) SELECT tenant_id, user_id, 'client' FROM people;
        INSERT INTO kitchen_accounts (tenant_id, id, reference, name, status, tier, primary_user_id, default_preset_id, created_at, updated_at)
            SELECT tenant_id, account_id, 'A-' || n, 'Household ' || n, 'ACTIVE', 'HIGH', user_id, preset.id, '{CLOCK}', '{CLOCK}' FROM people, preset;
        INSERT INTO kitchen_account_users (tenant_id, user_id, account_id, added_at)
            SELECT tenant_id, user_id, account_id, '{CLOCK}' FROM people;
        INSERT INTO kitchen_packs (tenant_id, id, account_id, product_id, purchase_id, title, meals_total, meal_size_g, meals_remaining, price_minor, currency, purchased_at)
            SELECT tenant_id, pack_id, account_id, product.id, pack_id, '20 meals', 20, 400, 20, 30000, 'AUD', '{CLOCK}' FROM people, product;
        INSERT INTO kitchen_pack_events (tenant_id, id, pack_id, kind, delta, at)
            SELECT tenant_id, pack_id, pack_id, 'PURCHASED', 20, '{CLOCK}' FROM people;
        INSERT INTO kitchen_orders (tenant_id, id, account_id, week_id, state, created_at, updated_at)
            SELECT tenant_id, order_id, account_id, week.id, 'DRAFT', '{CLOCK}', '{CLOCK}' FROM people, week;
        INSERT INTO kitchen_order_lines (tenant_id, order_id, position, dish_id, meal_size_g, quantity)
            SELECT tenant_id, order_id, position, dish_id, 400, 2 FROM people, dishes;
        COMMIT;"
    )
}

fn sessions(
    kind: Kind,
    user: Kind,
    door: &str,
    people: impl Iterator<Item = (usize, usize)>,
) -> String {
    let mut sql = String::from(
        "SET session_replication_role = replica;
        COPY identity_sessions (tenant_id, id, user_id, door, token_hash, created_at, last_seen_at, expires_at, ip) FROM STDIN;\n",
    );
    for (tenant, n) in people {
        let hash = hex(&Login::new(kind, tenant, n).hash);
        let (tenant, session, user) = (id(Kind::Tenant, tenant), id(kind, n), id(user, n));
        // Writing to a string does not fail.
        let _ = writeln!(
            sql,
            "{tenant}\t{session}\t{user}\t{door}\t\\\\x{hash}\t{CLOCK}\t{CLOCK}\t2026-11-27T14:00:00Z\t127.0.0.1"
        );
    }
    sql.push_str("\\.\n");
    sql
}
