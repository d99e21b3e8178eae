//! One history at Stripe ends in one ledger, whatever is delivered of it.

use chrono::TimeDelta;
use futures::future::join_all;

use super::*;

/// The types of a payment's events that are a reason to look at its purchase.
const KNOWN_TYPES: [&str; 4] = [
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "charge.updated",
];

fn known(events: &[EventRecord]) -> Vec<&EventRecord> {
    KNOWN_TYPES.iter().map(|kind| events.iter().find(|e| e.kind == *kind).unwrap()).collect()
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
async fn every_order_of_a_payments_events_each_delivered_twice_ends_in_one_ledger() {
    let shop = Shop::open().await;
    let all = orders(KNOWN_TYPES.len());
    assert_eq!(all.len(), 24);
    for order in all {
        let (purchase, session) = shop.start().await;
        let events = shop.pay(&session);
        let events = known(&events);
        for index in &order {
            shop.deliver(events[*index]).await;
            shop.work().await;
            shop.deliver(events[*index]).await;
            assert_eq!(shop.outcome(purchase).await, Outcome::paid(), "order {order:?}");
        }
        shop.work().await;
        assert_eq!(shop.outcome(purchase).await, Outcome::paid(), "order {order:?}");
        for event in events {
            assert_eq!(shop.event(&event.id).await, ("PROCESSED".to_owned(), None));
        }
    }
}

#[tokio::test]
async fn whatever_is_lost_reconciliation_ends_in_the_same_ledger() {
    let shop = Shop::open().await;
    let mut purchases = Vec::new();
    for lost in 0..16_u32 {
        let (purchase, session) = shop.start().await;
        let events = shop.pay(&session);
        for (index, event) in known(&events).into_iter().enumerate() {
            if lost & (1 << index) == 0 {
                shop.deliver(event).await;
            }
        }
        purchases.push(purchase);
    }
    shop.work().await;
    shop.reconcile_after(TimeDelta::minutes(3)).await;
    shop.reconcile_after(TimeDelta::minutes(3)).await;
    for purchase in purchases {
        assert_eq!(shop.outcome(purchase).await, Outcome::paid());
    }
}

#[tokio::test]
async fn fifty_copies_of_every_event_at_once_post_one_entry() {
    let shop = Shop::open().await;
    let (purchase, session) = shop.start().await;
    let events = shop.pay(&session);
    let copies = events.iter().flat_map(|event| (0..50).map(|_| shop.deliver(event)));
    join_all(copies).await;
    assert_eq!(shop.count("SELECT count(*) FROM billing_stripe_events").await, 5);
    shop.work().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::paid());
}

#[tokio::test]
async fn an_expired_page_cancels_the_purchase_delivered_or_not() {
    let shop = Shop::open().await;
    let (delivered, session) = shop.start().await;
    shop.sim.expire(&session).unwrap();
    shop.deliver(shop.sim.events().last().unwrap()).await;
    shop.work().await;
    assert_eq!(shop.outcome(delivered).await, Outcome::unpaid("CANCELLED"));

    let (undelivered, _) = shop.start().await;
    // The simulator expires it at its time, like Stripe.
    shop.reconcile_after(TimeDelta::hours(3)).await;
    assert_eq!(shop.outcome(undelivered).await, Outcome::unpaid("CANCELLED"));
}

#[tokio::test]
async fn a_late_expiry_does_not_unpay_and_a_cancelled_purchase_that_was_paid_is_paid() {
    let shop = Shop::open().await;
    let (purchase, session) = shop.start().await;
    for event in shop.pay(&session) {
        shop.deliver(&event).await;
    }
    shop.work().await;
    let object = json!({"id": session, "object": "checkout.session"});
    shop.deliver_text(&event_text("evt_late", "checkout.session.expired", &object)).await;
    shop.work().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::paid());
    assert_eq!(shop.event("evt_late").await, ("PROCESSED".to_owned(), None));

    let (purchase, session) = shop.start().await;
    shop.tamper("UPDATE billing_purchases SET state = 'CANCELLED' WHERE id = $1", purchase).await;
    for event in shop.pay(&session) {
        shop.deliver(&event).await;
    }
    shop.work().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::paid());
}

#[tokio::test]
async fn a_declined_card_leaves_the_purchase_waiting() {
    let shop = Shop::open().await;
    let (purchase, session) = shop.start().await;
    shop.sim.decline(&session).unwrap();
    for event in shop.sim.events() {
        shop.deliver(&event).await;
    }
    shop.work().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::unpaid("PENDING"));
    for event in shop.pay(&session) {
        shop.deliver(&event).await;
    }
    shop.work().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::paid());
}
