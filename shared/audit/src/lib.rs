//! The audit log: one append-only hash chain per tenant (docs/controls.md, AU-1).
//!
//! It owns the tables `audit_entries` and `audit_heads` and knows nothing of what the actions mean.
//! Its invariants:
//!
//! - `seq` counts 1, 2, 3… within a tenant without gaps, and each entry's hash covers the hash of
//!   the entry before it, so a changed, removed, added or reordered entry breaks the chain at a
//!   place [`verify()`] names;
//! - removing entries from the end leaves a shorter but sound chain: that is found by comparing with
//!   the head, and, when an attacker could have rewritten the head as well, with a checkpoint kept
//!   outside the database ([`verify_against`]);
//! - an entry is written in the transaction of the change it records, or not at all;
//! - no secrets and no preference contents: [`append`] replaces the values of fields that could hold
//!   them (see [`details`]).
//!
//! # Lock order
//!
//! Appending locks the tenant's head row until the transaction ends, and so serialises the
//! administrative changes of one tenant. **The head is taken last**: a use case appends after it has
//! taken every other lock it needs. Two entries in one transaction are fine.

mod append;
pub mod details;
mod entity;
mod entry;
mod hash;
mod head;
mod read;
mod row;
mod verify;

pub use append::append;
pub use entry::{AuditActor, AuditEntry};
pub use hash::Hash;
pub use head::{Head, head};
pub use read::{Filter, page};
pub use row::Recorded;
pub use verify::{ChainBreak, ChainFault, Verified, VerifyError, verify, verify_against};
