//! The handle: what the host and tests do with a running simulator.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::book::{self, AttemptOutcome, EventRecord, Origin};
use crate::config::{SimError, WebhookTarget};
use crate::delivery;
use crate::ids;
use crate::sim::Sim;

/// A running simulator. Dropping it stops the simulator; [`SimHandle::stop`] also waits for the end.
pub struct SimHandle {
    sim: Arc<Sim>,
    client: reqwest::Client,
    base_url: String,
    stop: Option<oneshot::Sender<()>>,
    ended: oneshot::Receiver<()>,
}

impl SimHandle {
    pub(crate) fn new(
        sim: Arc<Sim>,
        client: reqwest::Client,
        base_url: String,
        stop: oneshot::Sender<()>,
        ended: oneshot::Receiver<()>,
    ) -> Self {
        Self { sim, client, base_url, stop: Some(stop), ended }
    }

    /// The address to give to Stripe clients, without a trailing slash.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The address checkout URLs start with.
    #[must_use]
    pub fn public_base(&self) -> &str {
        &self.sim.public_base
    }

    /// Every event so far, oldest first, with its deliveries.
    #[must_use]
    pub fn events(&self) -> Vec<EventRecord> {
        self.sim.look(|state| state.book.events.iter().cloned().collect())
    }

    /// Presses Pay. Paying a paid session again changes nothing.
    pub fn pay(&self, session_id: &str) -> Result<(), SimError> {
        let result =
            self.sim.act(|state, now| book::pay(&mut state.book, session_id, &by_a_person(now)));
        result.map_err(SimError::Refused)
    }

    /// Lets the card be declined; the session stays open.
    pub fn decline(&self, session_id: &str) -> Result<(), SimError> {
        let result = self
            .sim
            .act(|state, now| book::decline(&mut state.book, session_id, &by_a_person(now)));
        result.map_err(SimError::Refused)
    }

    /// Ends an open session without payment, as its expiry would.
    pub fn expire(&self, session_id: &str) -> Result<(), SimError> {
        let result = self.sim.act(|state, now| {
            book::expire(&mut state.book, session_id, &Origin { now, ..Origin::default() })
        });
        result.map_err(SimError::Refused)
    }

    /// Sends these events now, in this order, repeats included, one after the other, and returns what came
    /// of each. Stops at the first id that names no event.
    pub async fn deliver<I>(&self, event_ids: I) -> Result<Vec<AttemptOutcome>, SimError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut outcomes = Vec::new();
        for id in event_ids {
            outcomes.push(delivery::deliver_now(&self.sim, &self.client, id.as_ref()).await?);
        }
        Ok(outcomes)
    }

    /// Whether new events are sent by themselves. Events that happen while this is off are lost to the
    /// endpoint unless they are sent with [`SimHandle::deliver`]; switching it on again does not send them.
    pub fn set_auto_delivery(&self, automatic: bool) {
        self.sim.quietly(|state, _| state.outbox.automatic = automatic);
    }

    /// Names another endpoint, or none: for hosts that learn their own address after the simulator's.
    pub fn set_webhook(&self, target: Option<WebhookTarget>) -> Result<(), SimError> {
        if let Some(target) = &target {
            target.check()?;
        }
        self.sim.quietly(|state, _| state.outbox.target = target);
        self.sim.wake.notify_one();
        Ok(())
    }

    /// Waits until every queued event was taken by the endpoint or given up.
    pub async fn wait_until_delivered(&self) {
        let mut waiting = self.sim.follow_waiting();
        // An error would mean the simulator is gone, and with it everything that waited.
        let _gone = waiting.wait_for(|waiting| *waiting == 0).await;
    }

    /// Stops answering and delivering, and waits for both to end.
    pub async fn stop(mut self) {
        self.stop.take();
        let _ended = (&mut self.ended).await;
    }
}

impl std::fmt::Debug for SimHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimHandle").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Hosts keep the handle in shared state.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<SimHandle>();
};

/// Stripe gives what people do on its pages a request of its own.
pub(crate) fn by_a_person(now: i64) -> Origin {
    Origin { now, request_id: Some(ids::request()), idempotency_key: None }
}
