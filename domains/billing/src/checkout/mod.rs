//! Opening a payment page for a pack.
//!
//! Owns the beginning of a purchase: it is written down before Stripe is asked, so nothing Stripe
//! can tell us about is ever unknown, and its page is stored before the customer hears of it. It
//! refuses to know whether anything was paid: that is the ledger's to find out. Invariants:
//!
//! - one idempotency key of a caller opens at most one payable page, whatever is repeated or killed;
//! - a purchase keeps the title, meals and price it was sold with.

mod start_checkout;
mod store;

pub(crate) use start_checkout::{RESUMABLE_FOR, StartCheckout};
