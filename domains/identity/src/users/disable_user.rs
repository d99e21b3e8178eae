//! Disables a user.

use bk_contracts::identity::RoleCatalogue;
use bk_kernel::OperationContext;
use bk_persistence::{DbError, TenantTx};

use super::{
    grants::{is_last_owner, may_grant},
    lock_user::LockedUser,
    store,
    user::UserStatus,
};

/// What a user was before being disabled.
#[derive(Debug, Clone)]
pub(crate) struct DisabledUser {
    /// The status before.
    pub(crate) status_before: UserStatus,
    /// Keys of the roles, which the user keeps, sorted.
    pub(crate) roles: Vec<String>,
}

/// Why a user was not disabled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DisableUserError {
    /// The user's roles permit what the caller does not hold.
    #[error("the user's roles permit more than the caller holds")]
    Forbidden,
    /// The tenant would have no active owner any more.
    #[error("the last owner")]
    LastOwner,
    /// The change could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Disables a user. Returns none, and checks nothing, when they are disabled already.
pub(crate) async fn disable_user(
    ctx: &OperationContext,
    tx: &TenantTx,
    catalogue: &dyn RoleCatalogue,
    locked: &LockedUser,
) -> Result<Option<DisabledUser>, DisableUserError> {
    let user = locked.user();
    if user.status == UserStatus::Disabled {
        return Ok(None);
    }
    let roles = store::roles_of(tx, user.id).await?;
    if is_last_owner(tx, user, &roles).await? {
        return Err(DisableUserError::LastOwner);
    }
    if !may_grant(ctx, tx, catalogue, &roles).await? {
        return Err(DisableUserError::Forbidden);
    }
    store::disable(tx, user.id, ctx.at()).await?;
    Ok(Some(DisabledUser { status_before: user.status, roles }))
}
