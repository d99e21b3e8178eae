//! What domains say to each other: ports (traits one domain implements and the host injects into
//! others) and facts (events, written to the outbox with the change they report).
//!
//! A port that takes a [`TenantTx`](bk_persistence::TenantTx) joins the caller's transaction, so a
//! change that spans two domains is atomic. Facts carry what happened, whole: a consumer never
//! reaches back.

pub mod accounts;
pub mod checkout;
pub mod facts;
pub mod identity;
pub mod mail;
pub mod tenants;
