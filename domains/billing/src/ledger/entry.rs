//! An entry of the ledger: money that moved. Pure.

use bk_kernel::{AccountId, Money, PurchaseId, string_enum};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: Uuid,
    pub(crate) kind: EntryKind,
    pub(crate) purchase_id: PurchaseId,
    pub(crate) account_id: AccountId,
    /// `pi_…` or `re_…`
    pub(crate) stripe_object: String,
    /// Positive for payments, negative for refunds.
    pub(crate) amount: Money,
    /// Whether real money moved.
    pub(crate) livemode: bool,
    /// When it was posted.
    pub(crate) at: DateTime<Utc>,
}

string_enum! {
    /// Which way the money went.
    pub(crate) enum EntryKind: "a kind of entry" {
        /// From the customer.
        Payment = "PAYMENT",
        /// Back to the customer.
        Refund = "REFUND",
    }
}
