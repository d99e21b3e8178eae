//! Giving an account the profile that its orders are checked by.

use bk_kernel::{AccountId, OperationContext, ProfileId};
use bk_persistence::{DbError, TenantTx};

use super::{rule::RuleSet, store};

/// Creates the default profile of an account, with these rules.
pub async fn create_default_profile(
    ctx: &OperationContext,
    tx: &TenantTx,
    account: AccountId,
    rules: &RuleSet,
) -> Result<ProfileId, DbError> {
    let id = ProfileId::new();
    store::insert_default_profile(tx, id, account, rules, ctx.at()).await?;
    Ok(id)
}
