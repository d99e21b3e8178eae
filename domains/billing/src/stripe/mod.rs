//! The conversation with Stripe: what billing asks and what it gets to know, in billing's own words.
//!
//! It refuses to know purchases, tenants and the database. Invariant: [`gateway`] is the only file of
//! the product that names async-stripe.

mod config;
mod gateway;
mod seen;

pub use config::{StripeConfigError, StripeSettings};
pub(crate) use gateway::{GatewayError, NewSession, OpenedSession, StripeGateway};
pub(crate) use seen::{
    IntentSeen, IntentStatus, Labels, PaymentStatus, SessionSeen, SessionStatus,
};
