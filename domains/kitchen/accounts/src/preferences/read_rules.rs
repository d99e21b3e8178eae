//! Reading the rules of an account.

use bk_kernel::AccountId;
use bk_persistence::{DbError, TenantTx};

use super::{rule::RuleSet, store};

/// The rules of the account's default profile; empty when it has none.
pub async fn default_rules(tx: &TenantTx, account: AccountId) -> Result<RuleSet, DbError> {
    store::default_rules(tx, account).await
}
