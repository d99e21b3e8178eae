//! Opening a payment page for a pack.
//!
//! A purchase is recorded before Stripe is asked, so that nothing Stripe reports is ever unknown, and
//! its page is stored before the customer gets it. This slice refuses to know whether anything
//! was paid: that is the ledger's to find out. Invariants:
//!
//! - one idempotency key of a caller opens at most one page that can be paid, whatever is repeated or
//!   interrupted;
//! - no database connection is held while Stripe is asked.

mod start_checkout;

pub(crate) use start_checkout::StartCheckout;
