//! What was paid: brings purchases and the ledger of money to what Stripe says now.
//!
//! Owns `billing_ledger` and the decision what a payment means. It refuses to know events: the answer
//! is the same whether a webhook or the reconciliation asks for a settlement. Invariants:
//!
//! - no transaction is open while Stripe is asked, and an answer counts only while its purchase is
//!   what it was before the question, so that nothing older ever overwrites anything newer;
//! - an entry is unique by `(tenant, kind, Stripe object)` and is never changed;
//! - the fact that a purchase was paid is published once, in the transaction that records it.

mod entity;
mod entry;
pub(crate) mod http;
mod jobs;
mod read_entries;
mod reconcile_tenant;
mod request_reconciliation;
mod settle_purchase;
mod settlement;
mod store;

pub(crate) use entry::{Entry, EntryKind};
pub(crate) use jobs::ReconcileJobs;
pub(crate) use read_entries::list_entries;
pub(crate) use reconcile_tenant::ReconcileTenant;
pub(crate) use settle_purchase::{SettleError, SettlePurchase, Settlement, SettlementTarget};
