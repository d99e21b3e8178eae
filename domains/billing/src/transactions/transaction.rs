//! A purchase with its money. Pure.

use crate::{ledger::Entry, purchases::Purchase};

/// A purchase and the entries posted for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) purchase: Purchase,
    /// In the order of posting.
    pub(crate) entries: Vec<Entry>,
}
