//! Returning the meals of an order to packs.

use bk_kernel::{AccountId, OperationContext, OrderId};
use bk_persistence::TenantTx;

use super::{
    change_packs::{PacksError, push_change},
    consumption::plan_restore,
    pack::PackChange,
    store,
};

/// Returns what an order took to the packs it came from; a second call returns nothing more. The
/// caller holds the account's lock.
pub async fn restore_meals(
    ctx: &OperationContext,
    tx: &TenantTx,
    account: AccountId,
    order: OrderId,
) -> Result<(), PacksError> {
    let packs = store::lock_packs(tx, account).await?;
    let (consumed, restored) = store::reservations_of_order(tx, order).await?;
    let mut events = Vec::new();
    for reservation in plan_restore(&consumed, &restored) {
        push_change(
            &packs,
            reservation.pack_id,
            PackChange::Restore(reservation.meals),
            &mut events,
        )?;
    }
    store::append_events(ctx, tx, &events, Some(order), None).await.map_err(PacksError::from)
}
