//! Reading packs: one's own, and those of the accounts a member of staff may see.

use bk_kernel::{AccountId, Actor, Permit};
use bk_kitchen_accounts::accounts;
use bk_kitchen_core::{
    MealCount,
    permissions::{AccountsRead, OwnPacksRead},
};
use bk_persistence::{DbError, TenantTx};

use super::{
    consumption::available,
    pack::{Pack, TitledPack},
    store,
};

/// The packs of the caller's account, oldest purchase first; none for a person without an account.
pub async fn own_packs(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<OwnPacksRead>,
) -> Result<Option<Vec<TitledPack>>, DbError> {
    match accounts::account_of_user(tx, actor.user_id).await? {
        Some(account) => store::packs_of(tx, account).await.map(Some),
        None => Ok(None),
    }
}

/// The packs of an account, oldest purchase first; none when the actor may not see the account.
pub async fn account_packs(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<AccountsRead>,
    account: AccountId,
) -> Result<Option<Vec<TitledPack>>, DbError> {
    match accounts::account_in_scope(tx, account, accounts::AccountScope::of_actor(actor)).await? {
        Some(account) => store::packs_of(tx, account.id).await.map(Some),
        None => Ok(None),
    }
}

/// Meals left in the packs of an account.
pub async fn meals_left(tx: &TenantTx, account: AccountId) -> Result<MealCount, DbError> {
    let packs = store::packs_of(tx, account).await?;
    let packs: Vec<Pack> = packs.into_iter().map(|titled| titled.pack).collect();
    Ok(available(&packs))
}
