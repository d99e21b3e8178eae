//! Keeps a user from being changed by others until the transaction ends.

use bk_kernel::UserId;
use bk_persistence::{DbError, TenantTx};

use super::{store, user::User};

/// A user whose row is locked, as is the set of the tenant's owners.
#[derive(Debug)]
pub(crate) struct LockedUser(User);

impl LockedUser {
    /// The user, as they are until the transaction ends.
    pub(crate) const fn user(&self) -> &User {
        &self.0
    }
}

/// Locks a user, and before them the owners of the tenant, so that two owners cannot remove each
/// other at once. Returns none when the tenant has no such user.
pub(crate) async fn lock_user(tx: &TenantTx, id: UserId) -> Result<Option<LockedUser>, DbError> {
    store::lock_owners(tx).await?;
    let locked = store::lock(tx, id).await?;
    Ok(locked.map(|credentials| LockedUser(credentials.user)))
}
