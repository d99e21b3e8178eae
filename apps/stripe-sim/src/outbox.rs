//! The outbox: which event is delivered next, how failed deliveries are retried, and the disorder that
//! [`Chaos`] asks for.

use std::fmt;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::account::{Account, Attempt, DeliveryStatus};
use crate::config::{Chaos, RetryPolicy, WebhookTarget};

/// The longest time the delivery task waits before it checks the outbox again. Each check also expires the
/// sessions that are due, even when no request arrives.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// Probability that [`Chaos::duplicate`] repeats an event, besides the one that it repeats for certain.
const DUPLICATE_PROBABILITY: f64 = 0.4;

/// One delivery in the queue. An event that is repeated has several.
pub(crate) struct QueuedDelivery {
    event_id: String,
    due: Instant,
    failed_attempts: u32,
}

/// What the delivery task does next.
pub(crate) enum NextStep {
    Send { payload: String, target: WebhookTarget, delivery: QueuedDelivery },
    Wait(Duration),
}

/// The queue of deliveries, and the settings that decide on its order.
pub(crate) struct Outbox {
    pub(crate) target: Option<WebhookTarget>,
    /// Whether new events are queued.
    pub(crate) automatic: bool,
    queue: Vec<QueuedDelivery>,
    in_flight: usize,
    chaos: Chaos,
    retry: RetryPolicy,
    rng: StdRng,
}

impl Default for Outbox {
    fn default() -> Self {
        Self::new(None, Chaos::none(), RetryPolicy::default())
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("undelivered", &self.undelivered()).finish_non_exhaustive()
    }
}

impl Outbox {
    pub(crate) fn new(target: Option<WebhookTarget>, chaos: Chaos, retry: RetryPolicy) -> Self {
        let rng = StdRng::seed_from_u64(chaos.seed);
        Self { target, automatic: true, queue: Vec::new(), in_flight: 0, chaos, retry, rng }
    }

    /// Returns the number of deliveries that are queued or being sent.
    pub(crate) fn undelivered(&self) -> usize {
        self.queue.len() + self.in_flight
    }

    /// Queues the events recorded since the last call. Returns whether there was one.
    pub(crate) fn enqueue_new(&mut self, account: &mut Account) -> bool {
        let batch = account.take_new_event_ids();
        if self.automatic && self.target.is_some() {
            self.enqueue(account, &batch);
        }
        !batch.is_empty()
    }

    /// Queues the events of a loaded state file that were still to be delivered.
    pub(crate) fn enqueue_pending(&mut self, account: &mut Account) {
        let pending: Vec<String> = account
            .events
            .iter()
            .filter(|event| event.status == DeliveryStatus::Pending)
            .map(|event| event.id.clone())
            .collect();
        if self.target.is_some() {
            self.enqueue(account, &pending);
        }
    }

    fn enqueue(&mut self, account: &mut Account, batch: &[String]) {
        if batch.is_empty() {
            return;
        }
        let due = Instant::now();
        for event_id in self.delivery_order(batch) {
            if let Some(event) = account.events.get_mut(&event_id) {
                event.status = DeliveryStatus::Pending;
            }
            self.queue.push(QueuedDelivery { event_id, due, failed_attempts: 0 });
        }
    }

    /// Returns the events of a batch in the order in which they are delivered, repetitions included.
    fn delivery_order(&mut self, batch: &[String]) -> Vec<String> {
        let mut order = batch.to_vec();
        if self.chaos.duplicate {
            let certain = self.rng.random_range(0..batch.len());
            for (position, id) in batch.iter().enumerate() {
                if position == certain || self.rng.random_bool(DUPLICATE_PROBABILITY) {
                    order.push(id.clone());
                }
            }
        }
        if self.chaos.shuffle {
            order.shuffle(&mut self.rng);
            if batch.len() > 1 && order.starts_with(batch) {
                order.rotate_left(1);
            }
        }
        order
    }

    /// Takes the next delivery that is due out of the queue, or says how long to wait for one.
    pub(crate) fn next(&mut self, account: &Account) -> NextStep {
        let Some(target) = self.target.clone() else { return NextStep::Wait(MAX_WAIT) };
        let now = Instant::now();
        let first = self.queue.iter().enumerate().min_by_key(|(_, delivery)| delivery.due);
        let Some((position, due)) = first.map(|(position, delivery)| (position, delivery.due))
        else {
            return NextStep::Wait(MAX_WAIT);
        };
        if due > now {
            return NextStep::Wait(due.duration_since(now).min(MAX_WAIT));
        }
        let delivery = self.queue.remove(position);
        let Some(event) = account.events.get(&delivery.event_id) else {
            return NextStep::Wait(Duration::ZERO);
        };
        self.in_flight += 1;
        NextStep::Send { payload: event.payload(), target, delivery }
    }

    /// Records an attempt on its event. After a failed one the delivery is queued again, as long as the retry
    /// policy allows.
    pub(crate) fn record_attempt(
        &mut self,
        account: &mut Account,
        mut delivery: QueuedDelivery,
        attempt: Attempt,
    ) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let accepted = attempt.outcome.accepted();
        let Some(event) = account.events.get_mut(&delivery.event_id) else { return };
        event.attempts.push(attempt);
        if accepted {
            event.status = DeliveryStatus::Delivered;
            return;
        }
        delivery.failed_attempts = delivery.failed_attempts.saturating_add(1);
        match self.retry.delay_after(delivery.failed_attempts) {
            Some(delay) => {
                delivery.due = Instant::now() + delay;
                self.queue.push(delivery);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("evt_{n}")).collect()
    }

    fn delivery_order(chaos: Chaos, count: usize) -> Vec<String> {
        Outbox::new(None, chaos, RetryPolicy::default()).delivery_order(&ids(count))
    }

    #[test]
    fn without_chaos_every_event_is_delivered_once_in_order() {
        assert_eq!(delivery_order(Chaos::none(), 5), ids(5));
    }

    #[test]
    fn chaos_repeats_an_event_and_changes_the_order_with_every_seed() {
        for seed in 0..200 {
            let order = delivery_order(Chaos { duplicate: true, shuffle: true, seed }, 2);
            assert!(order.len() > 2, "seed {seed}");
            assert!(!order.starts_with(&ids(2)), "seed {seed}");
            assert!(ids(2).iter().all(|id| order.contains(id)), "seed {seed}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_order() {
        let order = |seed| delivery_order(Chaos { duplicate: true, shuffle: true, seed }, 5);
        assert_eq!(order(7), order(7));
        assert!((0..20).any(|seed| order(seed) != order(7)));
    }
}
