//! Reading roles and what they permit.

use bk_kernel::{Cursor, Limit, Page, PermissionSet, Permit, RoleId};
use bk_persistence::{DbError, TenantTx};

use super::{role::Role, store};
use crate::{Admin, acting::Acting, permissions::RolesRead};

/// A page of the tenant's roles, oldest first: the built-in ones lead.
pub(super) async fn list_roles(
    admin: &Admin,
    _: Permit<RolesRead>,
    by: &Acting,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Role>, DbError> {
    let scope = admin.db().tenant(by.tenant_id());
    let rows = scope.read(move |tx| async move { store::page(&tx, limit, after).await }).await?;
    Ok(Page::from_overfetch(rows, limit, |role| role.id.uuid()))
}

/// One role; none when the tenant has no such role.
pub(crate) async fn read_role(
    admin: &Admin,
    _: Permit<RolesRead>,
    by: &Acting,
    id: RoleId,
) -> Result<Option<Role>, DbError> {
    admin
        .db()
        .tenant(by.tenant_id())
        .read(move |tx| async move { store::find(&tx, id).await })
        .await
}

/// The union of what the roles with these keys permit; unknown keys permit nothing.
pub(crate) async fn permissions_of(
    tx: &TenantTx,
    keys: &[String],
) -> Result<PermissionSet, DbError> {
    let roles = store::with_keys(tx, keys).await?;
    Ok(roles.into_iter().flat_map(|role| role.permissions).collect())
}

/// Those of `keys` that name no role, each once; the others cannot be deleted until the transaction
/// ends.
pub(crate) async fn unknown(tx: &TenantTx, keys: &[String]) -> Result<Vec<String>, DbError> {
    let held = store::hold_keys(tx, keys).await?;
    let mut unknown: Vec<_> = keys.iter().filter(|key| !held.contains(key)).cloned().collect();
    unknown.sort_unstable();
    unknown.dedup();
    Ok(unknown)
}
