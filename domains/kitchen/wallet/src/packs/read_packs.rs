//! Reading packs: one's own, and those of the accounts a member of staff may see.

use bk_kernel::{AccountId, Authorized, Cursor, Limit, Page};
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

/// Returns a page of the packs of the caller's account, oldest purchase first; none for a person
/// without an account.
pub async fn own_packs(
    ctx: &Authorized<OwnPacksRead>,
    tx: &TenantTx,
    page: PacksPage,
) -> Result<Option<Page<TitledPack>>, DbError> {
    let Some(user) = ctx.user_id() else { return Ok(None) };
    match accounts::account_of_user(tx, user).await? {
        Some(account) => packs_page(tx, account, page).await.map(Some),
        None => Ok(None),
    }
}

/// Returns a page of the packs of an account, oldest purchase first; none when the caller may not
/// see the account.
pub async fn account_packs(
    ctx: &Authorized<AccountsRead>,
    tx: &TenantTx,
    account: AccountId,
    page: PacksPage,
) -> Result<Option<Page<TitledPack>>, DbError> {
    match accounts::get_account(ctx, tx, account).await? {
        Some(account) => packs_page(tx, account.id, page).await.map(Some),
        None => Ok(None),
    }
}

/// How many packs, and after which.
pub type PacksPage = (Limit, Option<Cursor>);

/// The packs of an account are few and ordered by purchase, so they are read whole and cut here.
async fn packs_page(
    tx: &TenantTx,
    account: AccountId,
    (limit, after): PacksPage,
) -> Result<Page<TitledPack>, DbError> {
    let packs = store::packs_of(tx, account).await?;
    let seen = after.and_then(|Cursor(id)| packs.iter().position(|p| p.pack.id.uuid() == id));
    let start = match (after, seen) {
        (None, _) => 0,
        (Some(_), Some(at)) => at + 1,
        (Some(_), None) => packs.len(),
    };
    let wanted = usize::try_from(limit.rows() + 1).unwrap_or(usize::MAX);
    let rows = packs.into_iter().skip(start).take(wanted).collect();
    Ok(Page::from_overfetch(rows, limit, |titled: &TitledPack| titled.pack.id.uuid()))
}

/// Meals left in the packs of an account.
pub async fn meals_left(tx: &TenantTx, account: AccountId) -> Result<MealCount, DbError> {
    let packs = store::packs_of(tx, account).await?;
    let packs: Vec<Pack> = packs.into_iter().map(|titled| titled.pack).collect();
    Ok(available(&packs))
}
