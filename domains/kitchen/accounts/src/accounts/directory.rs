//! Which account a person belongs to.

use bk_kernel::{AccountId, UserId};
use bk_persistence::{DbError, TenantTx};

use super::store;

/// The account of a person; none for staff and for people of no account.
pub async fn account_of_user(tx: &TenantTx, user: UserId) -> Result<Option<AccountId>, DbError> {
    store::account_id_of(tx, user).await
}
