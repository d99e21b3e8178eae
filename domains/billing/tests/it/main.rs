//! Billing behind the guard, with the simulator of Stripe and a real database.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod checkout;
mod fixture;
mod ledger;
mod rights;
mod stripe_events;
mod transactions;
