//! Stages 5 and 9: rate limits by address and by actor (docs/controls.md, AB-1). When the counters
//! cannot be read, requests are refused.

use bk_kernel::Code;

use crate::{
    Policy, Problem,
    guard::Shared,
    limits::{Quota, RateKey, whole_secs},
    request_state::{RateLimitResult, RequestState},
};

/// Seconds after which a caller may ask again when the counters cannot be read.
const STORE_RETRY_SECS: u64 = 5;

/// Counts the request against its address.
///
/// Fails with [`Code::RateLimited`] when the quota is used up, and with [`Code::Unavailable`] when the
/// counters cannot be read.
pub(crate) async fn by_ip(
    shared: &Shared,
    state: &mut RequestState,
    policy: &Policy,
) -> Result<(), Problem> {
    let Some(quota) = shared.config.limits.of(policy.rate).by_ip else { return Ok(()) };
    let key = RateKey::ip(policy.rate, state.client_ip);
    let result = check(shared, policy, key, quota).await?;
    let [slot, _] = &mut state.rate_limits;
    record(slot, result)
}

/// Counts the request against its actor.
///
/// Fails with [`Code::RateLimited`] when the quota is used up, and with [`Code::Unavailable`] when the
/// counters cannot be read.
pub(crate) async fn by_actor(
    shared: &Shared,
    state: &mut RequestState,
    policy: &Policy,
) -> Result<(), Problem> {
    let Some(actor) = &state.actor else { return Ok(()) };
    let Some(quota) = shared.config.limits.of(policy.rate).by_actor else { return Ok(()) };
    let key = RateKey::Actor(policy.rate, actor.user_id);
    let result = check(shared, policy, key, quota).await?;
    let [_, slot] = &mut state.rate_limits;
    record(slot, result)
}

async fn check(
    shared: &Shared,
    policy: &Policy,
    key: RateKey,
    quota: Quota,
) -> Result<RateLimitResult, Problem> {
    let decision = shared.config.store.check(key, quota, 1).await.map_err(|error| {
        Problem::new(Code::Unavailable).retry_after(STORE_RETRY_SECS).caused_by(error)
    })?;
    Ok(RateLimitResult { class: policy.rate, quota, decision })
}

fn record(slot: &mut Option<RateLimitResult>, result: RateLimitResult) -> Result<(), Problem> {
    *slot = Some(result);
    if result.decision.allowed {
        return Ok(());
    }
    let wait_secs = whole_secs(result.decision.retry_after).max(1);
    Err(Problem::new(Code::RateLimited).retry_after(wait_secs))
}
