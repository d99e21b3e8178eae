//! Stages 5 and 9: how often, by address and by actor (controls AB-1). Counters that cannot be read
//! refuse.

use bk_kernel::Code;

use crate::{
    Policy, Problem,
    guard::Shared,
    limits::{Quota, RateKey, whole_secs},
    visit::{Counted, Visit},
};

/// Seconds after which a caller may ask again when the counters are down.
const STORE_RETRY_SECS: u64 = 5;

/// Counts the request against its address.
pub(crate) async fn by_ip(
    shared: &Shared,
    visit: &mut Visit,
    policy: &Policy,
) -> Result<(), Problem> {
    let Some(quota) = shared.config.limits.of(policy.rate).by_ip else { return Ok(()) };
    let key = RateKey::ip(policy.rate, visit.client_ip);
    let counted = count(shared, policy, key, quota).await?;
    let [slot, _] = &mut visit.rates;
    settle(slot, counted)
}

/// Counts the request against its actor.
pub(crate) async fn by_actor(
    shared: &Shared,
    visit: &mut Visit,
    policy: &Policy,
) -> Result<(), Problem> {
    let Some(actor) = &visit.actor else { return Ok(()) };
    let Some(quota) = shared.config.limits.of(policy.rate).by_actor else { return Ok(()) };
    let key = RateKey::Actor(policy.rate, actor.user_id);
    let counted = count(shared, policy, key, quota).await?;
    let [_, slot] = &mut visit.rates;
    settle(slot, counted)
}

async fn count(
    shared: &Shared,
    policy: &Policy,
    key: RateKey,
    quota: Quota,
) -> Result<Counted, Problem> {
    let decision = shared.config.store.check(key, quota, 1).await.map_err(|error| {
        Problem::new(Code::Unavailable).retry_after(STORE_RETRY_SECS).caused_by(error)
    })?;
    Ok(Counted { class: policy.rate, quota, decision })
}

fn settle(slot: &mut Option<Counted>, counted: Counted) -> Result<(), Problem> {
    *slot = Some(counted);
    if counted.decision.allowed {
        return Ok(());
    }
    let wait_secs = whole_secs(counted.decision.retry_after).max(1);
    Err(Problem::new(Code::RateLimited).retry_after(wait_secs))
}
