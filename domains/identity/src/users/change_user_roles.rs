//! Replaces the roles of a user.

use bk_contracts::identity::RoleCatalogue;
use bk_kernel::{OperationContext, UserId};
use bk_persistence::{DbError, TenantTx};

use super::{
    grants::{is_last_owner, may_grant},
    lock_user::lock_user,
    store,
    user::{Member, OWNER_ROLE, UserKind, UserStatus, normalize_roles},
};

/// Which roles a user will hold.
#[derive(Debug, Clone)]
pub(crate) struct ChangeRoles {
    /// The user whose roles change.
    pub(crate) id: UserId,
    /// Keys of all the roles the user will hold.
    pub(crate) roles: Vec<String>,
    /// The version of the user that the caller read.
    pub(crate) version: i64,
}

/// What a change of roles did.
#[derive(Debug, Clone)]
pub(crate) struct ChangedRoles {
    /// Keys of the roles held before, sorted.
    pub(crate) before: Vec<String>,
    /// The user with the new roles.
    pub(crate) member: Member,
}

/// Why the roles were not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeRolesError {
    /// The tenant has no such user.
    #[error("no such user")]
    NotFound,
    /// The user changed since the caller read them.
    #[error("changed since it was read")]
    Stale,
    /// The user is disabled.
    #[error("the user is disabled")]
    Disabled,
    /// The tenant has no role with this key.
    #[error("unknown role {0}")]
    UnknownRole(String),
    /// Customers hold `client` and nothing else; staff never hold it.
    #[error("the roles do not suit the kind of the user")]
    WrongKind,
    /// The old or the new roles permit what the caller does not hold.
    #[error("the roles permit more than the caller holds")]
    Forbidden,
    /// The tenant would have no active owner any more.
    #[error("the last owner")]
    LastOwner,
    /// The change could not be stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Replaces the roles of a user and counts the version up.
pub(crate) async fn change_user_roles(
    ctx: &OperationContext,
    tx: &TenantTx,
    catalogue: &dyn RoleCatalogue,
    change: &ChangeRoles,
) -> Result<ChangedRoles, ChangeRolesError> {
    let locked = lock_user(tx, change.id).await?.ok_or(ChangeRolesError::NotFound)?;
    let user = locked.user();
    if user.version != change.version {
        return Err(ChangeRolesError::Stale);
    }
    if user.status == UserStatus::Disabled {
        return Err(ChangeRolesError::Disabled);
    }
    let roles = normalize_roles(&change.roles);
    if let Some(unknown) = catalogue.unknown(tx, &roles).await?.into_iter().next() {
        return Err(ChangeRolesError::UnknownRole(unknown));
    }
    if UserKind::of_roles(&roles) != Some(user.kind) {
        return Err(ChangeRolesError::WrongKind);
    }
    let before = store::roles_of(tx, user.id).await?;
    let stays_owner = roles.iter().any(|role| role == OWNER_ROLE);
    if !stays_owner && is_last_owner(tx, user, &before).await? {
        return Err(ChangeRolesError::LastOwner);
    }
    let given_and_taken: Vec<String> = before.iter().chain(&roles).cloned().collect();
    if !may_grant(ctx, tx, catalogue, &given_and_taken).await? {
        return Err(ChangeRolesError::Forbidden);
    }
    store::replace_roles(tx, user.id, &roles).await?;
    store::raise_version(tx, user.id, ctx.at()).await?;
    let member = store::find_member(tx, user.id).await?.ok_or(ChangeRolesError::NotFound)?;
    Ok(ChangedRoles { before, member })
}
