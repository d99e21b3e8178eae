//! Which account is meant. Use cases of other slices ask here under a permission of their own.

use bk_kernel::{AccountId, UserId};
use bk_persistence::{DbError, TenantTx};

use super::{
    account::{Account, AccountScope},
    store,
};

/// The account with this id, if it exists within the scope.
pub async fn account_in_scope(
    tx: &TenantTx,
    id: AccountId,
    scope: AccountScope,
) -> Result<Option<Account>, DbError> {
    store::account_by_id(tx, id, scope).await
}

/// The id of the account of a person; none for staff and for people of no account.
pub async fn account_of_user(tx: &TenantTx, user: UserId) -> Result<Option<AccountId>, DbError> {
    store::account_id_of(tx, user).await
}

/// The account of a person; none for staff and for people of no account.
pub async fn account_of(tx: &TenantTx, user: UserId) -> Result<Option<Account>, DbError> {
    match store::account_id_of(tx, user).await? {
        Some(id) => store::account_by_id(tx, id, AccountScope::All).await,
        None => Ok(None),
    }
}
