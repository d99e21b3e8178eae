//! The port by which billing finds a person's account.

use async_trait::async_trait;
use bk_contracts::accounts::AccountDirectory;
use bk_kernel::{AccountId, UserId};
use bk_kitchen_accounts::accounts;
use bk_persistence::{DbError, TenantTx};

/// The accounts of the kitchen, for billing.
#[derive(Debug, Clone, Copy)]
pub struct Accounts;

#[async_trait]
impl AccountDirectory for Accounts {
    async fn account_of(&self, tx: &TenantTx, user: UserId) -> Result<Option<AccountId>, DbError> {
        accounts::account_of_user(tx, user).await
    }
}
