//! One history at Stripe ends in one ledger, whatever is delivered of it.

use bk_stripe_sim::EventRecord;
use chrono::TimeDelta;
use futures::future::join_all;
use serde_json::json;

use crate::fixture::{Fixture, Outcome, event_text, of_kind};

/// The types of a payment's events that are a reason to look at its purchase.
const KNOWN_TYPES: [&str; 4] = [
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "charge.updated",
];

fn known(events: &[EventRecord]) -> Vec<&EventRecord> {
    KNOWN_TYPES.iter().map(|kind| of_kind(events, kind)).collect()
}

fn orders(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in orders(of - 1) {
        for at in 0..of {
            let mut order = shorter.clone();
            order.insert(at, of - 1);
            all.push(order);
        }
    }
    all
}

#[actix_web::test]
async fn every_order_of_a_payments_events_each_delivered_twice_ends_in_one_ledger() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let all = orders(KNOWN_TYPES.len());
    assert_eq!(all.len(), 24);
    for order in all {
        let (purchase, session) = fixture.start().await;
        let events = fixture.pay(&session);
        let events = known(&events);
        for index in &order {
            stripe.deliver(events[*index]).await;
            fixture.work().await;
            stripe.deliver(events[*index]).await;
            assert_eq!(fixture.outcome(purchase).await, Outcome::paid(), "order {order:?}");
        }
        fixture.work().await;
        assert_eq!(fixture.outcome(purchase).await, Outcome::paid(), "order {order:?}");
        for event in events {
            assert_eq!(fixture.event(&event.id).await, ("PROCESSED".to_owned(), None));
        }
    }
}

#[actix_web::test]
async fn whatever_is_lost_reconciliation_ends_in_the_same_ledger() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let mut purchases = Vec::new();
    for lost in 0..16_u32 {
        let (purchase, session) = fixture.start().await;
        let events = fixture.pay(&session);
        for (index, event) in known(&events).into_iter().enumerate() {
            if lost & (1 << index) == 0 {
                stripe.deliver(event).await;
            }
        }
        purchases.push(purchase);
    }
    fixture.work().await;
    fixture.reconcile_after(TimeDelta::minutes(3)).await;
    fixture.reconcile_after(TimeDelta::minutes(3)).await;
    for purchase in purchases {
        assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
    }
}

#[actix_web::test]
async fn fifty_copies_of_every_event_at_once_post_one_entry() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let (purchase, session) = fixture.start().await;
    let events = fixture.pay(&session);
    let copies = events.iter().flat_map(|event| (0..50).map(|_| stripe.deliver(event)));
    join_all(copies).await;
    assert_eq!(fixture.count("SELECT count(*) FROM billing_stripe_events").await, 5);
    fixture.work().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
}

#[actix_web::test]
async fn an_expired_page_cancels_the_purchase_delivered_or_not() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let (delivered, session) = fixture.start().await;
    fixture.sim.expire(&session).unwrap();
    stripe.deliver(fixture.sim.events().last().unwrap()).await;
    fixture.work().await;
    assert_eq!(fixture.outcome(delivered).await, Outcome::unpaid("CANCELLED"));

    let (undelivered, _) = fixture.start().await;
    // The simulator expires it at its time, like Stripe.
    fixture.reconcile_after(TimeDelta::hours(3)).await;
    assert_eq!(fixture.outcome(undelivered).await, Outcome::unpaid("CANCELLED"));
}

#[actix_web::test]
async fn a_late_expiry_does_not_unpay_and_a_cancelled_purchase_that_was_paid_is_paid() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let (purchase, session) = fixture.start().await;
    for event in fixture.pay(&session) {
        stripe.deliver(&event).await;
    }
    fixture.work().await;
    let object = json!({"id": session, "object": "checkout.session"});
    stripe.deliver_text(&event_text("evt_late", "checkout.session.expired", &object)).await;
    fixture.work().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
    assert_eq!(fixture.event("evt_late").await, ("PROCESSED".to_owned(), None));

    let (purchase, session) = fixture.start().await;
    fixture
        .tamper("UPDATE billing_purchases SET state = 'CANCELLED' WHERE id = $1", purchase)
        .await;
    for event in fixture.pay(&session) {
        stripe.deliver(&event).await;
    }
    fixture.work().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
}

#[actix_web::test]
async fn a_declined_card_leaves_the_purchase_waiting() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let (purchase, session) = fixture.start().await;
    fixture.sim.decline(&session).unwrap();
    for event in fixture.sim.events() {
        stripe.deliver(&event).await;
    }
    fixture.work().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::unpaid("PENDING"));
    for event in fixture.pay(&session) {
        stripe.deliver(&event).await;
    }
    fixture.work().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
}
