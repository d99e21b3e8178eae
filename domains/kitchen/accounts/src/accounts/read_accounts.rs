//! Accounts as staff read them: those they manage, or all.

use bk_kernel::{AccountId, Actor, Cursor, Limit, Page, Permit};
use bk_kitchen_core::permissions::AccountsRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    account::{Account, AccountScope},
    store,
};
use crate::preferences::{self, RuleSet};

/// Accounts that the actor may see, oldest first.
pub async fn list_accounts(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<AccountsRead>,
    limit: Limit,
    after: Option<Cursor>,
) -> Result<Page<Account>, DbError> {
    store::list_accounts(tx, AccountScope::of(actor), limit, after).await
}

/// An account; none when it does not exist or the actor may not see it.
pub async fn get_account(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<AccountsRead>,
    id: AccountId,
) -> Result<Option<Account>, DbError> {
    store::account_by_id(tx, id, AccountScope::of(actor)).await
}

/// The rules of an account's default profile; none when the actor may not see the account.
pub async fn get_preferences(
    tx: &TenantTx,
    actor: &Actor,
    permit: Permit<AccountsRead>,
    id: AccountId,
) -> Result<Option<RuleSet>, DbError> {
    match get_account(tx, actor, permit, id).await? {
        Some(account) => preferences::default_rules(tx, account.id).await.map(Some),
        None => Ok(None),
    }
}
