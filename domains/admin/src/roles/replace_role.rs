//! Giving a composed role another title and other permissions. Its key stays.

use bk_kernel::{Permit, RoleId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    role::{GrantError, Role, RoleTitle, grantable},
    store,
};
use crate::{Admin, acting::Acting, permissions::RolesManage};

/// The new face of a role.
#[derive(Debug, Clone)]
pub(crate) struct ReplaceRole {
    pub(crate) id: RoleId,
    /// The version the editor has read.
    pub(crate) version: i64,
    pub(crate) title: RoleTitle,
    pub(crate) permissions: Vec<String>,
}

/// Why the role stayed as it was.
#[derive(Debug, Error)]
pub(crate) enum ReplaceRoleError {
    /// The tenant has no such role.
    #[error("no such role")]
    NotFound,
    /// Built-in roles follow the catalogue.
    #[error("the role is built in")]
    Builtin,
    /// It changed since the editor read it.
    #[error("the role has changed")]
    Stale,
    /// Its permissions, the present or the new ones, are not the editor's to give or take.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Replaces a role. The editor must hold what it permits now as well as what it will permit: nobody
/// changes the reach of people who may do more than themselves.
pub(crate) async fn replace_role(
    admin: &Admin,
    _: Permit<RolesManage>,
    by: Acting,
    change: ReplaceRole,
) -> Result<Role, ReplaceRoleError> {
    let this = admin.clone();
    let scope = admin.db().tenant(by.tenant_id());
    scope.run(move |tx| async move { replace(&this, &tx, &by, change).await }).await
}

async fn replace(
    admin: &Admin,
    tx: &TenantTx,
    by: &Acting,
    change: ReplaceRole,
) -> Result<Role, ReplaceRoleError> {
    let held = &by.actor.permissions;
    let before = store::lock(tx, change.id).await?.ok_or(ReplaceRoleError::NotFound)?;
    if before.builtin {
        return Err(ReplaceRoleError::Builtin);
    }
    if before.version != change.version {
        return Err(ReplaceRoleError::Stale);
    }
    if !held.covers(&before.permission_set()) {
        return Err(GrantError::NotHeld.into());
    }
    let permissions = grantable(admin.catalogue(), held, &change.permissions)?;
    if (before.title.as_str(), &before.permissions) == (change.title.as_str(), &permissions) {
        return Ok(before);
    }
    let role = Role {
        title: change.title.as_str().to_owned(),
        permissions,
        version: before.version + 1,
        ..before.clone()
    };
    store::save(tx, &role, by.at).await?;
    admin.users().forget_sessions(tx).await?;
    let entry = by.entry("role.changed", "role", role.id.to_string()).details(json!({
        "key": role.key,
        "added": missing_from(&before.permissions, &role.permissions),
        "removed": missing_from(&role.permissions, &before.permissions),
    }));
    bk_audit::append(tx, entry).await?;
    Ok(role)
}

/// Those of `keys` that are not among `others`.
fn missing_from<'a>(others: &[String], keys: &'a [String]) -> Vec<&'a str> {
    keys.iter().filter(|key| !others.contains(key)).map(String::as_str).collect()
}
