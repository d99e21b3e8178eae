//! What the present state of a session at Stripe means for its purchase. Pure: the whole policy of
//! payments.
//!
//! The decision depends on the present only, never on which event made us ask or on the order of
//! events, so every order of them ends in the same state.

use bk_kernel::TenantId;

use crate::{
    purchases::{Purchase, PurchaseEvent, ReviewReason, Transition},
    stripe::{PaymentIntentStatus, PaymentStatus, SessionSnapshot, SessionStatus},
};

/// What to do about a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SettlementDecision {
    /// Record the payment: it is new.
    RecordPayment {
        transition: Transition,
        /// `pi_…`
        payment_intent: String,
    },
    /// Cancel the purchase: nobody can pay it any more.
    Cancel(Transition),
    /// Change nothing.
    Keep,
    /// Record nothing and ask staff to review the purchase.
    Hold(ReviewReason),
}

/// Decides what `session` means for `purchase` of `tenant`. `livemode` is the deployment's.
pub(crate) fn decide(
    tenant: TenantId,
    purchase: &Purchase,
    session: &SessionSnapshot,
    livemode: bool,
) -> SettlementDecision {
    if session.livemode != livemode {
        return SettlementDecision::Hold(ReviewReason::LivemodeMismatch);
    }
    let names_the_purchase =
        session.metadata.is_some_and(|m| m.tenant_id == tenant && m.purchase_id == purchase.id);
    if !names_the_purchase || session.reference != Some(purchase.id) {
        return SettlementDecision::Hold(ReviewReason::MetadataMismatch);
    }
    let Some(event) = event(session) else { return SettlementDecision::Keep };
    match (event, purchase.state.apply(event)) {
        (_, None) => SettlementDecision::Keep,
        (PurchaseEvent::PaymentConfirmed, Some(transition)) => {
            record_payment(purchase, session, transition)
        }
        (PurchaseEvent::PageClosed, Some(transition)) => SettlementDecision::Cancel(transition),
    }
}

/// What happened to the purchase, by the state of its session; none while nothing has.
fn event(session: &SessionSnapshot) -> Option<PurchaseEvent> {
    match (session.payment_status, session.status) {
        (PaymentStatus::Paid, _) => Some(PurchaseEvent::PaymentConfirmed),
        (_, SessionStatus::Expired) => Some(PurchaseEvent::PageClosed),
        // A delayed payment method declined: a complete session cannot be paid again.
        (PaymentStatus::Unpaid, SessionStatus::Complete) if payment_failed(session) => {
            Some(PurchaseEvent::PageClosed)
        }
        (
            PaymentStatus::Unpaid | PaymentStatus::NotRequired | PaymentStatus::Unknown,
            SessionStatus::Open | SessionStatus::Complete | SessionStatus::Unknown,
        ) => None,
    }
}

fn record_payment(
    purchase: &Purchase,
    session: &SessionSnapshot,
    transition: Transition,
) -> SettlementDecision {
    let right_amount = session.amount_minor == Some(purchase.price.amount_minor)
        && session.currency.as_deref() == Some(purchase.price.currency.as_str());
    match &session.payment_intent {
        _ if !right_amount => SettlementDecision::Hold(ReviewReason::AmountMismatch),
        None => SettlementDecision::Hold(ReviewReason::PaymentMissing),
        Some(intent) => {
            SettlementDecision::RecordPayment { transition, payment_intent: intent.id.clone() }
        }
    }
}

fn payment_failed(session: &SessionSnapshot) -> bool {
    session.payment_intent.as_ref().is_some_and(|i| i.status == PaymentIntentStatus::Failed)
}

#[cfg(test)]
mod tests {
    use bk_kernel::{AccountId, Money, PackProductId, PurchaseId, UserId};

    use super::*;
    use crate::{
        purchases::PurchaseState,
        stripe::{Metadata, PaymentIntentSnapshot},
    };

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
            review_reason: None,
            page: None,
            created_at: now,
            expires_at: now,
            paid_at: None,
        }
    }

    fn paid_session(tenant: TenantId, purchase: &Purchase) -> SessionSnapshot {
        SessionSnapshot {
            id: "cs_1".to_owned(),
            status: SessionStatus::Complete,
            payment_status: PaymentStatus::Paid,
            amount_minor: Some(13_000),
            currency: Some("AUD".to_owned()),
            payment_intent: Some(PaymentIntentSnapshot {
                id: "pi_1".to_owned(),
                status: PaymentIntentStatus::Succeeded,
                metadata: None,
            }),
            livemode: false,
            metadata: Some(Metadata { tenant_id: tenant, purchase_id: purchase.id }),
            reference: Some(purchase.id),
        }
    }

    fn decided(
        state: PurchaseState,
        change: impl FnOnce(&mut SessionSnapshot),
    ) -> SettlementDecision {
        let (tenant, purchase) = (TenantId::new(), purchase(state));
        let mut session = paid_session(tenant, &purchase);
        change(&mut session);
        decide(tenant, &purchase, &session, false)
    }

    #[test]
    fn a_paid_session_pays_a_purchase_once() {
        for state in [PurchaseState::Pending, PurchaseState::Cancelled] {
            let transition = state.apply(PurchaseEvent::PaymentConfirmed).unwrap();
            let payment_intent = "pi_1".to_owned();
            assert_eq!(
                decided(state, |_| ()),
                SettlementDecision::RecordPayment { transition, payment_intent }
            );
        }
        assert_eq!(decided(PurchaseState::Paid, |_| ()), SettlementDecision::Keep);
        assert_eq!(decided(PurchaseState::Refunded, |_| ()), SettlementDecision::Keep);
    }

    #[test]
    fn an_expired_session_cancels_only_what_was_pending() {
        let closing = PurchaseState::Pending.apply(PurchaseEvent::PageClosed).unwrap();
        let expire = |s: &mut SessionSnapshot| {
            s.status = SessionStatus::Expired;
            s.payment_status = PaymentStatus::Unpaid;
        };
        assert_eq!(decided(PurchaseState::Pending, expire), SettlementDecision::Cancel(closing));
        assert_eq!(decided(PurchaseState::Paid, expire), SettlementDecision::Keep);
        assert_eq!(decided(PurchaseState::Cancelled, expire), SettlementDecision::Keep);
    }

    #[test]
    fn another_amount_or_currency_is_held() {
        let hold = SettlementDecision::Hold(ReviewReason::AmountMismatch);
        assert_eq!(decided(PurchaseState::Pending, |s| s.amount_minor = Some(12_999)), hold);
        assert_eq!(decided(PurchaseState::Pending, |s| s.amount_minor = None), hold);
        assert_eq!(decided(PurchaseState::Pending, |s| s.currency = Some("USD".to_owned())), hold);
    }

    #[test]
    fn metadata_of_another_tenant_or_purchase_is_held() {
        let hold = SettlementDecision::Hold(ReviewReason::MetadataMismatch);
        let other = |s: &mut SessionSnapshot| {
            s.metadata = s.metadata.map(|m| Metadata { tenant_id: TenantId::new(), ..m });
        };
        assert_eq!(decided(PurchaseState::Pending, other), hold);
        assert_eq!(decided(PurchaseState::Pending, |s| s.metadata = None), hold);
        assert_eq!(decided(PurchaseState::Pending, |s| s.reference = None), hold);
    }

    #[test]
    fn the_other_mode_is_held_before_anything_else() {
        let hold = SettlementDecision::Hold(ReviewReason::LivemodeMismatch);
        assert_eq!(decided(PurchaseState::Pending, |s| s.livemode = true), hold);
        assert_eq!(decided(PurchaseState::Paid, |s| s.livemode = true), hold);
    }

    #[test]
    fn a_delayed_payment_that_failed_cancels_and_one_under_way_waits() {
        let closing = PurchaseState::Pending.apply(PurchaseEvent::PageClosed).unwrap();
        let unpaid = |status| {
            move |s: &mut SessionSnapshot| {
                s.payment_status = PaymentStatus::Unpaid;
                s.payment_intent.as_mut().unwrap().status = status;
            }
        };
        assert_eq!(
            decided(PurchaseState::Pending, unpaid(PaymentIntentStatus::Failed)),
            SettlementDecision::Cancel(closing)
        );
        assert_eq!(
            decided(PurchaseState::Pending, unpaid(PaymentIntentStatus::Pending)),
            SettlementDecision::Keep
        );
    }

    #[test]
    fn a_payment_without_an_id_and_an_unknown_status_change_nothing() {
        assert_eq!(
            decided(PurchaseState::Pending, |s| s.payment_intent = None),
            SettlementDecision::Hold(ReviewReason::PaymentMissing)
        );
        let unknown = |s: &mut SessionSnapshot| {
            s.payment_status = PaymentStatus::Unknown;
            s.status = SessionStatus::Unknown;
        };
        assert_eq!(decided(PurchaseState::Pending, unknown), SettlementDecision::Keep);
    }
}
