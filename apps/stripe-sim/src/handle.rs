//! The handle with which the host and tests control a running simulator.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::account::{self, AttemptOutcome, EventRecord, RequestContext};
use crate::app_state::AppState;
use crate::config::{SimError, WebhookTarget};
use crate::delivery;

/// Controls a running simulator. Dropping the handle stops it; [`SimHandle::stop`] also waits until it has
/// stopped.
pub struct SimHandle {
    pub(crate) state: Arc<AppState>,
    pub(crate) client: reqwest::Client,
    pub(crate) base_url: String,
    /// The server stops when this sender is dropped.
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) stopped: oneshot::Receiver<()>,
}

impl SimHandle {
    /// Returns the base address for Stripe clients, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the base address of checkout URLs, without a trailing slash.
    #[must_use]
    pub fn public_base(&self) -> &str {
        &self.state.public_base
    }

    /// Returns all events, oldest first, with their delivery attempts.
    #[must_use]
    pub fn events(&self) -> Vec<EventRecord> {
        self.state.read(|state| state.account.events.iter().cloned().collect())
    }

    /// Pays a session, like the button on the checkout page. Paying a paid session again changes nothing.
    ///
    /// Fails with [`SimError::Rejected`] when the session does not exist or has expired.
    pub fn pay(&self, session_id: &str) -> Result<(), SimError> {
        let result = self.state.update(|state, now| {
            account::pay(&mut state.account, session_id, &RequestContext::checkout_page(now))
        });
        result.map_err(SimError::Rejected)
    }

    /// Lets the card of a session's buyer be declined. The session stays open.
    ///
    /// Fails with [`SimError::Rejected`] when the session does not exist, is not open or has nothing to pay.
    pub fn decline(&self, session_id: &str) -> Result<(), SimError> {
        let result = self.state.update(|state, now| {
            account::decline(&mut state.account, session_id, &RequestContext::checkout_page(now))
        });
        result.map_err(SimError::Rejected)
    }

    /// Expires a session before its time.
    ///
    /// Fails with [`SimError::Rejected`] when the session does not exist or is not open.
    pub fn expire(&self, session_id: &str) -> Result<(), SimError> {
        let result = self.state.update(|state, now| {
            account::expire(&mut state.account, session_id, &RequestContext::internal(now))
        });
        result.map_err(SimError::Rejected)
    }

    /// Sends events immediately, one after the other in the given order, and returns the outcome of each. An id
    /// may be given several times.
    ///
    /// Fails with [`SimError::NoSuchEvent`] at the first unknown id, after sending those before it, and with
    /// [`SimError::NoWebhook`] when there is no endpoint.
    pub async fn deliver<I>(&self, event_ids: I) -> Result<Vec<AttemptOutcome>, SimError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut outcomes = Vec::new();
        for id in event_ids {
            outcomes.push(delivery::deliver_now(&self.state, &self.client, id.as_ref()).await?);
        }
        Ok(outcomes)
    }

    /// Switches automatic delivery on or off. Events that happen while it is off are sent only by
    /// [`SimHandle::deliver`], also after it is switched on again.
    pub fn set_auto_delivery(&self, automatic: bool) {
        self.state.update_unsaved(|state, _| state.outbox.automatic = automatic);
    }

    /// Sets or removes the webhook endpoint, for hosts that learn their own address after the simulator's.
    ///
    /// Fails with [`SimError::WebhookUrl`] or [`SimError::WebhookSecret`] when events could not be delivered to
    /// the endpoint.
    pub fn set_webhook(&self, target: Option<WebhookTarget>) -> Result<(), SimError> {
        if let Some(target) = &target {
            target.validate()?;
        }
        self.state.update_unsaved(|state, _| state.outbox.target = target);
        self.state.wake.notify_one();
        Ok(())
    }

    /// Waits until every queued event has been accepted by the endpoint or abandoned.
    pub async fn wait_until_delivered(&self) {
        let mut undelivered = self.state.subscribe_undelivered();
        // An error means that the simulator is gone, and its queue with it.
        let _ = undelivered.wait_for(|undelivered| *undelivered == 0).await;
    }

    /// Stops the server and the deliveries, and waits until both have stopped.
    pub async fn stop(mut self) {
        self.stop.take();
        // An error means that the server's thread has ended, which is what this waits for.
        let _ = (&mut self.stopped).await;
    }
}

impl std::fmt::Debug for SimHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimHandle").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Hosts share the handle between threads, so this must compile.
const _: () = {
    const fn is_shareable<T: Send + Sync>() {}
    is_shareable::<SimHandle>();
};
