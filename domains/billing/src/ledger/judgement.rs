//! What a session, as Stripe sees it now, means for its purchase. Pure: the whole policy of payments.
//!
//! The answer depends on the present only, never on which event made us ask or on the order of
//! events, so every order of them ends in the same state.

use bk_kernel::TenantId;

use crate::{
    purchase::{Attention, Purchase, PurchaseState},
    stripe::{IntentStatus, PaymentStatus, SessionSeen, SessionStatus},
};

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Record the payment; it is new.
    Pay {
        /// The payment's name at Stripe.
        payment_intent: String,
    },
    /// Nobody can pay it any more.
    Cancel,
    /// Nothing changes.
    Keep,
    /// Record nothing and let people look.
    Park(Attention),
}

/// Judges `seen` against `purchase` of `tenant`. `livemode` is the deployment's.
pub(crate) fn judge(
    tenant: TenantId,
    purchase: &Purchase,
    seen: &SessionSeen,
    livemode: bool,
) -> Verdict {
    if seen.livemode != livemode {
        return Verdict::Park(Attention::LivemodeMismatch);
    }
    let labelled = seen.labels.is_some_and(|l| l.tenant == tenant && l.purchase == purchase.id);
    if !labelled || seen.reference != Some(purchase.id) {
        return Verdict::Park(Attention::MetadataMismatch);
    }
    match (purchase.state, seen.payment_status, seen.status) {
        // A cancelled purchase whose session was paid all the same: the money is there, so the
        // customer gets what they paid for, as they would have, had the events come the other way.
        (PurchaseState::Pending | PurchaseState::Cancelled, PaymentStatus::Paid, _) => {
            paid(purchase, seen)
        }
        (PurchaseState::Pending, _, SessionStatus::Expired) => Verdict::Cancel,
        (PurchaseState::Pending, PaymentStatus::Unpaid, SessionStatus::Complete)
            if payment_refused(seen) =>
        {
            // A delayed payment method said no: a complete session cannot be paid again.
            Verdict::Cancel
        }
        (
            PurchaseState::Pending
            | PurchaseState::Cancelled
            | PurchaseState::Paid
            | PurchaseState::Refunded
            | PurchaseState::PartiallyRefunded,
            _,
            _,
        ) => Verdict::Keep,
    }
}

fn paid(purchase: &Purchase, seen: &SessionSeen) -> Verdict {
    let right_amount = seen.amount_minor == Some(purchase.price.amount_minor)
        && seen.currency.as_deref() == Some(purchase.price.currency.as_str());
    match &seen.payment_intent {
        _ if !right_amount => Verdict::Park(Attention::AmountMismatch),
        None => Verdict::Park(Attention::PaymentMissing),
        Some(intent) => Verdict::Pay { payment_intent: intent.id.clone() },
    }
}

fn payment_refused(seen: &SessionSeen) -> bool {
    seen.payment_intent.as_ref().is_some_and(|intent| intent.status == IntentStatus::Refused)
}

#[cfg(test)]
mod tests {
    use bk_kernel::{AccountId, Money, PackProductId, PurchaseId, UserId};

    use super::*;
    use crate::stripe::{IntentSeen, Labels};

    fn purchase(state: PurchaseState) -> Purchase {
        let now = "2026-11-27T02:00:00Z".parse().unwrap();
        Purchase {
            id: PurchaseId::new(),
            account_id: AccountId::new(),
            user_id: UserId::new(),
            product_id: PackProductId::new(),
            title: "Ten meals".to_owned(),
            meals: 10,
            meal_size_g: 300,
            price: Money::new(13_000, "AUD".parse().unwrap()),
            state,
            attention: None,
            page: None,
            created_at: now,
            expires_at: now,
            paid_at: None,
        }
    }

    fn seen(tenant: TenantId, purchase: &Purchase) -> SessionSeen {
        SessionSeen {
            id: "cs_1".to_owned(),
            status: SessionStatus::Complete,
            payment_status: PaymentStatus::Paid,
            amount_minor: Some(13_000),
            currency: Some("AUD".to_owned()),
            payment_intent: Some(IntentSeen {
                id: "pi_1".to_owned(),
                status: IntentStatus::Succeeded,
                labels: None,
            }),
            livemode: false,
            labels: Some(Labels { tenant, purchase: purchase.id }),
            reference: Some(purchase.id),
        }
    }

    fn judged(state: PurchaseState, change: impl FnOnce(&mut SessionSeen)) -> Verdict {
        let (tenant, purchase) = (TenantId::new(), purchase(state));
        let mut seen = seen(tenant, &purchase);
        change(&mut seen);
        judge(tenant, &purchase, &seen, false)
    }

    #[test]
    fn a_paid_session_pays_a_purchase_once() {
        let pay = Verdict::Pay { payment_intent: "pi_1".to_owned() };
        assert_eq!(judged(PurchaseState::Pending, |_| ()), pay);
        assert_eq!(judged(PurchaseState::Cancelled, |_| ()), pay);
        assert_eq!(judged(PurchaseState::Paid, |_| ()), Verdict::Keep);
        assert_eq!(judged(PurchaseState::Refunded, |_| ()), Verdict::Keep);
    }

    #[test]
    fn an_expired_session_cancels_only_what_was_pending() {
        let expire = |s: &mut SessionSeen| {
            s.status = SessionStatus::Expired;
            s.payment_status = PaymentStatus::Unpaid;
        };
        assert_eq!(judged(PurchaseState::Pending, expire), Verdict::Cancel);
        assert_eq!(judged(PurchaseState::Paid, expire), Verdict::Keep);
        assert_eq!(judged(PurchaseState::Cancelled, expire), Verdict::Keep);
    }

    #[test]
    fn another_amount_or_currency_is_parked() {
        let park = Verdict::Park(Attention::AmountMismatch);
        assert_eq!(judged(PurchaseState::Pending, |s| s.amount_minor = Some(12_999)), park);
        assert_eq!(judged(PurchaseState::Pending, |s| s.amount_minor = None), park);
        assert_eq!(judged(PurchaseState::Pending, |s| s.currency = Some("USD".to_owned())), park);
    }

    #[test]
    fn labels_of_another_tenant_or_purchase_are_parked() {
        let park = Verdict::Park(Attention::MetadataMismatch);
        let other = |s: &mut SessionSeen| {
            s.labels = s.labels.map(|l| Labels { tenant: TenantId::new(), ..l });
        };
        assert_eq!(judged(PurchaseState::Pending, other), park);
        assert_eq!(judged(PurchaseState::Pending, |s| s.labels = None), park);
        assert_eq!(judged(PurchaseState::Pending, |s| s.reference = None), park);
    }

    #[test]
    fn the_other_mode_is_parked_before_anything_else() {
        let park = Verdict::Park(Attention::LivemodeMismatch);
        assert_eq!(judged(PurchaseState::Pending, |s| s.livemode = true), park);
        assert_eq!(judged(PurchaseState::Paid, |s| s.livemode = true), park);
    }

    #[test]
    fn a_delayed_payment_that_was_refused_cancels_and_one_on_its_way_waits() {
        let unpaid = |status| {
            move |s: &mut SessionSeen| {
                s.payment_status = PaymentStatus::Unpaid;
                s.payment_intent.as_mut().unwrap().status = status;
            }
        };
        assert_eq!(judged(PurchaseState::Pending, unpaid(IntentStatus::Refused)), Verdict::Cancel);
        assert_eq!(judged(PurchaseState::Pending, unpaid(IntentStatus::Pending)), Verdict::Keep);
    }

    #[test]
    fn a_payment_without_a_name_and_words_we_do_not_know_change_nothing() {
        assert_eq!(
            judged(PurchaseState::Pending, |s| s.payment_intent = None),
            Verdict::Park(Attention::PaymentMissing)
        );
        let unknown = |s: &mut SessionSeen| {
            s.payment_status = PaymentStatus::Unknown;
            s.status = SessionStatus::Unknown;
        };
        assert_eq!(judged(PurchaseState::Pending, unknown), Verdict::Keep);
    }
}
