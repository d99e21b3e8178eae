//! Telling the endpoint: which event goes when, signing, sending, and trying again.
//!
//! Events go one at a time, in queue order, so that what a receiver sees is decided here (tidily or by
//! the chaos setting) and not by a race.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use sha2::Sha256;

use crate::book::{Attempt, AttemptOutcome, Book, DeliveryStatus};
use crate::config::{Chaos, RetryPolicy, SimError, WebhookTarget};
use crate::sim::Sim;

/// How long the endpoint may take to answer.
const ANSWER_DEADLINE: Duration = Duration::from_secs(10);
/// How often open sessions are looked over for expiry when nothing else happens.
const TICK: Duration = Duration::from_secs(1);

struct Queued {
    event_id: String,
    due: Instant,
    failed: u32,
}

/// What is still to be sent, and how.
pub(crate) struct Outbox {
    pub(crate) target: Option<WebhookTarget>,
    pub(crate) automatic: bool,
    queue: Vec<Queued>,
    under_way: usize,
    chaos: Chaos,
    retry: RetryPolicy,
    rng: StdRng,
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new(None, Chaos::none(), RetryPolicy::default())
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

impl Outbox {
    pub(crate) fn new(target: Option<WebhookTarget>, chaos: Chaos, retry: RetryPolicy) -> Self {
        let rng = StdRng::seed_from_u64(chaos.seed);
        Self { target, automatic: true, queue: Vec::new(), under_way: 0, chaos, retry, rng }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queue.len() + self.under_way
    }

    /// Queues the events recorded since the last time. Returns whether there was any.
    pub(crate) fn plan(&mut self, book: &mut Book) -> bool {
        let fresh = book.take_fresh();
        if fresh.is_empty() {
            return false;
        }
        if self.automatic && self.target.is_some() {
            self.enqueue(book, &fresh);
        }
        true
    }

    /// Queues what was left undelivered by an earlier run.
    pub(crate) fn requeue_pending(&mut self, book: &mut Book) {
        let pending: Vec<String> = book
            .events
            .iter()
            .filter(|event| event.status == DeliveryStatus::Pending)
            .map(|event| event.id.clone())
            .collect();
        if self.target.is_some() && !pending.is_empty() {
            self.enqueue(book, &pending);
        }
    }

    fn enqueue(&mut self, book: &mut Book, batch: &[String]) {
        let due = Instant::now();
        for event_id in self.disorder(batch) {
            if let Some(event) = book.events.get_mut(&event_id) {
                event.status = DeliveryStatus::Pending;
            }
            self.queue.push(Queued { event_id, due, failed: 0 });
        }
    }

    fn disorder(&mut self, batch: &[String]) -> Vec<String> {
        let mut plan = batch.to_vec();
        if self.chaos.duplicate && !batch.is_empty() {
            let certain = self.rng.random_range(0..batch.len());
            for (place, id) in batch.iter().enumerate() {
                if place == certain || self.rng.random_bool(0.4) {
                    plan.push(id.clone());
                }
            }
        }
        if self.chaos.shuffle {
            plan.shuffle(&mut self.rng);
            if batch.len() > 1 && plan.starts_with(batch) {
                plan.rotate_left(1);
            }
        }
        plan
    }

    /// Takes the next delivery that is due, or says how long there is nothing to do.
    fn next(&mut self, book: &Book) -> Next {
        let Some(target) = self.target.clone() else { return Next::Wait(TICK) };
        let now = Instant::now();
        let first = self.queue.iter().enumerate().min_by_key(|(_, queued)| queued.due);
        let Some((place, due)) = first.map(|(place, queued)| (place, queued.due)) else {
            return Next::Wait(TICK);
        };
        if due > now {
            return Next::Wait(due.duration_since(now).min(TICK));
        }
        let queued = self.queue.remove(place);
        let Some(event) = book.events.get(&queued.event_id) else {
            return Next::Wait(Duration::ZERO);
        };
        self.under_way += 1;
        Next::Send { payload: event.payload(), target, queued }
    }

    fn came_of(&mut self, book: &mut Book, mut queued: Queued, attempt: Attempt) {
        self.under_way = self.under_way.saturating_sub(1);
        let accepted = attempt.outcome.accepted();
        let Some(event) = book.events.get_mut(&queued.event_id) else { return };
        event.attempts.push(attempt);
        if accepted {
            event.status = DeliveryStatus::Delivered;
            return;
        }
        queued.failed = queued.failed.saturating_add(1);
        match self.retry.delay_after(queued.failed) {
            Some(delay) => {
                queued.due = Instant::now() + delay;
                self.queue.push(queued);
            }
            None if event.status == DeliveryStatus::Pending
                && !self.queue.iter().any(|other| other.event_id == event.id) =>
            {
                event.status = DeliveryStatus::Abandoned;
            }
            None => {}
        }
    }
}

enum Next {
    Send { payload: String, target: WebhookTarget, queued: Queued },
    Wait(Duration),
}

/// Sends what is due, for ever.
pub(crate) async fn run(sim: Arc<Sim>, client: reqwest::Client) {
    loop {
        match sim.quietly(|state, _| state.outbox.next(&state.book)) {
            Next::Send { payload, target, queued } => {
                let outcome = send(&sim, &client, &target, &payload).await;
                let attempt = Attempt { at: sim.now(), outcome };
                sim.act(|state, _| state.outbox.came_of(&mut state.book, queued, attempt));
            }
            Next::Wait(pause) => {
                // Either way the loop goes round again.
                let _woken = tokio::time::timeout(pause, sim.wake.notified()).await;
            }
        }
    }
}

/// Sends one event now, whatever the queue says, and records the attempt.
pub(crate) async fn deliver_now(
    sim: &Sim,
    client: &reqwest::Client,
    event_id: &str,
) -> Result<AttemptOutcome, SimError> {
    let (payload, target) = sim.look(|state| {
        let event = state.book.events.get(event_id);
        let event = event.ok_or_else(|| SimError::NoSuchEvent(event_id.to_owned()))?;
        let target = state.outbox.target.clone().ok_or(SimError::NoWebhook)?;
        Ok::<_, SimError>((event.payload(), target))
    })?;
    let outcome = send(sim, client, &target, &payload).await;
    let attempt = Attempt { at: sim.now(), outcome: outcome.clone() };
    sim.act(|state, _| {
        let Some(event) = state.book.events.get_mut(event_id) else { return };
        if attempt.outcome.accepted() {
            event.status = DeliveryStatus::Delivered;
        }
        event.attempts.push(attempt);
    });
    Ok(outcome)
}

/// A client for deliveries. Connections are not kept: they would belong to the runtime that opened them,
/// and the handle is used from another one than the server's.
pub(crate) fn client() -> Result<reqwest::Client, SimError> {
    // We deliver over plain HTTP only, but a client that could do TLS wants to know who encrypts.
    // Refused when the process has a provider already, and then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(ANSWER_DEADLINE)
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent("Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .build()
        .map_err(|error| SimError::Start(error.to_string()))
}

/// The `Stripe-Signature` header: HMAC-SHA256 over `t.payload`.
pub(crate) fn signature(secret: &str, timestamp: i64, payload: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(format!("{timestamp}.{payload}").as_bytes());
    let mut header = format!("t={timestamp},v1=");
    for byte in mac.finalize().into_bytes() {
        // Writing to a string cannot fail; if it could, an unsigned event would be the safe outcome.
        write!(header, "{byte:02x}").ok()?;
    }
    Some(header)
}

async fn send(
    sim: &Sim,
    client: &reqwest::Client,
    target: &WebhookTarget,
    payload: &str,
) -> AttemptOutcome {
    let Some(signature) = signature(&target.secret, sim.signature_time(), payload) else {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("evt_{n}")).collect()
    }

    #[test]
    fn without_chaos_every_event_goes_once_in_order() {
        let mut outbox = Outbox::new(None, Chaos::none(), RetryPolicy::default());
        assert_eq!(outbox.disorder(&ids(5)), ids(5));
    }

    #[test]
    fn chaos_repeats_something_and_breaks_the_order_whatever_the_seed() {
        for seed in 0..200 {
            let chaos = Chaos { duplicate: true, shuffle: true, seed };
            let mut outbox = Outbox::new(None, chaos, RetryPolicy::default());
            let plan = outbox.disorder(&ids(2));
            assert!(plan.len() > 2, "seed {seed}");
            assert!(!plan.starts_with(&ids(2)), "seed {seed}");
            assert!(ids(2).iter().all(|id| plan.contains(id)), "seed {seed}");
        }
    }

    #[test]
    fn one_seed_gives_one_disorder() {
        let plan = |seed| {
            let chaos = Chaos { duplicate: true, shuffle: true, seed };
            Outbox::new(None, chaos, RetryPolicy::default()).disorder(&ids(5))
        };
        assert_eq!(plan(7), plan(7));
        assert!((0..20).any(|seed| plan(seed) != plan(7)));
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_then_end() {
        let retry = RetryPolicy {
            first_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(5),
            max_attempts: 5,
        };
        let pauses: Vec<_> = (1..=5).map(|failed| retry.delay_after(failed)).collect();
        let secs = |n| Some(Duration::from_secs(n));
        assert_eq!(pauses, [secs(1), secs(2), secs(4), secs(5), None]);
    }
}
