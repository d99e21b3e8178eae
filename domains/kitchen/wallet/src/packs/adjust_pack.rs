//! Correcting the count of a pack by hand.

use bk_audit::AuditEntry;
use bk_kernel::{AccountId, Authorized, PackId};
use bk_kitchen_accounts::accounts::{self, AccountScope};
use bk_kitchen_core::permissions::AccountsWrite;
use bk_persistence::{DbError, TenantTx};
use serde_json::json;

use super::{
    change_packs::{PacksError, push_change},
    pack::{PackChange, TitledPack},
    store,
};

/// A correction of a pack.
#[derive(Debug, Clone)]
pub struct AdjustPack {
    /// The account that holds the pack.
    pub account_id: AccountId,
    /// The pack to correct.
    pub pack_id: PackId,
    /// Meals to add; negative takes them.
    pub delta: i32,
    /// Why the count was wrong.
    pub reason: String,
}

/// Corrects the count of a pack, with a reason, as an append-only event and an audit entry. Fails with
/// [`PacksError::NotFound`] when the caller may not see the account or it does not hold the pack.
pub async fn adjust_pack(
    ctx: &Authorized<AccountsWrite>,
    tx: &TenantTx,
    adjust: AdjustPack,
) -> Result<TitledPack, PacksError> {
    let account = accounts::lock_account(tx, adjust.account_id).await?;
    let account = account.filter(|account| AccountScope::of(ctx).admits(account));
    let account = account.ok_or(PacksError::NotFound)?;
    let packs = store::lock_packs(tx, account.id).await?;
    let mut events = Vec::new();
    let after = push_change(&packs, adjust.pack_id, PackChange::Adjust(adjust.delta), &mut events)?;
    store::append_events(ctx, tx, &events, None, Some(&adjust.reason)).await?;
    let entry = AuditEntry::of(ctx, "pack.adjusted", "pack", adjust.pack_id)
        .details(json!({ "delta": adjust.delta, "meals_remaining": after.meals_remaining }));
    bk_audit::append(tx, entry).await?;
    let packs = store::packs_of(tx, account.id).await?;
    let adjusted = packs.into_iter().find(|titled| titled.pack.id == adjust.pack_id);
    adjusted.ok_or_else(|| DbError::other("a corrected pack is gone").into())
}
