//! Suspending a kitchen, so that nobody of it can log in or stay logged in, and resuming it.

use bk_contracts::tenants::TenantStatus;
use bk_kernel::{Permit, TenantId};
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{store, tenant::Tenant};
use crate::{Admin, acting::Acting, permissions::PlatformTenantsWrite};

/// Why the status did not change.
#[derive(Debug, Error)]
pub(crate) enum ChangeStatusError {
    /// There is no such kitchen.
    #[error("no such tenant")]
    NotFound,
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Stops a kitchen; its sessions end at once, on every instance. A suspended one stays as it is.
pub(crate) async fn suspend_tenant(
    admin: &Admin,
    permit: Permit<PlatformTenantsWrite>,
    by: Acting,
    id: TenantId,
) -> Result<Tenant, ChangeStatusError> {
    change(admin, permit, by, id, TenantStatus::Suspended).await
}

/// Lets its people log in again. An active one stays as it is.
pub(crate) async fn resume_tenant(
    admin: &Admin,
    permit: Permit<PlatformTenantsWrite>,
    by: Acting,
    id: TenantId,
) -> Result<Tenant, ChangeStatusError> {
    change(admin, permit, by, id, TenantStatus::Active).await
}

async fn change(
    admin: &Admin,
    _: Permit<PlatformTenantsWrite>,
    by: Acting,
    id: TenantId,
    to: TenantStatus,
) -> Result<Tenant, ChangeStatusError> {
    let this = admin.clone();
    let scope = admin.db().tenant(id);
    let changed = scope.run(move |tx| async move { change_within(&this, &tx, &by, to).await });
    let tenant = changed.await?;
    admin.ports().forget(id);
    Ok(tenant)
}

async fn change_within(
    admin: &Admin,
    tx: &TenantTx,
    by: &Acting,
    to: TenantStatus,
) -> Result<Tenant, ChangeStatusError> {
    let found = store::lock(tx).await?.filter(|tenant| !tenant.slug.is_platform());
    let mut tenant = found.ok_or(ChangeStatusError::NotFound)?;
    if tenant.status == to {
        return Ok(tenant);
    }
    tenant.status = to;
    tenant.version += 1;
    tenant.updated_at = by.at;
    store::save_status(tx, &tenant).await?;
    admin.users().forget_sessions(tx).await?;
    admin.ports().tell_changed(tx).await?;
    let action = match to {
        TenantStatus::Suspended => "tenant.suspended",
        TenantStatus::Active => "tenant.resumed",
    };
    bk_audit::append(tx, by.entry(action, "tenant", tenant.id.to_string())).await?;
    Ok(tenant)
}
