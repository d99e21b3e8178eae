//! The simulated Stripe account: its objects, how they are rendered as JSON, and the events they cause.
//!
//! Nothing here knows HTTP, files or clocks: the instant and the request come in as a [`RequestContext`].
//! Invariants: amounts are never negative, the refunds of a charge never exceed it, a session is paid at
//! most once, and events are only appended.

mod checkout;
mod checkout_session;
mod collection;
mod customer;
mod event;
mod payment;
mod product;
mod refund;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids;

pub(crate) use checkout::{decline, expire, expire_due, pay};
pub(crate) use checkout_session::{CheckoutSession, LineItem, PaymentIntentData, SessionStatus};
pub(crate) use collection::{Collection, Resource};
pub(crate) use customer::Customer;
pub use event::{Attempt, AttemptOutcome, DeliveryStatus, EventRecord};
pub(crate) use payment::{BalanceTransaction, Charge, PaymentIntent};
pub(crate) use product::{Price, Product, Recurring};
pub(crate) use refund::{NewRefund, Refund, RefundReason, refund};

/// Key-value pairs that the client attached to an object.
pub(crate) type Metadata = BTreeMap<String, String>;

/// When a change happens, and the request that causes it.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    /// Unix seconds.
    pub(crate) now: i64,
    /// Absent for changes that Stripe makes itself, such as the expiry of a session.
    pub(crate) request_id: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

impl RequestContext {
    /// The context of a change that no request causes.
    pub(crate) const fn internal(now: i64) -> Self {
        Self { now, request_id: None, idempotency_key: None }
    }

    /// The context of a button on the checkout page, which Stripe counts as a request of its own.
    pub(crate) fn checkout_page(now: i64) -> Self {
        Self { request_id: Some(ids::request()), ..Self::internal(now) }
    }
}

/// All objects of the account.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    /// Base address of the checkout pages, without a trailing slash. It comes from the configuration of the
    /// running simulator and is not stored.
    #[serde(skip)]
    pub(crate) public_base: String,
    pub(crate) customers: Collection<Customer>,
    pub(crate) products: Collection<Product>,
    pub(crate) prices: Collection<Price>,
    pub(crate) sessions: Collection<CheckoutSession>,
    pub(crate) payment_intents: Collection<PaymentIntent>,
    pub(crate) charges: Collection<Charge>,
    pub(crate) refunds: Collection<Refund>,
    pub(crate) balance_transactions: Collection<BalanceTransaction>,
    pub(crate) events: Collection<EventRecord>,
    /// Ids of the events that the outbox has not been given yet, oldest first.
    #[serde(skip)]
    new_event_ids: Vec<String>,
}

impl Account {
    /// Appends an event of type `kind`. `object` is the JSON of the object at this instant.
    pub(crate) fn record(&mut self, kind: &str, object: Value, context: &RequestContext) {
        self.record_change(kind, object, None, context);
    }

    /// Appends an event about a change; `previous` holds the former values of the fields that changed.
    pub(crate) fn record_change(
        &mut self,
        kind: &str,
        object: Value,
        previous: Option<Value>,
        context: &RequestContext,
    ) {
        let id = ids::event();
        self.new_event_ids.push(id.clone());
        self.events.insert(EventRecord {
            id,
            kind: kind.to_owned(),
            created: context.now,
            object,
            previous_attributes: previous,
            request_id: context.request_id.clone(),
            idempotency_key: context.idempotency_key.clone(),
            status: DeliveryStatus::Recorded,
            attempts: Vec::new(),
        });
    }

    /// Returns the ids of the events since the last call, oldest first.
    pub(crate) fn take_new_event_ids(&mut self) -> Vec<String> {
        std::mem::take(&mut self.new_event_ids)
    }

    /// Renders an object as Stripe's API does.
    pub(crate) fn render<T: Resource>(&self, object: &T) -> Value {
        object.to_stripe(&self.public_base)
    }

    /// Renders the object with this id, whose prefix says of which kind it is. `None` for unknown ids and for
    /// kinds that cannot be expanded.
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
