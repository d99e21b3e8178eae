//! Events that Stripe delivers: verify them, keep them, and process them later.
//!
//! Owns `billing_stripe_events`. It refuses to know what a payment means: an event is only a reason
//! to ask Stripe about an object and let the ledger decide about the answer. Invariants
//! (docs/controls.md, WH-1):
//!
//! - bytes are verified before they are parsed, and what they hold is never logged;
//! - an event is kept once, in the transaction that queues its work; 200 is answered after it;
//! - the tenant of an event comes from our own records of Stripe's objects; metadata that comes from
//!   outside is compared with them and never believed alone.

mod entity;
mod envelope;
mod event;
mod fail_abandoned_events;
pub(crate) mod http;
mod jobs;
mod locate_purchase;
mod process_event;
mod read_events;
mod receive_event;
mod replay_event;
mod signature;
mod store;

pub(crate) use jobs::EventJobs;
pub(crate) use process_event::ProcessEvent;
pub(crate) use receive_event::ReceiveEvent;
pub(crate) use signature::SigningSecrets;
