//! Requests to Stripe and the answers, as types of our own.
//!
//! It refuses to know purchases, tenants and the database. Invariant: [`gateway`] is the only file of
//! the product that names async-stripe.

mod gateway;
mod snapshot;

pub(crate) use gateway::{GatewayError, NewSession, StripeGateway};
pub(crate) use snapshot::{
    Metadata, PaymentIntentSnapshot, PaymentIntentStatus, PaymentStatus, SessionSnapshot,
    SessionStatus,
};
