//! What Stripe says about an object at the moment of asking. Pure.

use bk_kernel::{PurchaseId, TenantId};

/// A checkout session as Stripe sees it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionSeen {
    /// `cs_…`
    pub(crate) id: String,
    pub(crate) status: SessionStatus,
    pub(crate) payment_status: PaymentStatus,
    /// Minor units of `currency`.
    pub(crate) amount_minor: Option<i64>,
    /// ISO 4217, upper case.
    pub(crate) currency: Option<String>,
    pub(crate) payment_intent: Option<IntentSeen>,
    pub(crate) livemode: bool,
    pub(crate) labels: Option<Labels>,
    /// `client_reference_id`, where it is one of our ids.
    pub(crate) reference: Option<PurchaseId>,
}

/// Whether a session can still be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
    /// A word this version does not know: nothing is concluded from it.
    Unknown,
}

/// Whether a session was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentStatus {
    Paid,
    Unpaid,
    NotRequired,
    Unknown,
}

/// A payment intent as Stripe sees it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IntentSeen {
    /// `pi_…`
    pub(crate) id: String,
    pub(crate) status: IntentStatus,
    pub(crate) labels: Option<Labels>,
}

/// As much of an intent's status as matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntentStatus {
    Succeeded,
    /// The bank said no, or it was called off.
    Refused,
    /// Anything on the way, and words this version does not know.
    Pending,
}

/// Our metadata on an object. It comes from outside: a hint to be compared with the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Labels {
    pub(crate) tenant: TenantId,
    pub(crate) purchase: PurchaseId,
}

impl Labels {
    /// Metadata key of the tenant's id.
    pub(crate) const TENANT: &'static str = "tenant_id";
    /// Metadata key of the purchase's id.
    pub(crate) const PURCHASE: &'static str = "purchase_id";
}
