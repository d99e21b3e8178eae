//! Snapshots of Stripe's objects: what Stripe says about them at the moment of asking. Pure.

use bk_kernel::{PurchaseId, TenantId};

/// A checkout session as Stripe sees it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionSnapshot {
    /// `cs_…`
    pub(crate) id: String,
    pub(crate) status: SessionStatus,
    pub(crate) payment_status: PaymentStatus,
    /// Minor units of `currency`.
    pub(crate) amount_minor: Option<i64>,
    /// ISO 4217, upper case.
    pub(crate) currency: Option<String>,
    pub(crate) payment_intent: Option<PaymentIntentSnapshot>,
    pub(crate) livemode: bool,
    pub(crate) metadata: Option<Metadata>,
    /// `client_reference_id`, where it is one of our ids.
    pub(crate) reference: Option<PurchaseId>,
}

/// Whether a session can still be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
    /// A status this version does not know: nothing is concluded from it.
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
pub(crate) struct PaymentIntentSnapshot {
    /// `pi_…`
    pub(crate) id: String,
    pub(crate) status: PaymentIntentStatus,
    pub(crate) metadata: Option<Metadata>,
}

/// The status of a payment intent, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentIntentStatus {
    Succeeded,
    /// The bank declined, or the payment was cancelled.
    Failed,
    /// The payment is still under way, or has a status this version does not know.
    Pending,
}

/// The metadata that we put on an object. It comes back from outside, so it is compared with our own
/// records and never believed alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) tenant_id: TenantId,
    pub(crate) purchase_id: PurchaseId,
}

impl Metadata {
    /// The key of the tenant's id.
    pub(crate) const TENANT_ID: &'static str = "tenant_id";
    /// The key of the purchase's id.
    pub(crate) const PURCHASE_ID: &'static str = "purchase_id";
}
