//! Rows of `admin_tenants`, and the directories of tenants and origins.

use bk_contracts::tenants::{TenantRef, TenantStatus};
use bk_kernel::{Cursor, Limit, Page, Surface, TenantId};
use bk_persistence::store::*;
use uuid::Uuid;

use super::{
    entity::tenant::{ActiveModel, Column, Entity},
    tenant::{Origins, Slug, Tenant, texts},
};

/// Reads the transaction's own tenant.
pub(super) async fn find(tx: &TenantTx) -> Result<Option<Tenant>, DbError> {
    in_tenant::<Entity>(tx).one(tx).await?.map(Tenant::try_from).transpose()
}

/// Reads the transaction's own tenant, and locks it until the transaction ends.
pub(super) async fn lock(tx: &TenantTx) -> Result<Option<Tenant>, DbError> {
    in_tenant::<Entity>(tx).lock_exclusive().one(tx).await?.map(Tenant::try_from).transpose()
}

/// Inserts a tenant. Returns whether it was new: one that exists is left as it is.
pub(super) async fn insert(tx: &TenantTx, tenant: &Tenant) -> Result<bool, DbError> {
    let unless_known = OnConflict::column(Column::TenantId).do_nothing().to_owned();
    let row = ActiveModel::try_from(tenant)?;
    Ok(Entity::insert(row).on_conflict(unless_known).exec_without_returning(tx).await? > 0)
}

/// Writes a locked tenant.
pub(super) async fn save(tx: &TenantTx, tenant: &Tenant) -> Result<(), DbError> {
    Entity::update(ActiveModel::try_from(tenant)?).exec(tx).await?;
    Ok(())
}

/// Writes the slug and the status of a tenant to the directory. A slug that another tenant has is a
/// conflict.
pub(super) async fn put_in_directory(tx: &TenantTx, tenant: &Tenant) -> Result<(), DbError> {
    let put = tenant_sql(tx, "SELECT tenant_directory_put($1, $2, $3)")
        .bind(tenant.slug.as_str())
        .bind_word(tenant.status);
    put.execute(tx).await?;
    Ok(())
}

/// Writes the origins of the transaction's tenant to the directory.
pub(super) async fn put_origins(tx: &TenantTx, origins: &Origins) -> Result<(), DbError> {
    let put = tenant_sql(tx, "SELECT origin_directory_put($1, $2, $3, $4)")
        .bind(texts(&origins.client))
        .bind(texts(&origins.admin))
        .bind(texts(&origins.site));
    put.execute(tx).await?;
    Ok(())
}

/// Reads what is known of the tenant with this slug before a tenant is set.
pub(super) async fn find_by_slug(tx: &GlobalTx, slug: &Slug) -> Result<Option<TenantRef>, DbError> {
    let found: Option<DirectoryRow> =
        sql("SELECT tenant_id, status FROM tenant_by_slug($1)").bind(slug.as_str()).one(tx).await?;
    found
        .map(|row| {
            let status = from_word(&row.status, "tenant")?;
            Ok(TenantRef { id: row.tenant_id.into(), status })
        })
        .transpose()
}

/// Reads a page of the ids of all tenants but that of the operators, in their order.
pub(super) async fn list_ids(
    tx: &GlobalTx,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<TenantId>, DbError> {
    let list = sql("SELECT tenant_id FROM tenant_directory
         WHERE slug <> $1 AND ($2::uuid IS NULL OR tenant_id > $2) ORDER BY tenant_id LIMIT $3")
    .bind(Slug::platform().as_str())
    .bind_id_opt(cursor.map(|Cursor(last)| last))
    .bind(i64::try_from(limit.rows() + 1).unwrap_or(i64::MAX));
    let rows = ids(list.values(tx).await?);
    Ok(Page::from_overfetch(rows, limit, |id| id.uuid()))
}

/// Reads the ids of all active tenants, that of the operators included.
pub(super) async fn list_active_ids(tx: &GlobalTx) -> Result<Vec<TenantId>, DbError> {
    let list = sql("SELECT tenant_id FROM tenant_directory WHERE status = $1 ORDER BY tenant_id")
        .bind_word(TenantStatus::Active);
    Ok(ids(list.values(tx).await?))
}

/// Reads the ids of all tenants, whatever their status.
pub(super) async fn list_all_ids(tx: &GlobalTx) -> Result<Vec<TenantId>, DbError> {
    let list = sql("SELECT tenant_id FROM tenant_directory ORDER BY tenant_id");
    Ok(ids(list.values(tx).await?))
}

/// Reads whether any tenant admits `origin` on `surface`.
pub(super) async fn is_origin_known(
    tx: &GlobalTx,
    surface: Surface,
    origin: &str,
) -> Result<bool, DbError> {
    sql("SELECT origin_known($1, $2)").bind(surface.as_str()).bind(origin).value(tx).await
}

fn ids(rows: Vec<Uuid>) -> Vec<TenantId> {
    rows.into_iter().map(TenantId::from).collect()
}

#[derive(FromQueryResult)]
struct DirectoryRow {
    tenant_id: Uuid,
    status: String,
}
