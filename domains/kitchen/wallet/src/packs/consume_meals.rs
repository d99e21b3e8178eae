//! Taking the meals of an order out of packs.

use bk_kernel::{AccountId, OperationContext, OrderId};
use bk_kitchen_core::MealCount;
use bk_persistence::TenantTx;

use super::{
    change_packs::{PacksError, push_change},
    consumption::{available, plan_consumption},
    pack::PackChange,
    store,
};

/// Takes the meals of an order, oldest pack first, and returns what is left. All or nothing. The
/// caller holds the account's lock.
pub async fn consume_meals(
    ctx: &OperationContext,
    tx: &TenantTx,
    account: AccountId,
    order: OrderId,
    needed: MealCount,
) -> Result<MealCount, PacksError> {
    let packs = store::lock_packs(tx, account).await?;
    let mut events = Vec::new();
    for reservation in plan_consumption(&packs, needed)? {
        push_change(
            &packs,
            reservation.pack_id,
            PackChange::Consume(reservation.meals),
            &mut events,
        )?;
    }
    store::append_events(ctx, tx, &events, Some(order), None).await?;
    let before = available(&packs);
    Ok(MealCount { g300: before.g300 - needed.g300, g400: before.g400 - needed.g400 })
}
