//! The directory of tenants, as the operators' role may read it. The only file with SQL here.

use bk_kernel::TenantId;
use bk_persistence::{
    Database, DbError,
    sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement},
};

/// An entry of the directory.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: TenantId,
    pub(crate) slug: String,
    pub(crate) status: String,
}

/// All tenants, by slug.
pub(crate) async fn all(platform: &Database) -> Result<Vec<Entry>, DbError> {
    let sql = "SELECT tenant_id, slug, status FROM tenant_directory ORDER BY slug";
    let ask = Statement::from_string(DbBackend::Postgres, sql);
    platform.global(async move |tx| tx.query_all_raw(ask).await?.iter().map(entry).collect()).await
}

/// The tenant with this slug.
pub(crate) async fn find(platform: &Database, slug: &str) -> Result<Option<Entry>, DbError> {
    let sql = "SELECT tenant_id, slug, status FROM tenant_directory WHERE slug = $1";
    let ask = Statement::from_sql_and_values(DbBackend::Postgres, sql, [slug.into()]);
    platform
        .global(async move |tx| tx.query_one_raw(ask).await?.as_ref().map(entry).transpose())
        .await
}

fn entry(row: &QueryResult) -> Result<Entry, DbError> {
    let id: bk_persistence::sea_orm::prelude::Uuid = row.try_get("", "tenant_id")?;
    Ok(Entry { id: id.into(), slug: row.try_get("", "slug")?, status: row.try_get("", "status")? })
}
