//! A purchase: what was sold, for how much, and how far its payment got. Pure.
//!
//! All slices of billing speak of purchases, so the model stands beside them. Invariants: only what
//! Stripe itself says makes a purchase `PAID` (product page, section 2), and a paid one never goes
//! back to `PENDING` or `CANCELLED`.

use bk_kernel::{AccountId, Money, PackProductId, PurchaseId, UserId};
use chrono::{DateTime, Utc};

/// A recorded purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purchase {
    pub(crate) id: PurchaseId,
    pub(crate) account_id: AccountId,
    pub(crate) user_id: UserId,
    pub(crate) product_id: PackProductId,
    /// As it was when it was sold, like everything below.
    pub(crate) title: String,
    pub(crate) meals: i32,
    pub(crate) meal_size_g: i32,
    pub(crate) price: Money,
    pub(crate) state: PurchaseState,
    pub(crate) attention: Option<Attention>,
    pub(crate) page: Option<Page>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) paid_at: Option<DateTime<Utc>>,
}

/// The payment page of a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// `cs_…`
    pub(crate) session_id: String,
    pub(crate) url: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// As stored and as sent.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::purchase::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err($crate::purchase::UnknownWord) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

/// A row holds a word this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a row holds an unknown word")]
pub(crate) struct UnknownWord;

words! {
    /// How far a purchase got.
    PurchaseState {
        /// The payment page is open, or about to be.
        Pending = "PENDING",
        /// Stripe confirmed the payment.
        Paid = "PAID",
        /// The page closed without a payment.
        Cancelled = "CANCELLED",
        /// All of the money went back.
        Refunded = "REFUNDED",
        /// A part of the money went back.
        PartiallyRefunded = "PARTIALLY_REFUNDED",
    }
}

words! {
    /// Why people should look at a purchase: what Stripe says contradicts what was sold.
    Attention {
        /// Another amount or currency than the price.
        AmountMismatch = "AMOUNT_MISMATCH",
        /// The session's labels name another purchase or tenant.
        MetadataMismatch = "METADATA_MISMATCH",
        /// Real money in a test deployment, or the other way round.
        LivemodeMismatch = "LIVEMODE_MISMATCH",
        /// Paid, Stripe says, but it names no payment.
        PaymentMissing = "PAYMENT_MISSING",
    }
}
