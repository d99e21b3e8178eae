//! Who may give and take which roles.

use bk_contracts::identity::RoleCatalogue;
use bk_kernel::{OperationContext, Principal};
use bk_persistence::{DbError, TenantTx};

use super::{
    store,
    user::{OWNER_ROLE, User},
};

/// Whether the caller holds everything that `roles` permit, and so may give and take them. The
/// product itself may give all, a caller who has not signed in none.
pub(crate) async fn may_grant(
    ctx: &OperationContext,
    tx: &TenantTx,
    catalogue: &dyn RoleCatalogue,
    roles: &[String],
) -> Result<bool, DbError> {
    let Some(actor) = ctx.actor() else {
        return Ok(matches!(ctx.principal(), Principal::System));
    };
    let permitted = catalogue.permissions_of(tx, roles).await?;
    Ok(actor.permissions.covers(&permitted))
}

/// Whether taking the owner role from `user`, who holds `roles`, would leave the tenant without an
/// active owner. The owners must be locked.
pub(super) async fn is_last_owner(
    tx: &TenantTx,
    user: &User,
    roles: &[String],
) -> Result<bool, DbError> {
    let is_owner = roles.iter().any(|role| role == OWNER_ROLE);
    Ok(is_owner && !store::has_other_active_owner(tx, user.id).await?)
}
