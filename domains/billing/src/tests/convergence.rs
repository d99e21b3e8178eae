//! One history at Stripe ends in one ledger, whatever we hear of it.

use chrono::TimeDelta;
use futures::future::join_all;

use super::*;

/// The events of a payment that are a reason to look.
const TELLING: [&str; 4] = [
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "charge.updated",
];

fn telling(events: &[EventRecord]) -> Vec<&EventRecord> {
    TELLING.iter().map(|kind| events.iter().find(|e| e.kind == *kind).unwrap()).collect()
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

#[tokio::test]
async fn every_order_of_a_payments_events_each_told_twice_ends_in_one_ledger() {
    let till = Till::open().await;
    let all = orders(TELLING.len());
    assert_eq!(all.len(), 24);
    for order in all {
        let (purchase, session) = till.start().await;
        let events = till.pay(&session);
        let events = telling(&events);
        for index in &order {
            till.deliver(events[*index]).await;
            till.work().await;
            till.deliver(events[*index]).await;
            assert_eq!(till.outcome(purchase).await, Outcome::paid(), "order {order:?}");
        }
        till.work().await;
        assert_eq!(till.outcome(purchase).await, Outcome::paid(), "order {order:?}");
        for event in events {
            assert_eq!(till.event(&event.id).await, ("PROCESSED".to_owned(), None));
        }
    }
}

#[tokio::test]
async fn whatever_is_lost_reconciliation_ends_in_the_same_ledger() {
    let till = Till::open().await;
    let mut purchases = Vec::new();
    for lost in 0..16_u32 {
        let (purchase, session) = till.start().await;
        let events = till.pay(&session);
        for (index, event) in telling(&events).into_iter().enumerate() {
            if lost & (1 << index) == 0 {
                till.deliver(event).await;
            }
        }
        purchases.push(purchase);
    }
    till.work().await;
    till.reconcile_after(TimeDelta::minutes(3)).await;
    till.reconcile_after(TimeDelta::minutes(3)).await;
    for purchase in purchases {
        assert_eq!(till.outcome(purchase).await, Outcome::paid());
    }
}

#[tokio::test]
async fn fifty_copies_of_every_event_at_once_post_one_entry() {
    let till = Till::open().await;
    let (purchase, session) = till.start().await;
    let events = till.pay(&session);
    let copies = events.iter().flat_map(|event| (0..50).map(|_| till.deliver(event)));
    join_all(copies).await;
    assert_eq!(till.count("SELECT count(*) FROM billing_stripe_events").await, 5);
    till.work().await;
    assert_eq!(till.outcome(purchase).await, Outcome::paid());
}

#[tokio::test]
async fn an_expired_page_cancels_the_purchase_told_or_not() {
    let till = Till::open().await;
    let (told, session) = till.start().await;
    till.sim.expire(&session).unwrap();
    till.deliver(till.sim.events().last().unwrap()).await;
    till.work().await;
    assert_eq!(till.outcome(told).await, Outcome::unpaid("CANCELLED"));

    let (untold, _) = till.start().await;
    // The simulator expires it at its time, like Stripe.
    till.reconcile_after(TimeDelta::hours(3)).await;
    assert_eq!(till.outcome(untold).await, Outcome::unpaid("CANCELLED"));
}

#[tokio::test]
async fn a_late_expiry_does_not_unpay_and_a_cancelled_purchase_that_was_paid_is_paid() {
    let till = Till::open().await;
    let (purchase, session) = till.start().await;
    for event in till.pay(&session) {
        till.deliver(&event).await;
    }
    till.work().await;
    let object = json!({"id": session, "object": "checkout.session"});
    till.deliver_text(&event_text("evt_late", "checkout.session.expired", &object)).await;
    till.work().await;
    assert_eq!(till.outcome(purchase).await, Outcome::paid());
    assert_eq!(till.event("evt_late").await, ("PROCESSED".to_owned(), None));

    let (purchase, session) = till.start().await;
    till.tamper("UPDATE billing_purchases SET state = 'CANCELLED' WHERE id = $1", purchase).await;
    for event in till.pay(&session) {
        till.deliver(&event).await;
    }
    till.work().await;
    assert_eq!(till.outcome(purchase).await, Outcome::paid());
}

#[tokio::test]
async fn a_declined_card_leaves_the_purchase_waiting() {
    let till = Till::open().await;
    let (purchase, session) = till.start().await;
    till.sim.decline(&session).unwrap();
    for event in till.sim.events() {
        till.deliver(&event).await;
    }
    till.work().await;
    assert_eq!(till.outcome(purchase).await, Outcome::unpaid("PENDING"));
    for event in till.pay(&session) {
        till.deliver(&event).await;
    }
    till.work().await;
    assert_eq!(till.outcome(purchase).await, Outcome::paid());
}
