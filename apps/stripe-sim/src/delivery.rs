//! Delivery of events to the webhook endpoint: the task that empties the outbox, and the signed HTTP request.
//!
//! Events are sent one at a time, so the order that a receiver sees is the outbox's and not a matter of timing.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::account::{Attempt, AttemptOutcome, DeliveryStatus};
use crate::app_state::AppState;
use crate::config::{SimError, WebhookTarget};
use crate::outbox::NextStep;

/// How long the endpoint may take to answer before the attempt counts as failed.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends deliveries as they become due, until the task is aborted.
pub(crate) async fn run(state: Arc<AppState>, client: reqwest::Client) {
    loop {
        match state.update_unsaved(|state, _| state.outbox.next(&state.account)) {
            NextStep::Send { payload, target, delivery } => {
                let outcome = send(&state, &client, &target, &payload).await;
                let attempt = Attempt { at: state.now(), outcome };
                state.update(|state, _| {
                    state.outbox.record_attempt(&mut state.account, delivery, attempt);
                });
            }
            NextStep::Wait(duration) => {
                // The outbox is checked again whether the wait timed out or was interrupted.
                let _ = tokio::time::timeout(duration, state.wake.notified()).await;
            }
        }
    }
}

/// Sends one event immediately, past the queue, and records the attempt.
///
/// Fails with [`SimError::NoSuchEvent`] or [`SimError::NoWebhook`]; an endpoint that does not accept the event is
/// an outcome and no error.
pub(crate) async fn deliver_now(
    state: &AppState,
    client: &reqwest::Client,
    event_id: &str,
) -> Result<AttemptOutcome, SimError> {
    let (payload, target) = state.read(|state| {
        let event = state.account.events.get(event_id);
        let event = event.ok_or_else(|| SimError::NoSuchEvent(event_id.to_owned()))?;
        let target = state.outbox.target.clone().ok_or(SimError::NoWebhook)?;
        Ok::<_, SimError>((event.payload(), target))
    })?;
    let outcome = send(state, client, &target, &payload).await;
    let attempt = Attempt { at: state.now(), outcome: outcome.clone() };
    state.update(|state, _| {
        let Some(event) = state.account.events.get_mut(event_id) else { return };
        if attempt.outcome.accepted() {
            event.status = DeliveryStatus::Delivered;
        }
        event.attempts.push(attempt);
    });
    Ok(outcome)
}

/// Builds the HTTP client for deliveries. It keeps no connection open: a connection belongs to the runtime that
/// opened it, and [`crate::SimHandle::deliver`] runs in another one than the server.
///
/// Fails with [`SimError::Start`] when the client cannot be built.
#[expect(clippy::disallowed_methods, reason = "the client that delivers webhooks")]
pub(crate) fn client() -> Result<reqwest::Client, SimError> {
    // Deliveries use plain HTTP, but the client was compiled with TLS and needs a provider of cryptography. The
    // call fails when the process has installed one already, which then serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(RESPONSE_TIMEOUT)
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent("Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .build()
        .map_err(|error| SimError::Start(error.to_string()))
}

async fn send(
    state: &AppState,
    client: &reqwest::Client,
    target: &WebhookTarget,
    payload: &str,
) -> AttemptOutcome {
    let Some(signature) = signature(&target.secret, state.signature_timestamp(), payload) else {
        return AttemptOutcome::Unreachable("the payload could not be signed".to_owned());
    };
    let request = client
        .post(&target.url)
        .header("content-type", "application/json; charset=utf-8")
        .header("stripe-signature", signature)
        .body(payload.to_owned());
    match request.send().await {
        Ok(response) => AttemptOutcome::Answered(response.status().as_u16()),
        Err(error) => AttemptOutcome::Unreachable(error.to_string()),
    }
}

/// Returns the value of the `Stripe-Signature` header: HMAC-SHA256 of `timestamp.payload`. `None` when the secret
/// is no key for HMAC, which does not happen, because HMAC takes keys of any length.
fn signature(secret: &str, timestamp: i64, payload: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{timestamp}.{payload}").as_bytes());
    Some(format!("t={timestamp},v1={}", hex::encode(mac.finalize().into_bytes())))
}
