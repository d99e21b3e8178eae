//! What a tenant can see and write of another's rows, tried on every table in the same way.
//!
//! Everything happens in a transaction that is rolled back: two tenants get one row each, whatever
//! the table's own rules about contents, and then the fence alone decides.

use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::run;

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";
/// Has no row, so that no key is taken.
const C: &str = "00000000-0000-4000-8000-00000000000c";

/// Sentences about what the fence of `table` does not do, after `mutation` if there is one.
pub async fn probe(
    connection: &mut PgConnection,
    table: &str,
    mutation: Option<&str>,
) -> Vec<String> {
    run(connection, "BEGIN").await;
    forget_contents_rules(connection, table).await;
    let insert = insertion(connection, table).await;
    for tenant in [A, B] {
        run(connection, &insert.replace("{tenant}", tenant)).await;
    }
    run(connection, &format!("GRANT SELECT, INSERT ON {table} TO bk_app")).await;
    if let Some(mutation) = mutation {
        run(connection, &mutation.replace("{table}", table)).await;
    }
    run(connection, &format!("SET LOCAL app.tenant_id = '{A}'")).await;
    let mut holes = Vec::new();
    // The owner shows whether security is forced; the API's role shows what a request could do.
    for role in ["bk_owner", "bk_app"] {
        run(connection, &format!("SET LOCAL ROLE {role}")).await;
        let (own, others) = visible(connection, table).await;
        if own != 1 {
            holes.push(format!("{role} sees {own} of its own rows"));
        }
        if others != 0 {
            holes.push(format!("{role} sees {others} rows of another tenant"));
        }
        if accepts(connection, &insert.replace("{tenant}", C)).await {
            holes.push(format!("{role} writes a row of another tenant"));
        }
        run(connection, "RESET ROLE").await;
    }
    run(connection, "ROLLBACK").await;
    holes
}

/// So that a row is its key and nothing else.
async fn forget_contents_rules(connection: &mut PgConnection, table: &str) {
    run(connection, &format!("ALTER TABLE {table} DISABLE TRIGGER ALL")).await;
    let forget: Vec<String> = sqlx::query_scalar(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
         FROM pg_constraint WHERE conrelid = $1::regclass AND contype IN ('c', 'f')
         UNION ALL
         SELECT format('ALTER TABLE %s ALTER %I DROP NOT NULL', a.attrelid::regclass, a.attname)
         FROM pg_attribute a
         WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
           AND a.attidentity = ''
           AND NOT EXISTS (SELECT FROM pg_index i
                           WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))",
    )
    .bind(table)
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for sql in forget {
        run(connection, &sql).await;
    }
}

/// An insertion of a row of `{tenant}` with a key nobody has.
async fn insertion(connection: &mut PgConnection, table: &str) -> String {
    let rows = sqlx::query(
        "SELECT a.attname::text AS name, a.atttypid::regtype::text AS kind
         FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
         WHERE i.indrelid = $1::regclass AND i.indisprimary AND a.attname <> 'tenant_id'",
    )
    .bind(table)
    .fetch_all(connection)
    .await
    .unwrap();
    let (mut columns, mut values) = (vec!["tenant_id".to_owned()], vec!["'{tenant}'".to_owned()]);
    for row in rows {
        columns.push(row.get("name"));
        let kind: String = row.get("kind");
        values.push(match kind.as_str() {
            "uuid" => "gen_random_uuid()".to_owned(),
            "text" => "gen_random_uuid()::text".to_owned(),
            "bytea" => "decode(md5(random()::text), 'hex')".to_owned(),
            "integer" | "bigint" => "(random() * 1000000)::integer".to_owned(),
            other => panic!("{table}: how is a {other} made up?"),
        });
    }
    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), values.join(", "))
}

/// How many rows of the own and of the other tenant a query without a condition returns.
async fn visible(connection: &mut PgConnection, table: &str) -> (i64, i64) {
    let count = format!(
        "SELECT count(*) FILTER (WHERE tenant_id = '{A}'), count(*) FILTER (WHERE tenant_id = '{B}')
         FROM {table}"
    );
    sqlx::query_as(AssertSqlSafe(count)).fetch_one(connection).await.unwrap()
}

/// Whether the statement is let through; it changes nothing either way.
async fn accepts(connection: &mut PgConnection, sql: &str) -> bool {
    run(connection, "SAVEPOINT attempt").await;
    let outcome = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *connection).await;
    run(connection, "ROLLBACK TO SAVEPOINT attempt").await;
    match outcome {
        Ok(_) => true,
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("row-level security"), "refused for another reason: {text}");
            false
        }
    }
}
