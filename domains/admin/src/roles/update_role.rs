//! The use case: a tenant gives a composed role another title and other permissions. Its key stays.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, RoleId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    role::{GrantError, Role, RoleKey, RoleTitle, grantable, held_by},
    store,
};
use crate::{Admin, permissions::RolesManage};

/// What to make of a role.
#[derive(Debug, Clone)]
pub(super) struct UpdateRole {
    pub(super) id: RoleId,
    /// The version that the editor has read.
    pub(super) version: i64,
    /// The key of the role, if the editor repeats it.
    pub(super) key: Option<RoleKey>,
    pub(super) title: RoleTitle,
    pub(super) permissions: Vec<String>,
}

/// Why the role stayed as it was.
#[derive(Debug, Error)]
pub(super) enum UpdateRoleError {
    /// The tenant has no such role.
    #[error("no such role")]
    NotFound,
    /// Built-in roles follow the catalogue.
    #[error("the role is built in")]
    Builtin,
    /// The role has changed since the editor read it.
    #[error("the role has changed")]
    Stale,
    /// The editor sends another key than the role has.
    #[error("the key of a role never changes")]
    KeyChanged,
    /// The editor may not grant one of the new permissions, or not take away one of the present ones.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The database failed, and the role stays as it was.
    #[error("database")]
    Db(#[from] DbError),
}

/// Replaces the title and the permissions of a role. The editor must hold what it permits now as well
/// as what it will permit: they cannot change what people may do who may do more than themselves.
///
/// Fails with [`UpdateRoleError`] when there is no such role, it is built in, has changed or has
/// another key, or the editor may not grant or take away a permission.
pub(super) async fn update_role(
    ctx: &Authorized<RolesManage>,
    tx: &TenantTx,
    admin: &Admin,
    update: UpdateRole,
) -> Result<Role, UpdateRoleError> {
    let before = store::lock(tx, update.id).await?.ok_or(UpdateRoleError::NotFound)?;
    let role = updated(ctx, admin, &before, &update)?;
    if role == before {
        return Ok(before);
    }
    store::save(tx, &role, ctx.at()).await?;
    admin.users().forget_sessions(tx).await?;
    let entry = AuditEntry::of(ctx, "role.changed", "role", role.id).details(json!({
        "key": role.key,
        "added": missing_from(&before.permissions, &role.permissions),
        "removed": missing_from(&role.permissions, &before.permissions),
    }));
    bk_audit::append(tx, entry).await?;
    Ok(Role { version: before.version + 1, ..role })
}

fn updated(
    ctx: &Authorized<RolesManage>,
    admin: &Admin,
    before: &Role,
    update: &UpdateRole,
) -> Result<Role, UpdateRoleError> {
    if before.builtin {
        return Err(UpdateRoleError::Builtin);
    }
    if before.version != update.version {
        return Err(UpdateRoleError::Stale);
    }
    if update.key.as_ref().is_some_and(|key| key.as_str() != before.key) {
        return Err(UpdateRoleError::KeyChanged);
    }
    let held = held_by(ctx);
    if !held.covers(&before.permission_set()) {
        return Err(GrantError::NotHeld.into());
    }
    let permissions = grantable(admin.catalogue(), &held, &update.permissions)?;
    Ok(Role { title: update.title.as_str().to_owned(), permissions, ..before.clone() })
}

/// Those of `keys` that are not among `others`.
fn missing_from<'a>(others: &[String], keys: &'a [String]) -> Vec<&'a str> {
    keys.iter().filter(|key| !others.contains(key)).map(String::as_str).collect()
}
