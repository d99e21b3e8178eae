//! The rules as queries. They start from the tables that [`super::check`] puts before them.

/// `tenant_id uuid NOT NULL` in every table that is not excepted.
pub const TENANT_COLUMN: &str = "
    SELECT format('table %s has no tenant_id and is not on the list of unfenced tables', name)
    FROM tenant_tables WHERE tenant_column IS NULL
    UNION ALL
    SELECT format('table %s: tenant_id must be uuid and not null', name)
    FROM tenant_tables WHERE tenant_column IS NOT NULL AND NOT (attnotnull AND atttypid = 'uuid'::regtype)";

/// The primary key leads with the tenant.
pub const PRIMARY_KEY: &str = "
    SELECT format('table %s: the primary key does not lead with tenant_id', t.name)
    FROM tenant_tables t
    WHERE t.tenant_column IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_constraint c
        WHERE c.conrelid = t.oid AND c.contype = 'p' AND c.conkey[1] = t.tenant_column)";

/// Enabled, and forced on the owner as well.
pub const ROW_SECURITY: &str = "
    SELECT format('table %s: row-level security is not enabled', name)
    FROM tenant_tables WHERE NOT relrowsecurity
    UNION ALL
    SELECT format('table %s: row-level security is not forced', name)
    FROM tenant_tables WHERE NOT relforcerowsecurity";

/// Exactly one policy, for all commands and roles, with exactly the two expressions.
pub const ONE_POLICY: &str = "
    SELECT format('table %s: not exactly the one policy tenant_fence', t.name)
    FROM tenant_tables t
    WHERE 1 <> (SELECT count(*) FROM pg_policy p WHERE p.polrelid = t.oid)
       OR NOT EXISTS (
        SELECT FROM pg_policy p
        WHERE p.polrelid = t.oid AND p.polname = 'tenant_fence' AND p.polcmd = '*'
          AND p.polpermissive AND p.polroles = ARRAY[0::oid]
          AND pg_get_expr(p.polqual, p.polrelid) = '(tenant_id = (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::uuid)'
          AND pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(p.polqual, p.polrelid))";

/// So that uniqueness never tells one tenant about another, and tables can be distributed.
pub const UNIQUE_INDEXES: &str = "
    SELECT format('unique index %s of %s does not lead with tenant_id', i.indexrelid::regclass, t.name)
    FROM tenant_tables t JOIN pg_index i ON i.indrelid = t.oid
    WHERE i.indisunique AND i.indkey[0] IS DISTINCT FROM t.tenant_column
    UNION ALL
    SELECT format('exclusion constraint %s of %s does not lead with tenant_id', c.conname, t.name)
    FROM tenant_tables t JOIN pg_constraint c ON c.conrelid = t.oid
    WHERE c.contype = 'x' AND c.conkey[1] IS DISTINCT FROM t.tenant_column";

/// References stay inside the tenant, on both sides.
pub const FOREIGN_KEYS: &str = "
    SELECT format('foreign key %s of %s does not lead with tenant_id on both sides', c.conname, c.conrelid::regclass)
    FROM pg_constraint c
    JOIN tables source ON source.oid = c.conrelid
    LEFT JOIN tenant_tables here ON here.oid = c.conrelid
    LEFT JOIN tenant_tables there ON there.oid = c.confrelid
    WHERE c.contype = 'f'
      AND (c.conkey[1] IS DISTINCT FROM here.tenant_column
        OR c.confkey[1] IS DISTINCT FROM there.tenant_column)";

/// An exception for a table that is gone is a trap for the next table of that name.
pub const LISTED_TABLES_EXIST: &str = "
    SELECT format('the list of unfenced tables names %s, which does not exist', name)
    FROM listed WHERE name NOT IN (SELECT name FROM tables)";

/// A view runs with its owner's rights unless it says otherwise; a materialised one always does.
pub const VIEWS: &str = "
    SELECT format('view %s is not security_invoker', relname)
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
      AND NOT coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on']
    UNION ALL
    SELECT format('materialised view %s: row-level security cannot guard it', relname)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'm'";

/// Foreign tables have no policies, and rewrite rules run with the rights of the table's owner.
pub const OTHER_RELATIONS: &str = "
    SELECT format('foreign table %s: row-level security cannot guard it', relname)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'f'
    UNION ALL
    SELECT format('rule %s on %s: rules run with the rights of the owner', r.rulename, r.ev_class::regclass)
    FROM pg_rewrite r JOIN tables t ON t.oid = r.ev_class";

/// Functions with the owner's rights are listed, belong to the owner and fix what names mean.
pub const DEFINERS: &str = "
    SELECT format('function %s is SECURITY DEFINER and not on the list', p.oid::regprocedure)
    FROM pg_proc p
    WHERE p.prosecdef AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND p.oid::regprocedure::text NOT IN (SELECT name FROM listed)
    UNION ALL
    SELECT format('function %s is not owned by bk_owner', p.oid::regprocedure)
    FROM pg_proc p
    WHERE p.prosecdef AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND p.proowner <> 'bk_owner'::regrole
    UNION ALL
    SELECT format('function %s is SECURITY DEFINER without search_path = pg_catalog, public', p.oid::regprocedure)
    FROM pg_proc p
    WHERE p.prosecdef AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND NOT coalesce(p.proconfig, '{}') && ARRAY['search_path=pg_catalog, public']";

/// See [`LISTED_TABLES_EXIST`].
pub const LISTED_FUNCTIONS_EXIST: &str = "
    SELECT format('the list of functions names %s, which does not exist or is not SECURITY DEFINER', name)
    FROM listed
    WHERE NOT EXISTS (
        SELECT FROM pg_proc p WHERE p.prosecdef AND p.oid = to_regprocedure(listed.name)::oid)";

/// A function is for those it was granted to.
pub const FUNCTIONS_OF_EVERYBODY: &str = "
    SELECT format('function %s can be called by everybody', p.oid::regprocedure)
    FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
    WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND acl.grantee = 0";

/// Both triggers, enabled, calling the function that refuses.
pub const LEDGER_TRIGGERS: &str = "
    SELECT format('ledger %s: the trigger %s is missing or off', listed.name, wanted.name)
    FROM listed, (VALUES ('append_only', 27), ('append_only_truncate', 34)) AS wanted (name, kind)
    WHERE NOT EXISTS (
        -- 27 is BEFORE ROW UPDATE OR DELETE, 34 is BEFORE STATEMENT TRUNCATE (pg_trigger.h).
        SELECT FROM pg_trigger g
        WHERE g.tgrelid = to_regclass('public.' || listed.name) AND g.tgname = wanted.name
          AND g.tgtype = wanted.kind AND g.tgenabled IN ('O', 'A') AND g.tgqual IS NULL
          AND g.tgfoid = to_regprocedure('public.refuse_change()'))";

/// Nobody was granted to change or remove, not even one column.
pub const LEDGER_GRANTS: &str = "
    SELECT format('ledger %s: %s may %s', t.name, acl.grantee::regrole, acl.privilege_type)
    FROM tables t JOIN listed ON listed.name = t.name, aclexplode(t.relacl) acl
    WHERE acl.grantee <> t.relowner AND acl.privilege_type NOT IN ('SELECT', 'INSERT')
    UNION ALL
    SELECT format('ledger %s: %s may %s column %s', t.name, acl.grantee::regrole, acl.privilege_type, a.attname)
    FROM tables t JOIN listed ON listed.name = t.name
    JOIN pg_attribute a ON a.attrelid = t.oid, aclexplode(a.attacl) acl
    WHERE acl.grantee <> t.relowner AND acl.privilege_type NOT IN ('SELECT', 'INSERT')";

/// A new ledger joins the list, so that losing its triggers later is noticed.
pub const LEDGERS_ARE_LISTED: &str = "
    SELECT format('table %s has the trigger of a ledger and is not on the list of ledgers', t.name)
    FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid
    WHERE g.tgname = 'append_only' AND t.name NOT IN (SELECT name FROM listed)";

/// Every object belongs to `bk_owner`: no login role, and nobody by accident.
pub const OWNERS: &str = "
    SELECT format('%s belongs to %s, not to bk_owner', c.oid::regclass, c.relowner::regrole)
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relowner <> 'bk_owner'::regrole
    UNION ALL
    SELECT format('%s belongs to %s, not to bk_owner', p.oid::regprocedure, p.proowner::regrole)
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.proowner <> 'bk_owner'::regrole
    UNION ALL
    SELECT format('schema %s belongs to %s, not to bk_owner', n.nspname, n.nspowner::regrole)
    FROM pg_namespace n WHERE n.nspname = 'public' AND n.nspowner <> 'bk_owner'::regrole
    UNION ALL
    SELECT format('the database belongs to %s, not to bk_owner', d.datdba::regrole)
    FROM pg_database d WHERE d.datname = current_database() AND d.datdba <> 'bk_owner'::regrole
    UNION ALL
    SELECT format('%s owns %s objects', r.rolname, count(*))
    FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
    JOIN pg_database d ON d.datname = current_database()
    WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o' AND s.dbid = d.oid
      AND (r.rolcanlogin OR r.rolname <> 'bk_owner')
    GROUP BY r.rolname";

/// Row-level security binds the roles of requests and work; the owner cannot log in.
pub const REQUEST_ROLES: &str = "
    SELECT format('role %s is too powerful', rolname) FROM request_roles
    WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
    UNION ALL
    SELECT 'the roles bk_app, bk_worker and bk_platform do not all exist'
    WHERE 3 <> (SELECT count(*) FROM request_roles)
    UNION ALL
    SELECT format('role %s is too powerful for an owner', rolname) FROM pg_roles
    WHERE rolname = 'bk_owner' AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)";

/// Nobody can become somebody else, and only the migrator becomes the owner.
pub const MEMBERSHIPS: &str = "
    SELECT format('role %s is a member of %s', r.rolname, m.roleid::regrole)
    FROM pg_auth_members m JOIN request_roles r ON r.oid = m.member
    UNION ALL
    SELECT format('role %s is a member of bk_owner', r.rolname)
    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member
    WHERE m.roleid = 'bk_owner'::regrole AND starts_with(r.rolname::text, 'bk_') AND r.rolname <> 'bk_migrate'";

/// Not even temporary tables.
pub const CREATING: &str = "
    SELECT format('role %s may create in schema %s', r.rolname, n.nspname)
    FROM request_roles r, pg_namespace n
    WHERE n.nspname !~ '^pg_(toast_)?temp' AND has_schema_privilege(r.oid, n.oid, 'CREATE')
    UNION ALL
    SELECT format('role %s may %s in this database', r.rolname, wanted.what)
    FROM request_roles r, (VALUES ('CREATE'), ('TEMPORARY')) AS wanted (what)
    WHERE has_database_privilege(r.oid, current_database(), wanted.what)";

/// Nothing for everybody, and no right that could undo a fence: truncating ignores policies,
/// references and triggers act with more rights than their maker has.
pub const TABLE_RIGHTS: &str = "
    SELECT format('table %s: everybody may %s', t.name, acl.privilege_type)
    FROM tables t, aclexplode(t.relacl) acl WHERE acl.grantee = 0
    UNION ALL
    SELECT format('table %s: %s may %s', t.name, acl.grantee::regrole, acl.privilege_type)
    FROM tables t, aclexplode(t.relacl) acl
    WHERE acl.grantee NOT IN (0, t.relowner)
      AND acl.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    UNION ALL
    SELECT format('table %s: %s may grant %s on', t.name, acl.grantee::regrole, acl.privilege_type)
    FROM tables t, aclexplode(t.relacl) acl
    WHERE acl.grantee NOT IN (0, t.relowner) AND acl.is_grantable";

/// The audited reads across tenants, and no writes at all.
pub const PLATFORM_READS_ONLY: &str = "
    SELECT format('table %s: bk_platform may %s', t.name, acl.privilege_type)
    FROM tables t, aclexplode(t.relacl) acl
    WHERE acl.grantee = 'bk_platform'::regrole
      AND (acl.privilege_type <> 'SELECT' OR t.name NOT IN (SELECT name FROM listed))
    UNION ALL
    SELECT format('table %s: bk_platform may %s column %s', t.name, acl.privilege_type, a.attname)
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid, aclexplode(a.attacl) acl
    WHERE acl.grantee = 'bk_platform'::regrole";
