//! Tenants are fenced off from each other by the schema itself (ARCHITECTURE.md, "Tenancy"): read
//! from the catalogue of a migrated database, and proven to turn red when any fence is taken away.

mod allowed;
mod behaviour;
mod check;
mod mutations;
mod rules;

use bk_testing::TestDb;
use sqlx::{AssertSqlSafe, PgConnection};

use self::{
    check::{findings, tenant_tables},
    mutations::{OF_EVERY_TABLE, OF_THE_SCHEMA},
};

#[tokio::test]
async fn every_tenant_table_is_fenced_and_nothing_leads_round_the_fence() {
    let db = TestDb::new().await;
    let mut connection = db.admin.acquire().await.unwrap();
    let findings = findings(&mut connection).await;
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[tokio::test]
async fn the_tenant_tables_are_these() {
    let db = TestDb::new().await;
    let mut connection = db.admin.acquire().await.unwrap();
    insta::assert_snapshot!(tenant_tables(&mut connection).await.join("\n"));
}

#[tokio::test]
async fn dropping_any_policy_or_revoking_any_force_turns_the_check_red() {
    let db = TestDb::new().await;
    let mut connection = db.admin.acquire().await.unwrap();
    let tables = tenant_tables(&mut connection).await;
    for table in &tables {
        for mutation in OF_EVERY_TABLE {
            let sql = mutation.replace("{table}", table);
            run(&mut connection, &format!("BEGIN; {sql}")).await;
            let found = findings(&mut connection).await;
            assert!(
                found.iter().any(|finding| finding.contains(&format!("table {table}:"))),
                "nothing was found after: {sql}\n{found:?}"
            );
            run(&mut connection, "ROLLBACK").await;
        }
    }
    assert_eq!(findings(&mut connection).await, Vec::<String>::new(), "the mutations were undone");
}

#[tokio::test]
async fn every_other_way_round_the_fence_turns_the_check_red() {
    let db = TestDb::new().await;
    let mut connection = db.admin.acquire().await.unwrap();
    for (mutation, expected) in OF_THE_SCHEMA {
        run(&mut connection, &format!("BEGIN; {mutation}")).await;
        let found = findings(&mut connection).await;
        assert!(
            found.iter().any(|finding| finding.contains(expected)),
            "no finding says \"{expected}\" after: {mutation}\n{found:?}"
        );
        run(&mut connection, "ROLLBACK").await;
    }
    assert_eq!(findings(&mut connection).await, Vec::<String>::new(), "the mutations were undone");
}

#[tokio::test]
async fn the_fence_of_every_table_holds_and_falls_with_its_policy() {
    let db = TestDb::new().await;
    let mut connection = db.admin.acquire().await.unwrap();
    for table in tenant_tables(&mut connection).await {
        let whole = behaviour::probe(&mut connection, &table, None).await;
        assert_eq!(whole, Vec::<String>::new(), "{table} as migrated");
        for mutation in OF_EVERY_TABLE {
            let mutated = behaviour::probe(&mut connection, &table, Some(mutation)).await;
            assert!(!mutated.is_empty(), "{table} behaves the same after: {mutation}");
        }
    }
}

/// The statements are this gate's own.
async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}
