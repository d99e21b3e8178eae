//! Locking accounts. Whatever changes an account's orders or packs takes this lock first and holds it
//! until its transaction ends.

use bk_kernel::{AccountId, UserId};
use bk_persistence::{DbError, TenantTx};

use super::{account::Account, store};

/// Locks an account; none when it does not exist.
pub async fn lock_account(tx: &TenantTx, id: AccountId) -> Result<Option<Account>, DbError> {
    store::lock_account(tx, id).await
}

/// Locks accounts in the order of their ids, so that two callers never wait for each other
/// crosswise. Unknown ids are left out.
pub async fn lock_accounts(
    tx: &TenantTx,
    ids: impl IntoIterator<Item = AccountId>,
) -> Result<Vec<Account>, DbError> {
    store::lock_accounts(tx, ids).await
}

/// Locks the account a person belongs to; none when they belong to none.
pub async fn lock_account_of(tx: &TenantTx, user: UserId) -> Result<Option<Account>, DbError> {
    store::lock_account_of(tx, user).await
}
