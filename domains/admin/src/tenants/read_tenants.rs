//! The use cases: finding and reading tenants.

use bk_contracts::tenants::{TenantRef, TenantSettings};
use bk_kernel::{Authorized, Code, Cursor, Limit, OperationContext, Page, Surface, TenantId};
use bk_persistence::{Database, DbError, TenantTx};
use thiserror::Error;

use super::{
    store,
    tenant::{Slug, Tenant},
};
use crate::{
    Admin,
    permissions::{PlatformTenantsRead, SettingsRead},
};

/// Why the tenants could not be listed.
#[derive(Debug, Error)]
pub(super) enum ListTenantsError {
    /// The caller is not an operator.
    #[error("not an operator")]
    NotOperator(Code),
    /// The database failed, so there is no page.
    #[error("database")]
    Db(#[from] DbError),
}

/// Returns the caller's own tenant, or none when it does not exist.
pub(crate) async fn get_own_tenant(
    _ctx: &Authorized<SettingsRead>,
    tx: &TenantTx,
) -> Result<Option<Tenant>, DbError> {
    store::find(tx).await
}

/// Returns the operation's tenant, for an operator; none when it does not exist, or is that of the
/// operators.
pub(super) async fn get_tenant(
    _ctx: &Authorized<PlatformTenantsRead>,
    tx: &TenantTx,
) -> Result<Option<Tenant>, DbError> {
    Ok(store::find(tx).await?.filter(|tenant| !tenant.slug.is_platform()))
}

/// Returns a page of the tenants, oldest first, for an operator. The operators' database role lists
/// their ids; each is then read as its own tenant.
///
/// Fails with [`ListTenantsError`] when the caller is not an operator, or the database fails.
pub(super) async fn list_tenants(
    ctx: &Authorized<PlatformTenantsRead>,
    admin: &Admin,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Tenant>, ListTenantsError> {
    let ids =
        admin.platform().global(move |tx| async move { store::list_ids(&tx, limit, cursor).await });
    let page: Page<TenantId> = ids.await?;
    let mut items = Vec::with_capacity(page.items.len());
    for id in page.items {
        let ctx = ctx.in_tenant(id).map_err(ListTenantsError::NotOperator)?;
        items.extend(read_tenant(admin.db(), &ctx).await?);
    }
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Returns the settings of the operation's tenant, as other domains read them; none when it does not
/// exist.
pub(crate) async fn read_settings(
    db: &Database,
    ctx: &OperationContext,
) -> Result<Option<TenantSettings>, DbError> {
    Ok(read_tenant(db, ctx).await?.as_ref().map(TenantSettings::from))
}

async fn read_tenant(db: &Database, ctx: &OperationContext) -> Result<Option<Tenant>, DbError> {
    db.read(ctx, (), async |tx, ()| store::find(&tx).await).await
}

/// Returns what is known of the tenant with this slug before anyone has signed in.
pub(crate) async fn find_by_slug(db: &Database, slug: Slug) -> Result<Option<TenantRef>, DbError> {
    db.global(move |tx| async move { store::find_by_slug(&tx, &slug).await }).await
}

/// Returns whether any tenant admits the origin on the surface.
pub(crate) async fn is_origin_known(
    db: &Database,
    surface: Surface,
    origin: String,
) -> Result<bool, DbError> {
    db.global(move |tx| async move { store::is_origin_known(&tx, surface, &origin).await }).await
}

/// Returns all active tenants, by a database role that may read the directory.
pub(crate) async fn list_active_tenants(db: &Database) -> Result<Vec<TenantId>, DbError> {
    db.global(|tx| async move { store::list_active_ids(&tx).await }).await
}

/// Returns all tenants, suspended ones too, by a database role that may read the directory.
pub(super) async fn list_all_tenants(db: &Database) -> Result<Vec<TenantId>, DbError> {
    db.global(|tx| async move { store::list_all_ids(&tx).await }).await
}
