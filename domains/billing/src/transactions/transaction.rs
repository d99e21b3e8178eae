//! A purchase with its money. Pure.

use bk_kernel::{AccountId, Money};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::purchase::{Purchase, PurchaseState, words};

/// A purchase and the entries posted for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transaction {
    pub(super) purchase: Purchase,
    /// In the order of posting.
    pub(super) entries: Vec<Entry>,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: Uuid,
    pub(super) kind: EntryKind,
    /// `pi_…` or `re_…`
    pub(super) stripe_object: String,
    pub(super) amount: Money,
    pub(super) livemode: bool,
    pub(super) at: DateTime<Utc>,
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
pub(super) struct Filter {
    pub(super) state: Option<PurchaseState>,
    pub(super) account: Option<AccountId>,
}
