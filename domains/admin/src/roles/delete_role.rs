//! Deleting a composed role that nobody holds.

use bk_kernel::{Permit, RoleId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{role::GrantError, store};
use crate::{Admin, acting::Acting, permissions::RolesManage};

/// Why the role was not deleted.
#[derive(Debug, Error)]
pub(crate) enum DeleteRoleError {
    /// The tenant has no such role.
    #[error("no such role")]
    NotFound,
    /// Built-in roles stay.
    #[error("the role is built in")]
    Builtin,
    /// Somebody holds it.
    #[error("the role is in use")]
    InUse,
    /// It permits what the editor does not hold.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Deletes a role.
///
/// An assignment holds the role's row (see `unknown` of the role catalogue), so either it is seen
/// here or it does not find the role any more.
pub(crate) async fn delete_role(
    admin: &Admin,
    _: Permit<RolesManage>,
    by: Acting,
    id: RoleId,
) -> Result<(), DeleteRoleError> {
    let this = admin.clone();
    let scope = admin.db().tenant(by.tenant_id());
    scope.run(move |tx| async move { delete(&this, &tx, &by, id).await }).await
}

async fn delete(
    admin: &Admin,
    tx: &TenantTx,
    by: &Acting,
    id: RoleId,
) -> Result<(), DeleteRoleError> {
    let role = store::lock(tx, id).await?.ok_or(DeleteRoleError::NotFound)?;
    if role.builtin {
        return Err(DeleteRoleError::Builtin);
    }
    if !by.actor.permissions.covers(&role.permission_set()) {
        return Err(GrantError::NotHeld.into());
    }
    if admin.users().role_in_use(tx, &role.key).await? {
        return Err(DeleteRoleError::InUse);
    }
    store::delete(tx, id).await?;
    admin.users().forget_sessions(tx).await?;
    let entry =
        by.entry("role.deleted", "role", id.to_string()).details(json!({ "key": role.key }));
    bk_audit::append(tx, entry).await?;
    Ok(())
}
