//! Damage that must be noticed.

/// To one tenant table, `{table}`; each also changes what the table lets through.
pub const OF_EVERY_TABLE: &[&str] = &[
    "DROP POLICY tenant_fence ON {table}",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "ALTER POLICY tenant_fence ON {table} USING (true)",
    "ALTER POLICY tenant_fence ON {table} WITH CHECK (true)",
    "CREATE POLICY other ON {table} FOR SELECT USING (true)",
];

/// To the schema, with a part of the finding that must appear.
pub const OF_THE_SCHEMA: &[(&str, &str)] = &[
    ("CREATE TABLE stray (id uuid PRIMARY KEY)", "table stray has no tenant_id"),
    ("CREATE TABLE stray (tenant_id uuid, id uuid)", "table stray: tenant_id must be uuid"),
    ("CREATE TABLE stray (tenant_id text NOT NULL)", "table stray: tenant_id must be uuid"),
    (
        "CREATE TABLE stray (tenant_id uuid NOT NULL, id uuid, PRIMARY KEY (id, tenant_id))",
        "table stray: the primary key does not lead",
    ),
    (
        "CREATE UNIQUE INDEX stray ON identity_users (email)",
        "unique index stray of identity_users does not lead",
    ),
    (
        "CREATE UNIQUE INDEX stray ON identity_users (lower(email), tenant_id)",
        "unique index stray of identity_users does not lead",
    ),
    (
        "ALTER TABLE kitchen_orders ADD UNIQUE (id);
         ALTER TABLE kitchen_order_lines ADD CONSTRAINT stray FOREIGN KEY (order_id) REFERENCES kitchen_orders (id)",
        "foreign key stray of kitchen_order_lines",
    ),
    (
        "ALTER TABLE admin_roles ADD CONSTRAINT stray FOREIGN KEY (tenant_id) REFERENCES tenant_directory (tenant_id)",
        "foreign key stray of admin_roles",
    ),
    (
        "ALTER TABLE origin_directory ADD CONSTRAINT stray FOREIGN KEY (tenant_id) REFERENCES admin_tenants (tenant_id)",
        "foreign key stray of origin_directory",
    ),
    ("DROP TABLE outbox_wake", "names outbox_wake, which does not exist"),
    ("CREATE VIEW stray AS SELECT * FROM identity_users", "view stray is not security_invoker"),
    (
        "CREATE MATERIALIZED VIEW stray AS SELECT * FROM identity_users",
        "materialised view stray",
    ),
    (
        "CREATE RULE stray AS ON INSERT TO kitchen_orders DO INSTEAD NOTHING",
        "rule stray on kitchen_orders",
    ),
    (
        "CREATE FUNCTION stray() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "function stray() is SECURITY DEFINER and not on the list",
    ),
    (
        "ALTER FUNCTION tenant_by_slug(text) RESET search_path",
        "function tenant_by_slug(text) is SECURITY DEFINER without search_path",
    ),
    (
        "ALTER FUNCTION tenant_by_slug(text) OWNER TO CURRENT_USER",
        "function tenant_by_slug(text) is not owned by bk_owner",
    ),
    ("DROP FUNCTION origin_known(text, text)", "the list of functions names origin_known"),
    (
        "GRANT EXECUTE ON FUNCTION tenant_by_slug(text) TO PUBLIC",
        "function tenant_by_slug(text) can be called by everybody",
    ),
    (
        "DROP TRIGGER append_only ON audit_entries",
        "ledger audit_entries: the trigger append_only is missing",
    ),
    (
        "ALTER TABLE billing_ledger DISABLE TRIGGER append_only_truncate",
        "ledger billing_ledger: the trigger append_only_truncate is missing",
    ),
    ("GRANT UPDATE ON kitchen_pack_events TO bk_worker", "ledger kitchen_pack_events: bk_worker"),
    (
        "GRANT UPDATE (reason) ON kitchen_pack_events TO bk_app",
        "ledger kitchen_pack_events: bk_app may UPDATE column reason",
    ),
    (
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON admin_roles
             FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "table admin_roles has the trigger of a ledger",
    ),
    (
        "GRANT CREATE ON SCHEMA public TO bk_app; ALTER TABLE outbox_wake OWNER TO bk_app",
        "outbox_wake belongs to bk_app",
    ),
    ("ALTER FUNCTION refuse_change() OWNER TO bk_worker", "refuse_change() belongs to bk_worker"),
    ("GRANT CREATE ON SCHEMA public TO bk_app", "role bk_app may create in schema public"),
    ("ALTER ROLE bk_app BYPASSRLS", "role bk_app is too powerful"),
    ("ALTER ROLE bk_worker SUPERUSER", "role bk_worker is too powerful"),
    ("ALTER ROLE bk_owner LOGIN", "role bk_owner is too powerful"),
    ("GRANT bk_owner TO bk_app", "role bk_app is a member of bk_owner"),
    ("GRANT bk_owner TO bk_backup", "role bk_backup is a member of bk_owner"),
    ("GRANT SELECT ON identity_users TO PUBLIC", "table identity_users: everybody may SELECT"),
    ("GRANT TRUNCATE ON identity_sessions TO bk_app", "table identity_sessions: bk_app may TRUNCATE"),
    (
        "GRANT SELECT ON identity_users TO bk_app WITH GRANT OPTION",
        "table identity_users: bk_app may grant",
    ),
    ("GRANT SELECT ON identity_users TO bk_platform", "table identity_users: bk_platform may"),
    (
        "GRANT INSERT (slug) ON tenant_directory TO bk_platform",
        "table tenant_directory: bk_platform may INSERT column slug",
    ),
];
