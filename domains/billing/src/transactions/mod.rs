//! What was bought and paid, for customers and staff to read.
//!
//! Owns nothing: it shows purchases and the entries of the ledger. Invariant: a customer sees the
//! purchases of their own account only.

pub(crate) mod http;
mod read_transactions;
mod transaction;
