//! What payments and orders do to packs: grant them, take meals from them, return meals to them.
//! Callers hold the account's lock.

use bk_contracts::facts::PurchasePaid;
use bk_kernel::{AccountId, OrderId, PackId, RequestId};
use bk_kitchen_accounts::accounts;
use bk_kitchen_core::MealCount;
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{
    cause::Cause,
    consumption::{NotEnoughMeals, available, plan_consumption, plan_restore},
    pack::{Pack, PackChange, PackError, PackEvent},
    store,
};

/// Why packs could not be changed.
#[derive(Debug, Error)]
pub enum PacksError {
    /// There is no such pack in the account.
    #[error("no such pack")]
    NotFound,
    /// Too few meals of a size.
    #[error(transparent)]
    NotEnough(#[from] NotEnoughMeals),
    /// The pack's state or count does not allow it.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Grants the pack of a paid purchase, once however often the payment is told.
pub async fn grant_pack(
    tx: &TenantTx,
    paid: &PurchasePaid,
    request_id: Option<RequestId>,
) -> Result<(), PacksError> {
    let size = paid
        .meal_size_g
        .try_into()
        .map_err(|_| DbError::other("a purchase has an unknown meal size"))?;
    accounts::lock_account(tx, paid.account_id).await?.ok_or(PacksError::NotFound)?;
    let (pack, event) = Pack::purchased(PackId::new(), size, paid.meals, paid.paid_at)?;
    if store::insert_once(tx, pack.id, paid).await? {
        let cause = Cause { request_id, at: paid.paid_at, ..Cause::default() };
        store::append_events(tx, &[(pack.id, event)], &cause).await?;
    }
    Ok(())
}

/// Takes the meals of an order, oldest pack first, and says what is left. All or nothing.
pub async fn consume(
    tx: &TenantTx,
    account: AccountId,
    needed: MealCount,
    cause: &Cause,
) -> Result<MealCount, PacksError> {
    let packs = store::lock_packs(tx, account).await?;
    let mut events = Vec::new();
    for take in plan_consumption(&packs, needed)? {
        push_change(&packs, take.pack_id, PackChange::Consume(take.meals), &mut events)?;
    }
    store::append_events(tx, &events, cause).await?;
    let before = available(&packs);
    Ok(MealCount { g300: before.g300 - needed.g300, g400: before.g400 - needed.g400 })
}

/// Returns what an order took to the packs it came from; a second call returns nothing more.
pub async fn restore(
    tx: &TenantTx,
    account: AccountId,
    order: OrderId,
    cause: &Cause,
) -> Result<(), PacksError> {
    let packs = store::lock_packs(tx, account).await?;
    let (consumed, restored) = store::takes_of_order(tx, order).await?;
    let mut events = Vec::new();
    for take in plan_restore(&consumed, &restored) {
        push_change(&packs, take.pack_id, PackChange::Restore(take.meals), &mut events)?;
    }
    store::append_events(tx, &events, cause).await?;
    Ok(())
}

/// Applies a change to one of the packs and notes its events.
pub(super) fn push_change(
    packs: &[Pack],
    id: PackId,
    change: PackChange,
    events: &mut Vec<(PackId, PackEvent)>,
) -> Result<Pack, PacksError> {
    let pack = packs.iter().find(|pack| pack.id == id).ok_or(PacksError::NotFound)?;
    let (after, changes) = pack.apply(change)?;
    events.extend(changes.into_iter().map(|event| (id, event)));
    Ok(after)
}
