//! A database made when migrations had numbers for names is brought to the current schema, once, with
//! everything in it.

use std::str::FromStr;

use bk_migrations::{Migrator, migrate, pending};
use bk_persistence::{Environment, store::DbError};
use bk_testing::TestDb;
use sea_orm_migration::MigratorTrait;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// The schema as it was, with the old names recorded.
const BEFORE: &str = include_str!("before_dates.sql");

/// What the first migration run wrote down as its instant.
const APPLIED_AT: i64 = 1_795_603_831;

const TENANT: &str = "
    INSERT INTO tenant_directory (tenant_id, slug, status)
    VALUES ('0198f3a2-7c1e-7b44-9d0a-3f1c5a6b7c8d', 'greenfork', 'ACTIVE')";

/// A database as the version before left it, with a tenant in it.
async fn old_database() -> TestDb {
    let db = TestDb::new().await;
    let options = PgConnectOptions::from_str(db.url.expose()).unwrap();
    // Of its own: the script changes settings of the session.
    let mut session = PgConnection::connect_with(&options).await.unwrap();
    let empty = "DROP SCHEMA graphile_worker CASCADE; DROP SCHEMA public CASCADE;";
    sqlx::raw_sql(empty).execute(&mut session).await.unwrap();
    sqlx::raw_sql(BEFORE).execute(&mut session).await.unwrap();
    session.close().await.unwrap();
    sqlx::raw_sql(TENANT).execute(&db.admin).await.unwrap();
    db
}

async fn lacking(db: &TestDb) -> Vec<String> {
    db.worker.global(async |tx| Ok::<_, DbError>(pending(&tx).await?)).await.unwrap()
}

async fn recorded(db: &TestDb) -> Vec<(String, i64)> {
    let rows = "SELECT version::text, applied_at FROM seaql_migrations ORDER BY version";
    sqlx::query_as(rows).fetch_all(&db.admin).await.unwrap()
}

fn names() -> Vec<String> {
    let mut names: Vec<_> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_database_with_the_old_names_lacks_only_what_came_after_them() {
    let db = old_database().await;
    // Every migration of the first day had an old name.
    let later: Vec<_> =
        names().into_iter().filter(|name| !name.starts_with("m20261122_")).collect();
    assert_eq!(lacking(&db).await, later);
}

#[tokio::test]
async fn a_database_with_the_old_names_is_migrated_once_and_keeps_what_is_in_it() {
    let db = old_database().await;
    let both =
        tokio::join!(migrate(&db.url, Environment::Test), migrate(&db.url, Environment::Test),);
    both.0.unwrap();
    both.1.unwrap();
    let after = recorded(&db).await;
    assert_eq!(after.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), names());
    let before = after.iter().filter(|(_, applied_at)| *applied_at == APPLIED_AT);
    assert_eq!(before.count(), 8, "{after:?}");
    assert_eq!(lacking(&db).await, [""; 0]);
    let tenants = "SELECT count(*) FROM tenant_directory WHERE slug = 'greenfork'";
    assert_eq!(db.number(tenants).await, 1);
    migrate(&db.url, Environment::Test).await.unwrap();
    assert_eq!(recorded(&db).await, after);
}

#[tokio::test]
async fn a_database_with_the_old_names_ends_with_the_schema_of_a_new_one() {
    let (old, new) = (old_database().await, TestDb::new().await);
    migrate(&old.url, Environment::Test).await.unwrap();
    let (old, new) = (schema(&old).await, schema(&new).await);
    for (name, definition) in &new {
        let found = old.iter().find(|(other, _)| other == name).map(|(_, found)| found);
        assert_eq!(found, Some(definition), "{name}");
    }
    assert_eq!(old.len(), new.len());
    assert!(new.len() > 500, "the query sees {} objects", new.len());
}

/// Everything in the schema that a migration makes, by name.
async fn schema(db: &TestDb) -> Vec<(String, String)> {
    db.pairs(
        "WITH tables AS (
             SELECT c.oid, c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity,
                    c.relowner, c.relacl
             FROM pg_class c
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'S', 'v')
         ), rights AS (
             SELECT 'right ' || t.relname AS name, t.relacl AS acl FROM tables t
             UNION ALL
             SELECT 'right ' || t.relname || '.' || a.attname, a.attacl
             FROM pg_attribute a JOIN tables t ON t.oid = a.attrelid WHERE a.attacl IS NOT NULL
             UNION ALL
             SELECT 'right ' || p.oid::regprocedure, p.proacl FROM pg_proc p
             WHERE p.pronamespace = 'public'::regnamespace
         )
         SELECT 'table ' || relname,
                concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity, relowner::regrole)
         FROM tables
         UNION ALL
         SELECT 'column ' || t.relname || '.' || a.attname,
                concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                    pg_get_expr(d.adbin, d.adrelid))
         FROM pg_attribute a JOIN tables t ON t.oid = a.attrelid
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attnum > 0 AND NOT a.attisdropped AND t.relkind = 'r'
         UNION ALL
         SELECT 'constraint ' || t.relname || '.' || c.conname, pg_get_constraintdef(c.oid)
         FROM pg_constraint c JOIN tables t ON t.oid = c.conrelid
         UNION ALL
         SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
         UNION ALL
         SELECT 'policy ' || tablename || '.' || policyname,
                concat_ws(' ', permissive, roles, cmd, qual, with_check)
         FROM pg_policies WHERE schemaname = 'public'
         UNION ALL
         SELECT 'trigger ' || t.relname || '.' || g.tgname, pg_get_triggerdef(g.oid)
         FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal
         UNION ALL
         SELECT 'function ' || p.oid::regprocedure, pg_get_functiondef(p.oid) || p.proowner::regrole
         FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
         UNION ALL
         SELECT name || ' ' || grantee::regrole || ' ' || privilege_type, is_grantable::text
         FROM rights, aclexplode(acl)
         ORDER BY 1",
    )
    .await
}
