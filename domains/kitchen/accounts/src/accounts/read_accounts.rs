//! Accounts as staff read them: those they manage, or all.

use bk_kernel::{AccountId, Authorized, Cursor, Limit, Page};
use bk_kitchen_core::permissions::AccountsRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    account::{Account, AccountScope},
    store,
};
use crate::preferences::{self, RuleSet};

/// Returns a page of the accounts that the caller may see, oldest first.
pub async fn list_accounts(
    ctx: &Authorized<AccountsRead>,
    tx: &TenantTx,
    (limit, after): (Limit, Option<Cursor>),
) -> Result<Page<Account>, DbError> {
    store::list_accounts(tx, AccountScope::of(ctx), limit, after).await
}

/// Returns an account; none when it does not exist or the caller may not see it.
pub async fn get_account(
    ctx: &Authorized<AccountsRead>,
    tx: &TenantTx,
    id: AccountId,
) -> Result<Option<Account>, DbError> {
    store::account_by_id(tx, id, AccountScope::of(ctx)).await
}

/// Returns the rules of an account's default profile; none when the caller may not see the account.
pub async fn get_preferences(
    ctx: &Authorized<AccountsRead>,
    tx: &TenantTx,
    id: AccountId,
) -> Result<Option<RuleSet>, DbError> {
    match get_account(ctx, tx, id).await? {
        Some(account) => preferences::default_rules(tx, account.id).await.map(Some),
        None => Ok(None),
    }
}
