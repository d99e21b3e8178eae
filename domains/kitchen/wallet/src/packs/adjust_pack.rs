//! Correcting the count of a pack by hand.

use bk_audit::AuditEntry;
use bk_kernel::{AccountId, Actor, PackId, Permit, RequestId};
use bk_kitchen_accounts::accounts::{self, AccountScope};
use bk_kitchen_core::permissions::AccountsWrite;
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    cause::Cause,
    change_packs::{PacksError, push_change},
    pack::{PackChange, TitledPack},
    store,
};

/// A correction.
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
    /// The request that carries it.
    pub request_id: RequestId,
    /// The instant it happens, by the product's clock.
    pub at: DateTime<Utc>,
}

/// Corrects the count of a pack, with a reason, as an append-only event and an audit entry. Fails with
/// [`PacksError::NotFound`] when the actor may not see the account or it does not hold the pack.
pub async fn adjust_pack(
    tx: &TenantTx,
    actor: &Actor,
    _permit: Permit<AccountsWrite>,
    adjust: AdjustPack,
) -> Result<TitledPack, PacksError> {
    let account = accounts::lock_account(tx, adjust.account_id).await?;
    let account = account.filter(|account| AccountScope::of_actor(actor).admits(account));
    let account = account.ok_or(PacksError::NotFound)?;
    let packs = store::lock_packs(tx, account.id).await?;
    let mut events = Vec::new();
    let after = push_change(&packs, adjust.pack_id, PackChange::Adjust(adjust.delta), &mut events)?;
    let cause = Cause {
        order_id: None,
        actor_id: Some(actor.user_id),
        reason: Some(adjust.reason),
        request_id: Some(adjust.request_id),
        at: adjust.at,
    };
    store::append_events(tx, &events, &cause).await?;
    let details = json!({ "delta": adjust.delta, "meals_remaining": after.meals_remaining });
    let subject = adjust.pack_id.to_string();
    let entry = AuditEntry::system(adjust.at, "pack.adjusted", "pack", subject)
        .by(actor)
        .request(adjust.request_id)
        .details(details);
    bk_audit::append(tx, entry).await?;
    let packs = store::packs_of(tx, account.id).await?;
    let adjusted = packs.into_iter().find(|titled| titled.pack.id == adjust.pack_id);
    adjusted.ok_or_else(|| DbError::other("a corrected pack is gone").into())
}
