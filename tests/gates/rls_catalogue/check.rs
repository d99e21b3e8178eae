//! The catalogue check: a function over a connection that returns what is wrong with the schema.
//!
//! It reads Postgres's own catalogue and knows nothing of the migrations. Each rule is one query
//! whose rows are findings, written as sentences.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{
    allowed::{
        APPEND_ONLY_TABLES, DEFINER_FUNCTIONS, Exception, PLATFORM_READS, UNFENCED_TABLES, names,
    },
    rules,
};

/// One rule.
pub struct Rule {
    /// The exceptions that the query sees as `listed`.
    pub listed: &'static [Exception],
    /// Selects one text column: the findings.
    pub sql: &'static str,
}

/// Everything that breaks a rule of ARCHITECTURE.md, "Tenancy".
pub async fn findings(connection: &mut PgConnection) -> Vec<String> {
    let mut all = Vec::new();
    for rule in RULES {
        let sql = format!("{PREFIX} {}", rule.sql);
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(names(UNFENCED_TABLES))
            .bind(names(rule.listed))
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        all.extend(found);
    }
    all.sort();
    all
}

/// The tables that the fence is about, by name.
pub async fn tenant_tables(connection: &mut PgConnection) -> Vec<String> {
    let sql = format!("{PREFIX} SELECT name FROM tenant_tables ORDER BY name COLLATE \"C\"");
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(names(UNFENCED_TABLES))
        .bind(Vec::<String>::new())
        .fetch_all(connection)
        .await
        .unwrap()
}

/// What every rule starts from: the tables of `public`, those that must be fenced, the first column
/// of keys, the exceptions of the rule, and the roles that the product logs in as.
const PREFIX: &str = "
    WITH unfenced AS (SELECT unnest($1::text[]) AS name),
    listed AS (SELECT unnest($2::text[]) AS name),
    tables AS (
        SELECT oid, relname::text AS name, relrowsecurity, relforcerowsecurity, relacl, relowner
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    ),
    tenant_tables AS (
        SELECT t.*, a.attnum AS tenant_column, a.attnotnull, a.atttypid
        FROM tables t LEFT JOIN pg_attribute a
            ON a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
        WHERE t.name NOT IN (SELECT name FROM unfenced)
    ),
    request_roles AS (
        SELECT * FROM pg_roles WHERE rolname IN ('bk_app', 'bk_worker', 'bk_platform')
    )";

const RULES: &[Rule] = &[
    // Fences.
    Rule { listed: &[], sql: rules::TENANT_COLUMN },
    Rule { listed: &[], sql: rules::PRIMARY_KEY },
    Rule { listed: &[], sql: rules::ROW_SECURITY },
    Rule { listed: &[], sql: rules::ONE_POLICY },
    Rule { listed: &[], sql: rules::UNIQUE_INDEXES },
    Rule { listed: &[], sql: rules::FOREIGN_KEYS },
    Rule { listed: UNFENCED_TABLES, sql: rules::LISTED_TABLES_EXIST },
    // Ways round the fence.
    Rule { listed: &[], sql: rules::VIEWS },
    Rule { listed: &[], sql: rules::OTHER_RELATIONS },
    Rule { listed: DEFINER_FUNCTIONS, sql: rules::DEFINERS },
    Rule { listed: DEFINER_FUNCTIONS, sql: rules::LISTED_FUNCTIONS_EXIST },
    Rule { listed: &[], sql: rules::FUNCTIONS_OF_EVERYBODY },
    // Ledgers.
    Rule { listed: APPEND_ONLY_TABLES, sql: rules::LEDGER_TRIGGERS },
    Rule { listed: APPEND_ONLY_TABLES, sql: rules::LEDGER_GRANTS },
    Rule { listed: APPEND_ONLY_TABLES, sql: rules::LEDGERS_ARE_LISTED },
    // Roles and what they own and may do.
    Rule { listed: &[], sql: rules::OWNERS },
    Rule { listed: &[], sql: rules::REQUEST_ROLES },
    Rule { listed: &[], sql: rules::MEMBERSHIPS },
    Rule { listed: &[], sql: rules::CREATING },
    Rule { listed: &[], sql: rules::TABLE_RIGHTS },
    Rule { listed: PLATFORM_READS, sql: rules::PLATFORM_READS_ONLY },
];
