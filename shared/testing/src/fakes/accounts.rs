//! Whose account is whose.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bk_contracts::accounts::AccountDirectory;
use bk_kernel::{AccountId, UserId};
use bk_persistence::{DbError, TenantTx};

use super::lock;

/// Knows the accounts of the users it was told of, whatever the tenant.
#[derive(Debug, Clone, Default)]
pub struct FakeAccounts(Arc<Mutex<BTreeMap<UserId, AccountId>>>);

impl FakeAccounts {
    /// Gives a user an account.
    pub fn open(&self, user: UserId, account: AccountId) {
        lock(&self.0).insert(user, account);
    }
}

#[async_trait]
impl AccountDirectory for FakeAccounts {
    async fn account_of(&self, _: &TenantTx, user: UserId) -> Result<Option<AccountId>, DbError> {
        Ok(lock(&self.0).get(&user).copied())
    }
}
