//! Granting the pack of a paid purchase.

use bk_contracts::facts::PurchasePaid;
use bk_kernel::{OperationContext, PackId};
use bk_kitchen_accounts::accounts;
use bk_persistence::{DbError, TenantTx};

use super::{change_packs::PacksError, pack::Pack, store};

/// Grants the pack of a paid purchase, once however often the payment is reported. Its first event
/// carries the request that brought the payment.
pub async fn grant_pack(
    ctx: &OperationContext,
    tx: &TenantTx,
    paid: &PurchasePaid,
) -> Result<(), PacksError> {
    let size = paid
        .meal_size_g
        .try_into()
        .map_err(|_| DbError::other("a purchase has an unknown meal size"))?;
    accounts::lock_account(tx, paid.account_id).await?.ok_or(PacksError::NotFound)?;
    let (pack, event) = Pack::purchased(PackId::new(), size, paid.meals, paid.paid_at)?;
    if store::insert_once(tx, pack.id, paid).await? {
        let paid_then = ctx.clone().later(paid.paid_at);
        store::append_events(&paid_then, tx, &[(pack.id, event)], None, None).await?;
    }
    Ok(())
}
