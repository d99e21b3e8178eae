//! Giving a tenant another name. Its slug stays.

use bk_kernel::{Permit, TenantId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    store,
    tenant::{Tenant, TenantName},
};
use crate::{
    Admin,
    acting::Acting,
    permissions::{PlatformTenantsWrite, SettingsWrite},
};

/// Proof that somebody may rename a tenant, and which.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MayRename {
    /// Its own staff.
    Own(Permit<SettingsWrite>),
    /// An operator, any kitchen.
    Kitchen(Permit<PlatformTenantsWrite>, TenantId),
}

/// Why it kept its name.
#[derive(Debug, Error)]
pub(crate) enum RenameTenantError {
    /// There is no such tenant.
    #[error("no such tenant")]
    NotFound,
    /// It changed since the caller read it.
    #[error("the tenant has changed")]
    Stale,
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Renames the tenant if it is still at `version`.
pub(crate) async fn rename_tenant(
    admin: &Admin,
    may: MayRename,
    by: Acting,
    version: i64,
    name: TenantName,
) -> Result<Tenant, RenameTenantError> {
    let id = match may {
        MayRename::Own(_) => by.tenant_id(),
        MayRename::Kitchen(_, id) => id,
    };
    let this = admin.clone();
    let scope = admin.db().tenant(id);
    let renamed =
        scope.run(move |tx| async move { rename(&this, &tx, may, &by, version, name).await });
    let tenant = renamed.await?;
    admin.ports().forget(id);
    Ok(tenant)
}

async fn rename(
    admin: &Admin,
    tx: &TenantTx,
    may: MayRename,
    by: &Acting,
    version: i64,
    name: TenantName,
) -> Result<Tenant, RenameTenantError> {
    let visible = |tenant: &Tenant| match may {
        MayRename::Own(_) => true,
        MayRename::Kitchen(..) => !tenant.slug.is_platform(),
    };
    let mut tenant = store::lock(tx).await?.filter(visible).ok_or(RenameTenantError::NotFound)?;
    if tenant.version != version {
        return Err(RenameTenantError::Stale);
    }
    if tenant.name == name {
        return Ok(tenant);
    }
    let before = std::mem::replace(&mut tenant.name, name);
    tenant.version += 1;
    tenant.updated_at = by.at;
    store::save_name(tx, &tenant).await?;
    admin.ports().tell_changed(tx).await?;
    // Live sessions carry the name.
    admin.users().forget_sessions(tx).await?;
    let entry = by
        .entry("tenant.renamed", "tenant", tenant.id.to_string())
        .details(json!({ "from": before.as_str(), "to": tenant.name.as_str() }));
    bk_audit::append(tx, entry).await?;
    Ok(tenant)
}
