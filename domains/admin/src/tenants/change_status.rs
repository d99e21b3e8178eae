//! The use cases: an operator suspends a tenant, so that none of its people can sign in or stay signed
//! in, and resumes it.

use bk_audit::AuditEntry;
use bk_contracts::tenants::TenantStatus;
use bk_kernel::Authorized;
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{
    change_tenant::{lock_tenant, save_tenant},
    tenant::Tenant,
};
use crate::{Admin, permissions::PlatformTenantsWrite};

/// Why the status did not change.
#[derive(Debug, Error)]
pub(super) enum ChangeStatusError {
    /// There is no such tenant, or it is that of the operators.
    #[error("no such tenant")]
    NotFound,
    /// The database failed, and the status stays as it was.
    #[error("database")]
    Db(#[from] DbError),
}

/// Suspends the operation's tenant; its sessions end at once, on every instance. A suspended tenant stays as it is.
///
/// Fails with [`ChangeStatusError`] when there is no such tenant.
pub(super) async fn suspend_tenant(
    ctx: &Authorized<PlatformTenantsWrite>,
    admin: &Admin,
) -> Result<Tenant, ChangeStatusError> {
    change(ctx, admin, TenantStatus::Suspended).await
}

/// Lets the people of the operation's tenant sign in again. An active tenant stays as it is.
///
/// Fails with [`ChangeStatusError`] when there is no such tenant.
pub(super) async fn resume_tenant(
    ctx: &Authorized<PlatformTenantsWrite>,
    admin: &Admin,
) -> Result<Tenant, ChangeStatusError> {
    change(ctx, admin, TenantStatus::Active).await
}

async fn change(
    ctx: &Authorized<PlatformTenantsWrite>,
    admin: &Admin,
    to: TenantStatus,
) -> Result<Tenant, ChangeStatusError> {
    let input = (ctx.clone(), admin.clone(), to);
    let changed = admin.db().transaction(ctx, input, async |tx, (ctx, admin, to)| {
        change_within(&ctx, &tx, &admin, to).await
    });
    let tenant = changed.await?;
    admin.ports().forget(tenant.id);
    Ok(tenant)
}

async fn change_within(
    ctx: &Authorized<PlatformTenantsWrite>,
    tx: &TenantTx,
    admin: &Admin,
    to: TenantStatus,
) -> Result<Tenant, ChangeStatusError> {
    let found = lock_tenant(tx).await?.filter(|tenant| !tenant.slug.is_platform());
    let before = found.ok_or(ChangeStatusError::NotFound)?;
    if before.status == to {
        return Ok(before);
    }
    let tenant = save_tenant(ctx, tx, &before, Tenant { status: to, ..before.clone() }).await?;
    admin.users().forget_sessions(tx).await?;
    let action = match to {
        TenantStatus::Suspended => "tenant.suspended",
        TenantStatus::Active => "tenant.resumed",
    };
    bk_audit::append(tx, AuditEntry::of(ctx, action, "tenant", tenant.id)).await?;
    Ok(tenant)
}
