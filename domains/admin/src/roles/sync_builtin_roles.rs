//! Keeping the built-in roles of every tenant in step with the catalogue, which grows with the code.

use bk_audit::AuditEntry;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    builtin::{self, BuiltinRole},
    store,
};
use crate::{
    Admin,
    tenants::{all_tenants, read_own},
};

/// Writes the built-in roles that differ; returns their keys.
pub(crate) async fn put_builtin(
    tx: &TenantTx,
    roles: &[BuiltinRole],
    at: DateTime<Utc>,
) -> Result<Vec<&'static str>, DbError> {
    let mut changed = Vec::new();
    for role in roles {
        if store::put_builtin(tx, role, at).await? {
            changed.push(role.key);
        }
    }
    Ok(changed)
}

/// Brings every tenant up to date, suspended ones too; returns in how many something changed. Any
/// number of instances may do it at once.
pub(crate) async fn sync_builtin_roles(admin: &Admin) -> Result<usize, DbError> {
    let mut tenants = 0;
    for id in all_tenants(admin.platform()).await? {
        let this = admin.clone();
        let scope = admin.db().tenant(id);
        let changed = scope.run_retrying(move |tx| {
            let this = this.clone();
            async move { sync(&this, &tx).await }
        });
        tenants += usize::from(changed.await?);
    }
    Ok(tenants)
}

async fn sync(admin: &Admin, tx: &TenantTx) -> Result<bool, DbError> {
    // A directory entry is written with its tenant; without one there is nothing to bring up.
    let Some(tenant) = read_own(tx).await? else { return Ok(false) };
    let at = admin.clock().now();
    let defined = builtin::roles_of(&tenant.slug, admin.catalogue());
    let changed = put_builtin(tx, &defined, at).await?;
    if changed.is_empty() {
        return Ok(false);
    }
    admin.users().forget_sessions(tx).await?;
    let entry = AuditEntry::system(at, "role.synchronised", "tenant", tenant.id.to_string())
        .details(json!({ "keys": changed }));
    bk_audit::append(tx, entry).await?;
    Ok(true)
}
