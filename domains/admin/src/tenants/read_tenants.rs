//! Finding and reading tenants.

use bk_contracts::tenants::{TenantRef, TenantSettings};
use bk_kernel::{Cursor, Limit, Page, Permit, Surface, TenantId};
use bk_persistence::{Database, DbError};

use super::{
    store,
    tenant::{Slug, Tenant},
};
use crate::{Admin, permissions::PlatformTenantsRead};

/// The tenant with this id; none when there is none.
pub(crate) async fn read_tenant(db: &Database, id: TenantId) -> Result<Option<Tenant>, DbError> {
    db.tenant(id).read(|tx| async move { store::find(&tx).await }).await
}

/// A kitchen, for an operator. The operators' own tenant is not one.
pub(super) async fn read_kitchen(
    admin: &Admin,
    _: Permit<PlatformTenantsRead>,
    id: TenantId,
) -> Result<Option<Tenant>, DbError> {
    Ok(read_tenant(admin.db(), id).await?.filter(|tenant| !tenant.slug.is_platform()))
}

/// A page of the kitchens, oldest first. The operators' role lists them; each is then read within
/// its own fence.
pub(crate) async fn list_kitchens(
    admin: &Admin,
    _: Permit<PlatformTenantsRead>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Tenant>, DbError> {
    let after = after.map(|Cursor(id)| TenantId::from(id));
    let rows = limit.rows() + 1;
    let ids =
        admin.platform().global(move |tx| async move { store::directory(&tx, after, rows).await });
    let page = Page::from_overfetch(ids.await?, limit, |id| id.uuid());
    let mut items = Vec::with_capacity(page.items.len());
    for id in page.items {
        items.extend(read_tenant(admin.db(), id).await?);
    }
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// The settings of a tenant as other domains read them.
pub(crate) async fn read_settings(
    db: &Database,
    id: TenantId,
) -> Result<Option<TenantSettings>, DbError> {
    Ok(read_tenant(db, id).await?.as_ref().map(TenantSettings::from))
}

/// What is known of the tenant with this slug before anyone has logged in.
pub(crate) async fn find_by_slug(db: &Database, slug: Slug) -> Result<Option<TenantRef>, DbError> {
    db.global(|tx| async move { store::by_slug(&tx, &slug).await }).await
}

/// Whether any tenant admits the origin.
pub(crate) async fn is_origin_known(
    db: &Database,
    surface: Surface,
    origin: String,
) -> Result<bool, DbError> {
    db.global(move |tx| async move { store::origin_known(&tx, surface, &origin).await }).await
}

/// All active tenants, by a role that may read the directory.
pub(crate) async fn active_tenants(db: &Database) -> Result<Vec<TenantId>, DbError> {
    db.global(|tx| async move { store::active(&tx).await }).await
}

/// All tenants, suspended ones too.
pub(crate) async fn all_tenants(db: &Database) -> Result<Vec<TenantId>, DbError> {
    db.global(|tx| async move { store::all(&tx).await }).await
}
