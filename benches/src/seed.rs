//! The data of a benchmark, inserted with SQL: tenants with copies of a demo tenant's catalogue and menus, customers
//! with one pack and one draft of six lines each, and sessions.
//!
//! Every id is computed from the kind and the number of its object, so both sides know it without a query.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bk_guard::{CsrfKey, csrf};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Outcome,
    postgres::Postgres,
    process::{CLOCK, CSRF_KEY},
};

/// Number of tenants that have customers. The others have only staff and accounts to list.
pub(crate) const TENANTS_WITH_CUSTOMERS: usize = 10;

/// Slug of the demo tenant that is copied.
const SOURCE_TENANT: &str = "greenfork";

/// Number of accounts of each tenant that are listed and have no order.
const LISTED_ACCOUNTS: usize = 30;

/// Number of lines of an order.
const ORDER_LINES: usize = 6;

/// The kind of object that an id is for. The value is the first byte of the id.
#[derive(Debug, Clone, Copy)]
pub(crate) enum IdKind {
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

/// Returns the id of the object with the number `n`.
pub(crate) fn id(kind: IdKind, n: usize) -> Uuid {
    let high = (kind as u128) << 120;
    let low = u128::try_from(n).unwrap_or_default();
    Uuid::from_u128(high | (0x7000_8000_u128 << 48) | low)
}

/// Returns the SQL expression for the id of the object whose number is the SQL expression `n`.
pub(crate) fn sql_id(kind: IdKind, n: &str) -> String {
    let prefix = format!("{:02x}000000-0000-7000-8000-", kind as u8);
    format!("('{prefix}' || lpad(to_hex(({n})::bigint), 12, '0'))::uuid")
}

/// A session of a user who is signed in.
pub(crate) struct Session {
    token: String,
    hash: [u8; 32],
}

impl Session {
    /// Returns the session with the number `n` of a tenant. `kind` is [`IdKind::OwnerSession`] or
    /// [`IdKind::ClientSession`].
    pub(crate) fn new(kind: IdKind, tenant: usize, n: usize) -> Self {
        let secret = Sha256::digest(id(kind, n).as_bytes());
        let bytes = [id(IdKind::Tenant, tenant).as_bytes().as_slice(), &secret].concat();
        Self { token: URL_SAFE_NO_PAD.encode(&bytes), hash: Sha256::digest(&bytes).into() }
    }

    /// Returns the headers that a browser sends from the client app.
    pub(crate) fn client_headers(&self) -> String {
        let csrf = csrf::issue(&CsrfKey::new(CSRF_KEY), &self.hash);
        format!(
            "cookie: bk_client_session={}; bk_client_csrf={csrf}\r\nx-csrf-token: {csrf}\r\n",
            self.token
        )
    }

    /// Returns the headers that a browser sends from the admin app.
    pub(crate) fn admin_headers(&self) -> String {
        format!("cookie: bk_admin_session={}\r\n", self.token)
    }
}

/// Returns the number of the tenant of customer `n`.
pub(crate) const fn tenant_of(n: usize) -> usize {
    n % TENANTS_WITH_CUSTOMERS
}

/// Seeds `tenants` tenants, and `customers` customers with a draft each in the first of them.
pub(crate) fn seed(postgres: &Postgres, tenants: usize, customers: usize) -> Outcome<()> {
    postgres.sql(&insert_tenants(tenants))?;
    postgres.sql(&insert_customers(customers))?;
    postgres.sql(&insert_sessions(
        IdKind::OwnerSession,
        IdKind::Owner,
        "admin",
        (0..tenants).map(|n| (n, n)),
    ))?;
    let clients = (0..customers).map(|n| (tenant_of(n), n));
    postgres.sql(&insert_sessions(IdKind::ClientSession, IdKind::Client, "client", clients))?;
    postgres.sql("ANALYZE;")?;
    postgres.checkpoint()
}

/// Returns the SQL that copies the rows of the source tenant in every table that a tenant needs.
fn insert_tenants(tenants: usize) -> String {
    let last = tenants.saturating_sub(1);
    let tenant = sql_id(IdKind::Tenant, "n");
    let owner = sql_id(IdKind::Owner, "n");
    let listed = sql_id(IdKind::Listed, "n * 1000 + i");
    format!(
        "BEGIN;
        -- The rows are consistent copies, so no foreign key needs checking and no trigger needs to count meals.
        SET LOCAL session_replication_role = replica;
        CREATE TEMP TABLE source AS SELECT tenant_id FROM tenant_directory WHERE slug = '{SOURCE_TENANT}';
        CREATE TEMP TABLE tenants AS SELECT n, {tenant} AS tenant FROM generate_series(0, {last}) n;
        INSERT INTO tenant_directory (tenant_id, slug, status)
            SELECT tenant, 'bench-' || n, 'ACTIVE' FROM tenants;
        DO $$
        DECLARE
            table_to_copy text;
            columns_to_copy text;
        BEGIN
            FOREACH table_to_copy IN ARRAY ARRAY['admin_tenants', 'admin_roles', 'kitchen_catalogue_versions',
                'kitchen_ingredients', 'kitchen_sub_recipes', 'kitchen_dishes', 'kitchen_components',
                'kitchen_recipe_lines', 'kitchen_presets', 'kitchen_preset_layouts',
                'kitchen_preset_layout_sides', 'kitchen_pack_products', 'kitchen_plans',
                'kitchen_order_weeks', 'kitchen_menu_weeks', 'kitchen_menu_dishes']
            LOOP
                SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) INTO columns_to_copy
                    FROM information_schema.columns
                    WHERE table_schema = 'public' AND table_name = table_to_copy
                      AND column_name <> 'tenant_id' AND is_generated = 'NEVER'
                      AND (table_to_copy, column_name) <> ('admin_tenants', 'slug');
                EXECUTE format('INSERT INTO %I (tenant_id%s, %s) SELECT t.tenant%s, %s FROM %I JOIN source USING (tenant_id), tenants t',
                    table_to_copy, CASE table_to_copy WHEN 'admin_tenants' THEN ', slug' ELSE '' END, columns_to_copy,
                    CASE table_to_copy WHEN 'admin_tenants' THEN ', ''bench-'' || t.n' ELSE '' END, columns_to_copy, table_to_copy);
            END LOOP;
        END $$;
        INSERT INTO identity_users (tenant_id, id, email, display_name, kind, status, password_hash, created_at, updated_at)
            SELECT tenant, {owner}, 'owner@bench.test', 'Owner', 'STAFF', 'ACTIVE', '$argon2id$none', '{CLOCK}', '{CLOCK}' FROM tenants;
        INSERT INTO identity_user_roles (tenant_id, user_id, role_key) SELECT tenant, {owner}, 'owner' FROM tenants;
        INSERT INTO kitchen_accounts (tenant_id, id, reference, name, status, tier, primary_user_id, created_at, updated_at)
            SELECT tenant, {listed}, 'L-' || i, 'Listed household ' || i, 'ACTIVE', 'MID', {owner}, '{CLOCK}', '{CLOCK}'
            FROM tenants, generate_series(1, {LISTED_ACCOUNTS}) i;
        COMMIT;"
    )
}

/// Returns the SQL for customers with an account, a pack of 20 meals and a draft of six lines of two meals each.
fn insert_customers(customers: usize) -> String {
    let last = customers.saturating_sub(1);
    let [tenant, user, account, pack, order] = [
        sql_id(IdKind::Tenant, &format!("n % {TENANTS_WITH_CUSTOMERS}")),
        sql_id(IdKind::Client, "n"),
        sql_id(IdKind::Account, "n"),
        sql_id(IdKind::Pack, "n"),
        sql_id(IdKind::Order, "n"),
    ];
    format!(
        "BEGIN;
        SET LOCAL session_replication_role = replica;
        CREATE TEMP TABLE source AS SELECT tenant_id FROM tenant_directory WHERE slug = '{SOURCE_TENANT}';
        CREATE TEMP TABLE week AS SELECT id FROM kitchen_order_weeks JOIN source USING (tenant_id)
            WHERE cutoff_at > '{CLOCK}' ORDER BY cutoff_at LIMIT 1;
        -- Dishes on the week's menu without a capacity limit; first those that sides are assigned to.
        CREATE TEMP TABLE dishes AS SELECT row_number() OVER (ORDER BY k.configurable DESC, d.dish_id) - 1 AS position, d.dish_id
            FROM kitchen_menu_weeks m JOIN source USING (tenant_id) JOIN week w ON w.id = m.week_id
            JOIN kitchen_menu_dishes d ON d.tenant_id = m.tenant_id AND d.menu_week_id = m.id
            JOIN kitchen_dishes k ON k.tenant_id = d.tenant_id AND k.id = d.dish_id
            WHERE d.capacity IS NULL ORDER BY position LIMIT {ORDER_LINES};
        CREATE TEMP TABLE preset AS SELECT default_preset_id AS id FROM kitchen_accounts JOIN source USING (tenant_id)
            WHERE default_preset_id IS NOT NULL ORDER BY kitchen_accounts.id LIMIT 1;
        CREATE TEMP TABLE product AS SELECT id FROM kitchen_pack_products JOIN source USING (tenant_id)
            WHERE meal_size_g = 400 LIMIT 1;
        CREATE TEMP TABLE customers AS SELECT n, {tenant} AS tenant_id, {user} AS user_id, {account} AS account_id,
            {pack} AS pack_id, {order} AS order_id FROM generate_series(0, {last}) n;
        INSERT INTO identity_users (tenant_id, id, email, display_name, kind, status, password_hash, created_at, updated_at)
            SELECT tenant_id, user_id, 'client' || n || '@bench.test', 'Client ' || n, 'CLIENT', 'ACTIVE', '$argon2id$none', '{CLOCK}', '{CLOCK}' FROM customers;
        INSERT INTO identity_user_roles (tenant_id, user_id, role_key) SELECT tenant_id, user_id, 'client' FROM customers;
        INSERT INTO kitchen_accounts (tenant_id, id, reference, name, status, tier, primary_user_id, default_preset_id, created_at, updated_at)
            SELECT tenant_id, account_id, 'A-' || n, 'Household ' || n, 'ACTIVE', 'HIGH', user_id, preset.id, '{CLOCK}', '{CLOCK}' FROM customers, preset;
        INSERT INTO kitchen_account_users (tenant_id, user_id, account_id, added_at)
            SELECT tenant_id, user_id, account_id, '{CLOCK}' FROM customers;
        INSERT INTO kitchen_packs (tenant_id, id, account_id, product_id, purchase_id, title, meals_total, meal_size_g, meals_remaining, price_minor, currency, purchased_at)
            SELECT tenant_id, pack_id, account_id, product.id, pack_id, '20 meals', 20, 400, 20, 30000, 'AUD', '{CLOCK}' FROM customers, product;
        INSERT INTO kitchen_pack_events (tenant_id, id, pack_id, kind, delta, at)
            SELECT tenant_id, pack_id, pack_id, 'PURCHASED', 20, '{CLOCK}' FROM customers;
        INSERT INTO kitchen_orders (tenant_id, id, account_id, week_id, state, created_at, updated_at)
            SELECT tenant_id, order_id, account_id, week.id, 'DRAFT', '{CLOCK}', '{CLOCK}' FROM customers, week;
        INSERT INTO kitchen_order_lines (tenant_id, order_id, position, dish_id, meal_size_g, quantity)
            SELECT tenant_id, order_id, position, dish_id, 400, 2 FROM customers, dishes;
        COMMIT;"
    )
}

/// Returns the SQL for the sessions of users, who are given as the numbers of their tenant and of themselves.
fn insert_sessions(
    session_kind: IdKind,
    user_kind: IdKind,
    surface: &str,
    users: impl Iterator<Item = (usize, usize)>,
) -> String {
    let mut sql = String::from(
        "SET session_replication_role = replica;
        COPY identity_sessions (tenant_id, id, user_id, door, token_hash, created_at, last_seen_at, expires_at, ip) FROM STDIN;\n",
    );
    for (tenant, n) in users {
        let hash = hex::encode(Session::new(session_kind, tenant, n).hash);
        let (tenant, session, user) =
            (id(IdKind::Tenant, tenant), id(session_kind, n), id(user_kind, n));
        // Writing to a string does not fail.
        let _ = writeln!(
            sql,
            "{tenant}\t{session}\t{user}\t{surface}\t\\\\x{hash}\t{CLOCK}\t{CLOCK}\t2026-11-27T14:00:00Z\t127.0.0.1"
        );
    }
    sql.push_str("\\.\n");
    sql
}
