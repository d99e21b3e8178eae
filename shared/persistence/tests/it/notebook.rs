//! A small tenant table for the tests: notebooks with notes, and a ledger.

use bk_kernel::{OperationContext, RequestId, TenantId};
use bk_persistence::{
    DbError, TenantTx,
    migration::HELPERS,
    sea_orm::{ConnectionTrait, DbBackend, Statement, Value},
};
use bk_testing::TestDb;
use chrono::Utc;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

const SCHEMA: &str = "
    SET ROLE bk_owner;
    CREATE TABLE notebooks (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
    SELECT pg_temp.enable_tenant_rls('notebooks');
    SELECT pg_temp.grant_rw('notebooks');
    CREATE TABLE notes (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        notebook_id uuid,
        amount bigint NOT NULL CONSTRAINT notes_amount_positive CHECK (amount >= 0),
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT notes_notebook_fkey FOREIGN KEY (tenant_id, notebook_id)
            REFERENCES notebooks (tenant_id, id) DEFERRABLE INITIALLY IMMEDIATE
    );
    SELECT pg_temp.enable_tenant_rls('notes');
    SELECT pg_temp.grant_rw('notes');
    CREATE TABLE ledger (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
    SELECT pg_temp.enable_tenant_rls('ledger');
    SELECT pg_temp.append_only('ledger');
    RESET ROLE;
";

/// A database with the tables, and pools of so many connections.
pub async fn database(connections: u32) -> TestDb {
    let database = TestDb::with_connections(connections).await;
    sqlx::raw_sql(AssertSqlSafe([HELPERS, SCHEMA].concat()))
        .execute(&database.admin)
        .await
        .unwrap();
    database
}

/// The context of an operation of the product itself for this tenant.
pub fn system(tenant: TenantId) -> OperationContext {
    OperationContext::system(tenant, RequestId::new(), Utc::now())
}

pub fn sql<const N: usize>(text: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

pub async fn add_notebook(tx: &TenantTx, id: Uuid) -> Result<(), DbError> {
    let values = [tx.tenant_id().uuid().into(), id.into()];
    tx.execute_raw(sql("INSERT INTO notebooks (tenant_id, id) VALUES ($1, $2)", values)).await?;
    Ok(())
}

pub async fn add_note(tx: &TenantTx, id: Uuid, amount: i64) -> Result<(), DbError> {
    add_note_of(tx, tx.tenant_id(), id, amount).await
}

/// Tries to write under any tenant's name.
pub async fn add_note_of(
    tx: &TenantTx,
    tenant: TenantId,
    id: Uuid,
    amount: i64,
) -> Result<(), DbError> {
    let insert = "INSERT INTO notes (tenant_id, id, amount) VALUES ($1, $2, $3)";
    tx.execute_raw(sql(insert, [tenant.uuid().into(), id.into(), amount.into()])).await?;
    Ok(())
}

/// What a query without a tenant in it sees: only the fence decides.
pub async fn visible(tx: &impl ConnectionTrait) -> Result<Vec<(Uuid, i64)>, DbError> {
    let rows = tx.query_all_raw(sql("SELECT id, amount FROM notes ORDER BY id", [])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "amount")?))).collect()
}

/// What is there, behind the fence.
pub async fn rows(database: &TestDb, table: &str) -> i64 {
    let count = format!("SELECT count(*) FROM {table}");
    sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&database.admin).await.unwrap()
}
