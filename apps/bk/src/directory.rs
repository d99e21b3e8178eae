//! The directory of tenants, read with the platform role. The only file of this crate with SQL.

use bk_kernel::TenantId;
use bk_persistence::{
    Database, DbError,
    sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement},
};

/// A tenant in the directory.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: TenantId,
    pub(crate) slug: String,
    pub(crate) status: String,
}

/// Returns all tenants in the order of their slugs.
pub(crate) async fn all(platform: &Database) -> Result<Vec<Entry>, DbError> {
    let sql = "SELECT tenant_id, slug, status FROM tenant_directory ORDER BY slug";
    let query = Statement::from_string(DbBackend::Postgres, sql);
    platform
        .global(async move |tx| tx.query_all_raw(query).await?.iter().map(entry).collect())
        .await
}

/// Returns the tenant with this slug, if there is one.
pub(crate) async fn find(platform: &Database, slug: &str) -> Result<Option<Entry>, DbError> {
    let sql = "SELECT tenant_id, slug, status FROM tenant_directory WHERE slug = $1";
    let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, [slug.into()]);
    platform
        .global(async move |tx| tx.query_one_raw(query).await?.as_ref().map(entry).transpose())
        .await
}

fn entry(row: &QueryResult) -> Result<Entry, DbError> {
    let id: bk_persistence::sea_orm::prelude::Uuid = row.try_get("", "tenant_id")?;
    Ok(Entry { id: id.into(), slug: row.try_get("", "slug")?, status: row.try_get("", "status")? })
}
