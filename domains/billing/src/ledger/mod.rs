//! What was paid: brings purchases and the ledger to what Stripe says now.
//!
//! Owns the state of purchases and the entries of money. It refuses to know events: whoever asks for
//! a settlement, a webhook or the reconciliation, the answer is the same. Invariants:
//!
//! - one object of Stripe is settled by one transaction at a time, which asks Stripe only once it
//!   holds the object's lock, so nothing older ever overwrites anything newer;
//! - a ledger entry is unique by `(tenant, kind, Stripe object)` and is never changed;
//! - the fact that a purchase was paid is told once, in the transaction that records it.

mod judgement;
mod reconcile;
mod settle_purchase;
mod store;

pub(crate) use reconcile::Reconcile;
pub(crate) use settle_purchase::{SettleError, SettlePurchase, Settled, Target};
