//! Purchases: what was sold, and how far its payment got.
//!
//! Owns `billing_purchases` and `billing_session_directory`, which says to whose purchase an object of
//! Stripe belongs. It refuses to know Stripe: checkout brings the payment page, the ledger brings what
//! was decided about the payment. Invariants:
//!
//! - one request key of a caller leads to at most one purchase that can still be paid;
//! - a purchase keeps the title, meals and price it was sold with;
//! - its state changes only by a [`Transition`] of the state machine.

mod attach_page;
mod change_state;
mod entity;
mod purchase;
mod read_purchases;
mod record_purchase;
mod store;

pub(crate) use attach_page::attach_page;
pub(crate) use change_state::{cancel_purchase, hold_purchase, mark_paid};
pub(crate) use purchase::{
    NewPurchase, PageRequest, PaymentPage, Purchase, PurchaseEvent, PurchaseFilter, PurchaseOwner,
    PurchaseState, RESUMABLE_FOR, RecordedPurchase, ReviewReason, Transition,
};
pub(crate) use read_purchases::{
    find_owner, find_purchase, list_open_purchases, list_purchases, lock_purchase,
};
pub(crate) use record_purchase::record_purchase;
