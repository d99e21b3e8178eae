//! The use cases: a tenant gets another name, from its own staff or from an operator. Its slug stays.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, OperationContext};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    change_tenant::{lock_tenant, save_tenant},
    tenant::{Tenant, TenantName},
};
use crate::{
    Admin,
    permissions::{PlatformTenantsWrite, SettingsWrite},
};

/// Why the tenant kept its name.
#[derive(Debug, Error)]
pub(super) enum RenameTenantError {
    /// There is no such tenant, or it is not the caller's to rename.
    #[error("no such tenant")]
    NotFound,
    /// The tenant has changed since the caller read it.
    #[error("the tenant has changed")]
    Stale,
    /// The database failed, and the tenant keeps its name.
    #[error("database")]
    Db(#[from] DbError),
}

/// What to rename: only a tenant that is still at this version, and the platform tenant only when its
/// own staff ask for it.
#[derive(Debug, Clone)]
struct Rename {
    version: i64,
    name: TenantName,
    may_be_platform: bool,
}

/// Renames the caller's own tenant if it is still at `version`.
///
/// Fails with [`RenameTenantError`] when the tenant has changed.
pub(super) async fn rename_own_tenant(
    ctx: &Authorized<SettingsWrite>,
    admin: &Admin,
    version: i64,
    name: TenantName,
) -> Result<Tenant, RenameTenantError> {
    rename(ctx, admin, Rename { version, name, may_be_platform: true }).await
}

/// Renames the operation's tenant, for an operator, if it is still at `version`.
///
/// Fails with [`RenameTenantError`] when there is no such tenant, or it has changed.
pub(super) async fn rename_tenant(
    ctx: &Authorized<PlatformTenantsWrite>,
    admin: &Admin,
    version: i64,
    name: TenantName,
) -> Result<Tenant, RenameTenantError> {
    rename(ctx, admin, Rename { version, name, may_be_platform: false }).await
}

async fn rename(
    ctx: &OperationContext,
    admin: &Admin,
    rename: Rename,
) -> Result<Tenant, RenameTenantError> {
    let input = (ctx.clone(), admin.clone(), rename);
    let renamed = admin.db().transaction(ctx, input, async |tx, (ctx, admin, rename)| {
        rename_within(&ctx, &tx, &admin, rename).await
    });
    let tenant = renamed.await?;
    admin.ports().forget(tenant.id);
    Ok(tenant)
}

async fn rename_within(
    ctx: &OperationContext,
    tx: &TenantTx,
    admin: &Admin,
    rename: Rename,
) -> Result<Tenant, RenameTenantError> {
    let visible = |tenant: &Tenant| rename.may_be_platform || !tenant.slug.is_platform();
    let before = lock_tenant(tx).await?.filter(visible).ok_or(RenameTenantError::NotFound)?;
    if before.version != rename.version {
        return Err(RenameTenantError::Stale);
    }
    if before.name == rename.name {
        return Ok(before);
    }
    let after = Tenant { name: rename.name, ..before.clone() };
    let tenant = save_tenant(ctx, tx, &before, after).await?;
    // Cached sessions carry the name.
    admin.users().forget_sessions(tx).await?;
    let entry = AuditEntry::of(ctx, "tenant.renamed", "tenant", tenant.id)
        .details(json!({ "from": before.name.as_str(), "to": tenant.name.as_str() }));
    bk_audit::append(tx, entry).await?;
    Ok(tenant)
}
