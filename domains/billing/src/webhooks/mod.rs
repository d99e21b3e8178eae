//! What Stripe tells us: verify, keep, and work on it later.
//!
//! Owns the inbox of events. It refuses to know what a payment means: an event is only a reason to
//! ask Stripe about an object and let the ledger judge the answer. Invariants (control WH-1):
//!
//! - bytes are verified before they are parsed, and what they hold is never logged;
//! - an event is kept once, in the transaction that queues its work; 200 is answered after it;
//! - the tenant of an event comes from our own directory of objects; labels that came from outside
//!   are compared with it and never believed alone.

mod envelope;
pub(crate) mod http;
mod inbox;
mod jobs;
mod locate;
mod process_event;
pub(crate) mod read_events;
mod receive_event;
pub(crate) mod replay_event;
mod signature;
mod store;

#[cfg(test)]
pub(crate) use inbox::{EventKey, EventState, EventSummary};
pub(crate) use jobs::Jobs;
pub(crate) use process_event::ProcessEvent;
pub(crate) use receive_event::ReceiveEvent;
pub(crate) use signature::SigningSecrets;
pub(crate) use store::enqueue_reconcile;
