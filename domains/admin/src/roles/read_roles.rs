//! The use cases: staff look at roles, and other domains ask what roles permit.

use bk_kernel::{Authorized, Cursor, Limit, Page, PermissionSet, RoleId};
use bk_persistence::{DbError, TenantTx};

use super::{role::Role, store};
use crate::permissions::RolesRead;

/// Returns a page of the tenant's roles, oldest first: the built-in ones lead.
pub(super) async fn list_roles(
    _ctx: &Authorized<RolesRead>,
    tx: &TenantTx,
    limit: Limit,
    cursor: Option<Cursor>,
) -> Result<Page<Role>, DbError> {
    store::list(tx, limit, cursor).await
}

/// Returns one role, or none when the tenant has no such role.
pub(super) async fn get_role(
    _ctx: &Authorized<RolesRead>,
    tx: &TenantTx,
    id: RoleId,
) -> Result<Option<Role>, DbError> {
    store::find(tx, id).await
}

/// Returns the union of what the roles with these keys permit; unknown keys permit nothing.
pub(crate) async fn permissions_of(
    tx: &TenantTx,
    keys: &[String],
) -> Result<PermissionSet, DbError> {
    let roles = store::find_by_keys(tx, keys).await?;
    Ok(roles.into_iter().flat_map(|role| role.permissions).collect())
}

/// Returns those of `keys` that name no role, each once. The roles that the others name cannot be
/// deleted until the transaction ends.
pub(crate) async fn lock_unknown_roles(
    tx: &TenantTx,
    keys: &[String],
) -> Result<Vec<String>, DbError> {
    let known = store::lock_by_keys(tx, keys).await?;
    let mut unknown: Vec<_> = keys.iter().filter(|key| !known.contains(key)).cloned().collect();
    unknown.sort_unstable();
    unknown.dedup();
    Ok(unknown)
}
