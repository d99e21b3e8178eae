//! Giving an account another manager.

use bk_contracts::identity::UserDirectory;
use bk_kernel::{Authorized, UserId};
use bk_kitchen_core::permissions::AccountsAll;
use bk_persistence::TenantTx;

use super::{
    account::Account,
    update_account::{AccountVersion, UpdateAccountError, lock_for_change, store_change},
};

/// Gives an account another manager, or none. Needs `accounts.all`: staff who see only assigned
/// accounts may not hand them over.
pub async fn assign_manager(
    ctx: &Authorized<AccountsAll>,
    tx: &TenantTx,
    users: &dyn UserDirectory,
    account: AccountVersion,
    manager: Option<UserId>,
) -> Result<Account, UpdateAccountError> {
    let mut account = lock_for_change(ctx, tx, account).await?;
    if let Some(manager) = manager
        && users.summaries(tx, &[manager]).await?.is_empty()
    {
        return Err(UpdateAccountError::UnknownManager);
    }
    account.manager_user_id = manager;
    store_change(ctx, tx, account, "account.manager_assigned").await
}
