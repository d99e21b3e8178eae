//! A purchase with its money. Pure.

use bk_kernel::{AccountId, Money};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::purchase::{Purchase, PurchaseState, words};

/// A purchase and the entries posted for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) purchase: Purchase,
    /// In the order of posting.
    pub(crate) entries: Vec<Entry>,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: Uuid,
    pub(crate) kind: EntryKind,
    /// `pi_…` or `re_…`
    pub(crate) stripe_object: String,
    pub(crate) amount: Money,
    pub(crate) livemode: bool,
    pub(crate) at: DateTime<Utc>,
}

words! {
    /// Which way the money went.
    EntryKind {
        /// From the customer.
        Payment = "PAYMENT",
        /// Back to the customer.
        Refund = "REFUND",
    }
}

/// Which purchases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) state: Option<PurchaseState>,
    pub(crate) account: Option<AccountId>,
}
