//! The use case: a tenant deletes a composed role that no person holds.

use bk_audit::AuditEntry;
use bk_kernel::{Authorized, RoleId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    role::{GrantError, held_by},
    store,
};
use crate::{Admin, permissions::RolesManage};

/// Why the role was not deleted.
#[derive(Debug, Error)]
pub(super) enum DeleteRoleError {
    /// The tenant has no such role.
    #[error("no such role")]
    NotFound,
    /// Built-in roles stay.
    #[error("the role is built in")]
    Builtin,
    /// At least one person holds the role.
    #[error("the role is in use")]
    InUse,
    /// The role permits what the editor does not hold.
    #[error(transparent)]
    Grant(#[from] GrantError),
    /// The database failed, and the role stays.
    #[error("database")]
    Db(#[from] DbError),
}

/// Deletes a role.
///
/// An assignment locks the row of its role (see
/// [`lock_unknown_roles`](super::read_roles::lock_unknown_roles)), so either the assignment is seen
/// here or it does not find the role any more.
///
/// Fails with [`DeleteRoleError`] when there is no such role, it is built in or in use, or the editor
/// does not hold what it permits.
pub(super) async fn delete_role(
    ctx: &Authorized<RolesManage>,
    tx: &TenantTx,
    admin: &Admin,
    id: RoleId,
) -> Result<(), DeleteRoleError> {
    let role = store::lock(tx, id).await?.ok_or(DeleteRoleError::NotFound)?;
    if role.builtin {
        return Err(DeleteRoleError::Builtin);
    }
    if !held_by(ctx).covers(&role.permission_set()) {
        return Err(GrantError::NotHeld.into());
    }
    if admin.users().role_in_use(tx, &role.key).await? {
        return Err(DeleteRoleError::InUse);
    }
    store::delete(tx, id).await?;
    admin.users().forget_sessions(tx).await?;
    let entry = AuditEntry::of(ctx, "role.deleted", "role", id).details(json!({ "key": role.key }));
    bk_audit::append(tx, entry).await?;
    Ok(())
}
