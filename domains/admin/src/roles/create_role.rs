//! The use case: a tenant composes a role.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, RoleId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    role::{GrantError, NewRole, Role, grantable, held_by},
    store,
};
use crate::{Admin, permissions::RolesManage};

/// Why the role was not created.
#[derive(Debug, Error)]
pub(super) enum CreateRoleError {
    /// Another role has the key, or it is the key of a built-in role.
    #[error("the key is taken")]
    KeyTaken,
    /// The editor may not grant one of the permissions.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The database failed, and there is no new role.
    #[error("database")]
    Db(DbError),
}

impl From<DbError> for CreateRoleError {
    fn from(error: DbError) -> Self {
        if error.violates(store::KEY_TAKEN) { Self::KeyTaken } else { Self::Db(error) }
    }
}

/// Creates a role of permissions that the editor holds.
///
/// Fails with [`CreateRoleError`] when the key is taken or the editor may not grant a permission.
pub(super) async fn create_role(
    ctx: &Authorized<RolesManage>,
    tx: &TenantTx,
    admin: &Admin,
    new: NewRole,
) -> Result<Role, CreateRoleError> {
    if new.key.is_reserved() {
        return Err(CreateRoleError::KeyTaken);
    }
    let permissions = grantable(admin.catalogue(), &held_by(ctx), &new.permissions)?;
    let role = Role {
        id: RoleId::new(),
        key: new.key.as_str().to_owned(),
        title: new.title.as_str().to_owned(),
        permissions,
        builtin: false,
        version: 1,
    };
    store::insert(tx, &role, ctx.at()).await?;
    admin.users().forget_sessions(tx).await?;
    let entry = AuditEntry::of(ctx, "role.created", "role", role.id)
        .details(json!({ "key": role.key, "permissions": role.permissions }));
    bk_audit::append(tx, entry).await?;
    Ok(role)
}
