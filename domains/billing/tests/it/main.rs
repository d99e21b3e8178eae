//! Billing behind the guard, with the simulator of Stripe and a real database.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests act for the product, open pools and sign with the machine's time"
)]

mod checkout;
mod fixture;
mod ledger;
mod rights;
mod stripe_events;
mod transactions;
