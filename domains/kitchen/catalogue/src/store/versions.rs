//! `kitchen_catalogue_versions`.

use bk_persistence::store::*;

/// How many changes the catalogue has seen; 0 before the first.
pub(crate) async fn version(tx: &TenantTx) -> Result<i64, DbError> {
    let version =
        tenant_sql(tx, "SELECT version FROM kitchen_catalogue_versions WHERE tenant_id = $1");
    Ok(version.value_opt(tx).await?.unwrap_or(0))
}

/// Counts one more change, or none (`by` 0). Either way the catalogue of this tenant is locked until
/// the transaction ends.
pub(crate) async fn raise_version(tx: &TenantTx, by: i64) -> Result<(), DbError> {
    tenant_sql(
        tx,
        "INSERT INTO kitchen_catalogue_versions AS c (tenant_id, version) VALUES ($1, 1)
         ON CONFLICT (tenant_id) DO UPDATE SET version = c.version + $2",
    )
    .bind(by)
    .execute(tx)
    .await?;
    Ok(())
}
