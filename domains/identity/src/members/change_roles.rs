//! Giving a member other roles.

use bk_audit::AuditEntry;
use bk_kernel::{Permit, UserId};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::rules::{self, By, covers};
use crate::{
    Identity,
    permissions::MembersWrite,
    sessions::{self, Ended},
    users::{self, Member, UserKind, UserStatus, tidy_roles},
};

/// Which roles for whom.
#[derive(Debug, Clone)]
pub(crate) struct ChangeRoles {
    /// The member.
    pub(crate) id: UserId,
    /// Role keys: all they will hold.
    pub(crate) roles: Vec<String>,
    /// The version the caller read.
    pub(crate) version: i64,
}

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeRolesError {
    /// There is no such member.
    #[error("no such member")]
    NotFound,
    /// They changed since they were read.
    #[error("changed since it was read")]
    Stale,
    /// They are disabled.
    #[error("the member is disabled")]
    Disabled,
    /// The tenant has no such role.
    #[error("unknown role {0}")]
    UnknownRole(String),
    /// `client` is held alone, and only by customers.
    #[error("the roles do not suit the kind of the user")]
    WrongKind,
    /// The old or the new roles permit what the caller does not hold.
    #[error("the roles permit more than the caller holds")]
    Forbidden,
    /// Nobody would own the tenant any more.
    #[error("the last owner")]
    LastOwner,
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Replaces the roles of a member; their running sessions have the new ones at once.
pub(crate) async fn change_roles(
    identity: &Identity,
    _permit: Permit<MembersWrite>,
    by: By,
    change: ChangeRoles,
) -> Result<Member, ChangeRolesError> {
    let parts = identity.clone();
    let (member, refreshed) = identity
        .db()
        .tenant(by.actor.tenant_id)
        .run(move |tx| async move { in_tx(&parts, &tx, &by, change).await })
        .await?;
    sessions::forget_ended(identity, &refreshed);
    Ok(member)
}

async fn in_tx(
    identity: &Identity,
    tx: &TenantTx,
    by: &By,
    change: ChangeRoles,
) -> Result<(Member, Ended), ChangeRolesError> {
    users::lock_owners(tx).await?;
    let user = users::lock(tx, change.id).await?.ok_or(ChangeRolesError::NotFound)?.user;
    if user.version != change.version {
        return Err(ChangeRolesError::Stale);
    }
    if user.status == UserStatus::Disabled {
        return Err(ChangeRolesError::Disabled);
    }
    let roles = tidy_roles(&change.roles);
    if let Some(unknown) = identity.roles().unknown(tx, &roles).await?.into_iter().next() {
        return Err(ChangeRolesError::UnknownRole(unknown));
    }
    if UserKind::of_roles(&roles) != Some(user.kind) {
        return Err(ChangeRolesError::WrongKind);
    }
    let old = users::roles_of(tx, user.id).await?;
    let stays_owner = roles.iter().any(|role| role == users::OWNER_ROLE);
    if !stays_owner && rules::is_last_owner(tx, &user, &old).await? {
        return Err(ChangeRolesError::LastOwner);
    }
    let both: Vec<String> = old.iter().chain(&roles).cloned().collect();
    if !covers(identity, tx, &by.actor, &both).await? {
        return Err(ChangeRolesError::Forbidden);
    }
    users::change_roles(tx, user.id, &roles, by.at).await?;
    let refreshed = sessions::refresh_all_of(tx, user.id).await?;
    let member = users::member(tx, user.id).await?.ok_or(ChangeRolesError::NotFound)?;
    let entry = AuditEntry::system(by.at, "member.roles_changed", "user", user.id.to_string())
        .by(&by.actor)
        .request(by.request_id)
        .details(json!({ "before": old, "after": roles }));
    bk_audit::append(tx, entry).await?;
    Ok((member, refreshed))
}
