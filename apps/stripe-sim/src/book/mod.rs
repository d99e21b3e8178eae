//! Everything the pretended Stripe account holds, and what can happen to it.
//!
//! Owns the objects, their Stripe shapes and the events they cause. It refuses to know HTTP, files and
//! clocks: the time and the request come in as an [`Origin`]. Invariants: amounts never go negative,
//! refunds of a charge never exceed it, a session is paid at most once, events are only ever appended.

mod catalog;
mod checkout;
mod event;
mod payment;
mod refund;
mod session;
mod shelf;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids;

pub(crate) use catalog::{Customer, Price, Product, Recurring};
pub(crate) use checkout::{decline, expire, expire_due, pay};
pub use event::{Attempt, AttemptOutcome, DeliveryStatus, EventRecord};
pub(crate) use payment::{BalanceTransaction, Charge, PaymentIntent};
pub(crate) use refund::{NewRefund, Refund, RefundReason, refund};
pub(crate) use session::{CheckoutSession, LineItem, PaymentIntentData, SessionStatus};
pub(crate) use shelf::{Resource, Shelf};

/// Pairs an object carries for its owner.
pub(crate) type Metadata = BTreeMap<String, String>;

/// When and by what something happens.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// Unix seconds.
    pub(crate) now: i64,
    /// The API request, absent for what Stripe does by itself.
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

impl Origin {
    /// The same moment, by Stripe itself.
    pub(crate) fn by_itself(&self) -> Self {
        Self { now: self.now, request_id: None, idempotency_key: None }
    }
}

/// The whole account.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Book {
    /// The address checkout pages are reached at; belongs to this run, not to the stored state.
    #[serde(skip)]
    pub(crate) public_base: String,
    pub(crate) customers: Shelf<Customer>,
    pub(crate) products: Shelf<Product>,
    pub(crate) prices: Shelf<Price>,
    pub(crate) sessions: Shelf<CheckoutSession>,
    pub(crate) payment_intents: Shelf<PaymentIntent>,
    pub(crate) charges: Shelf<Charge>,
    pub(crate) refunds: Shelf<Refund>,
    pub(crate) balance_transactions: Shelf<BalanceTransaction>,
    pub(crate) events: Shelf<EventRecord>,
    /// Events recorded since the last time deliveries were planned.
    #[serde(skip)]
    fresh: Vec<String>,
}

impl Book {
    /// Records that something happened to `object`, as it is now.
    pub(crate) fn record(&mut self, kind: &str, object: Value, origin: &Origin) {
        self.record_change(kind, object, None, origin);
    }

    /// Like [`Book::record`], naming the former values of what changed.
    pub(crate) fn record_change(
        &mut self,
        kind: &str,
        object: Value,
        previous: Option<Value>,
        origin: &Origin,
    ) {
        let id = ids::event();
        self.fresh.push(id.clone());
        self.events.put(EventRecord {
            id,
            kind: kind.to_owned(),
            created: origin.now,
            object,
            previous_attributes: previous,
            request_id: origin.request_id.clone(),
            idempotency_key: origin.idempotency_key.clone(),
            status: DeliveryStatus::Recorded,
            attempts: Vec::new(),
        });
    }

    /// The ids of events nobody has planned to deliver yet, oldest first. They are handed out once.
    pub(crate) fn take_fresh(&mut self) -> Vec<String> {
        std::mem::take(&mut self.fresh)
    }

    /// An object in Stripe's shape.
    pub(crate) fn render<T: Resource>(&self, object: &T) -> Value {
        object.to_stripe(&self.public_base)
    }

    /// Any expandable object by the prefix of its id.
    pub(crate) fn render_by_id(&self, id: &str) -> Option<Value> {
        let (prefix, _) = id.split_once('_')?;
        match prefix {
            "cus" => self.customers.get(id).map(|found| self.render(found)),
            "prod" => self.products.get(id).map(|found| self.render(found)),
            "price" => self.prices.get(id).map(|found| self.render(found)),
            "cs" => self.sessions.get(id).map(|found| self.render(found)),
            "pi" => self.payment_intents.get(id).map(|found| self.render(found)),
            "ch" => self.charges.get(id).map(|found| self.render(found)),
            "re" => self.refunds.get(id).map(|found| self.render(found)),
            "txn" => self.balance_transactions.get(id).map(|found| self.render(found)),
            _ => None,
        }
    }
}
