//! A purchase: what was sold, for how much, and how far its payment got. Pure.
//!
//! Invariants: only what Stripe itself says makes a purchase `PAID` (docs/product.md, section 2), and a
//! paid purchase never returns to `PENDING` or `CANCELLED`. [`PurchaseState::apply`] is the only way
//! from one state to another.

use bk_kernel::{AccountId, Money, PackProductId, PurchaseId, TenantId, UserId, string_enum};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a purchase that never got its payment page can be resumed by its request key. Afterwards
/// the key starts a new purchase, and the reconciliation cancels the old one.
pub(crate) const RESUMABLE_FOR: TimeDelta = TimeDelta::minutes(30);

/// A recorded purchase. Title, meals and price are as they were when it was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purchase {
    pub(crate) id: PurchaseId,
    pub(crate) account_id: AccountId,
    pub(crate) user_id: UserId,
    pub(crate) product_id: PackProductId,
    pub(crate) title: String,
    pub(crate) meals: i32,
    pub(crate) meal_size_g: i32,
    pub(crate) price: Money,
    pub(crate) state: PurchaseState,
    pub(crate) review_reason: Option<ReviewReason>,
    pub(crate) page: Option<PaymentPage>,
    pub(crate) created_at: DateTime<Utc>,
    /// When the payment page closes.
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) paid_at: Option<DateTime<Utc>>,
}

/// A purchase to record; it begins `PENDING` and without a page.
#[derive(Debug, Clone)]
pub(crate) struct NewPurchase {
    pub(crate) id: PurchaseId,
    pub(crate) account_id: AccountId,
    pub(crate) user_id: UserId,
    pub(crate) product_id: PackProductId,
    pub(crate) title: String,
    pub(crate) meals: i32,
    pub(crate) meal_size_g: i32,
    pub(crate) price: Money,
    pub(crate) page_request: PageRequest,
    /// The caller's idempotency key.
    pub(crate) request_key: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// What only opening the payment page needs. It is kept until the page is open, so that Stripe sees
/// the very same request when it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageRequest {
    pub(crate) email: Option<String>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: String,
}

/// A purchase as checkout finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecordedPurchase {
    pub(crate) purchase: Purchase,
    /// None once the page is open, or nobody can pay any more.
    pub(crate) page_request: Option<PageRequest>,
}

/// The payment page of a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaymentPage {
    /// `cs_…`
    pub(crate) session_id: String,
    pub(crate) url: String,
}

/// Which purchase an object of Stripe was recorded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PurchaseOwner {
    pub(crate) tenant_id: TenantId,
    pub(crate) purchase_id: PurchaseId,
}

/// Which purchases to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PurchaseFilter {
    pub(crate) state: Option<PurchaseState>,
    pub(crate) account_id: Option<AccountId>,
}

/// What became known about the payment of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PurchaseEvent {
    /// Stripe confirmed the payment.
    PaymentConfirmed,
    /// The payment page can no longer be paid, or was never opened.
    PageClosed,
}

/// A change of state that the state machine admits; only [`PurchaseState::apply`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transition {
    from: PurchaseState,
    to: PurchaseState,
}

impl Purchase {
    /// Whether the payment page closed before `now`.
    pub(crate) fn has_expired(&self, now: DateTime<Utc>) -> bool {
        now > self.expires_at
    }
}

impl PurchaseState {
    /// Returns the transition that `event` means in this state, or none when it changes nothing.
    ///
    /// A cancelled purchase that is paid all the same becomes paid: the money is there, so the
    /// customer gets what they paid for, as if the events had come the other way round.
    pub(crate) const fn apply(self, event: PurchaseEvent) -> Option<Transition> {
        match (self, event) {
            (Self::Pending | Self::Cancelled, PurchaseEvent::PaymentConfirmed) => {
                Some(Transition { from: self, to: Self::Paid })
            }
            (Self::Pending, PurchaseEvent::PageClosed) => {
                Some(Transition { from: self, to: Self::Cancelled })
            }
            (
                Self::Paid | Self::Refunded | Self::PartiallyRefunded,
                PurchaseEvent::PaymentConfirmed,
            )
            | (
                Self::Cancelled | Self::Paid | Self::Refunded | Self::PartiallyRefunded,
                PurchaseEvent::PageClosed,
            ) => None,
        }
    }
}

impl Transition {
    /// The state it starts from.
    pub(crate) const fn from(self) -> PurchaseState {
        self.from
    }

    /// The state it ends in.
    pub(crate) const fn to(self) -> PurchaseState {
        self.to
    }
}

string_enum! {
    /// How far a purchase got.
    pub(crate) enum PurchaseState: "a state of a purchase" {
        /// The payment page is open, or about to be.
        Pending = "PENDING",
        /// The payment is confirmed.
        Paid = "PAID",
        /// The page closed without a payment.
        Cancelled = "CANCELLED",
        /// All of the money went back.
        Refunded = "REFUNDED",
        /// A part of the money went back.
        PartiallyRefunded = "PARTIALLY_REFUNDED",
    }
}

string_enum! {
    /// Why staff should review a purchase: what Stripe says contradicts what was sold.
    pub(crate) enum ReviewReason: "a reason for review" {
        /// Another amount or currency than the price.
        AmountMismatch = "AMOUNT_MISMATCH",
        /// The metadata of the session names another purchase or tenant.
        MetadataMismatch = "METADATA_MISMATCH",
        /// Real money in a test deployment, or the other way round.
        LivemodeMismatch = "LIVEMODE_MISMATCH",
        /// The session is paid, but names no payment.
        PaymentMissing = "PAYMENT_MISSING",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_ends_every_wait_and_nothing_undoes_it() {
        use PurchaseEvent::{PageClosed, PaymentConfirmed};
        use PurchaseState::{Cancelled, Paid, PartiallyRefunded, Pending, Refunded};
        let table = [
            (Pending, PaymentConfirmed, Some(Paid)),
            (Pending, PageClosed, Some(Cancelled)),
            (Cancelled, PaymentConfirmed, Some(Paid)),
            (Cancelled, PageClosed, None),
            (Paid, PaymentConfirmed, None),
            (Paid, PageClosed, None),
            (Refunded, PaymentConfirmed, None),
            (Refunded, PageClosed, None),
            (PartiallyRefunded, PaymentConfirmed, None),
            (PartiallyRefunded, PageClosed, None),
        ];
        for (state, event, expected) in table {
            let transition = state.apply(event);
            assert_eq!(transition.map(Transition::to), expected, "{state:?} {event:?}");
            assert!(transition.is_none_or(|transition| transition.from() == state));
        }
    }
}
