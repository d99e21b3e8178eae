//! Composing a role.

use bk_kernel::{Permit, RoleId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    role::{GrantError, NewRole, Role, grantable},
    store,
};
use crate::{Admin, acting::Acting, permissions::RolesManage};

/// Why the role was not created.
#[derive(Debug, Error)]
pub(crate) enum CreateRoleError {
    /// Another role has the key, or it is one of a built-in role.
    #[error("the key is taken")]
    KeyTaken,
    /// Its permissions are not the editor's to give.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The database refused.
    #[error("database")]
    Db(DbError),
}

impl From<DbError> for CreateRoleError {
    fn from(error: DbError) -> Self {
        if error.violates(store::KEY_TAKEN) { Self::KeyTaken } else { Self::Db(error) }
    }
}

/// Creates a role of permissions the editor holds.
pub(crate) async fn create_role(
    admin: &Admin,
    _: Permit<RolesManage>,
    by: Acting,
    new: NewRole,
) -> Result<Role, CreateRoleError> {
    if new.key.is_reserved() {
        return Err(CreateRoleError::KeyTaken);
    }
    let permissions = grantable(admin.catalogue(), &by.actor.permissions, &new.permissions)?;
    let role = Role {
        id: RoleId::new(),
        key: new.key.as_str().to_owned(),
        title: new.title.as_str().to_owned(),
        permissions,
        builtin: false,
        version: 1,
    };
    let this = admin.clone();
    let scope = admin.db().tenant(by.tenant_id());
    scope.run(move |tx| async move { create(&this, &tx, &by, role).await }).await
}

async fn create(
    admin: &Admin,
    tx: &TenantTx,
    by: &Acting,
    role: Role,
) -> Result<Role, CreateRoleError> {
    store::insert(tx, &role, by.at).await?;
    admin.users().forget_sessions(tx).await?;
    let entry = by
        .entry("role.created", "role", role.id.to_string())
        .details(json!({ "key": role.key, "permissions": role.permissions }));
    bk_audit::append(tx, entry).await?;
    Ok(role)
}
