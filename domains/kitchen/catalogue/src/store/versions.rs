//! `kitchen_catalogue_versions`.

use bk_persistence::{
    DbError, TenantTx,
    sea_orm::{ConnectionTrait, DbBackend, Statement},
};

/// How many changes the catalogue has seen; 0 before the first.
pub(crate) async fn version(tx: &TenantTx) -> Result<i64, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT version FROM kitchen_catalogue_versions WHERE tenant_id = $1",
        [tx.tenant_id().uuid().into()],
    );
    match tx.query_one_raw(statement).await? {
        Some(row) => Ok(row.try_get("", "version")?),
        None => Ok(0),
    }
}

/// Counts one more change, or none (`by` 0). Either way nobody else changes this tenant's catalogue
/// before the transaction ends.
pub(crate) async fn raise_version(tx: &TenantTx, by: i64) -> Result<(), DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "INSERT INTO kitchen_catalogue_versions AS c (tenant_id, version) VALUES ($1, 1)
         ON CONFLICT (tenant_id) DO UPDATE SET version = c.version + $2",
        [tx.tenant_id().uuid().into(), by.into()],
    );
    tx.execute_raw(statement).await?;
    Ok(())
}
