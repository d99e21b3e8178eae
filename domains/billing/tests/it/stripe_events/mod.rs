//! Deliveries from Stripe, and the work that they are a reason for.

mod deliveries;
mod processing;
mod staff;
