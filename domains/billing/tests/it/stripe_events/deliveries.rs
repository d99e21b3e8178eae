//! Which deliveries are kept and which are refused.

use bk_testing::Answer;
use chrono::Utc;
use serde_json::{Value, json};
use stripe_webhook::Webhook;

use crate::fixture::{Fixture, OLD_SECRET, Outcome, SECRET, event_text, of_kind};

/// Returns the outcome of a delivery, and how many events are kept then.
async fn outcome(fixture: &Fixture, answer: &Answer) -> (String, i64) {
    (answer.outcome(), fixture.count("SELECT count(*) FROM billing_stripe_events").await)
}

fn signed(body: &str, secret: &str, age_secs: i64) -> String {
    Webhook::generate_test_header(body, secret, Some(Utc::now().timestamp() - age_secs))
}

fn unknown(id: &str) -> String {
    let object: Value = json!({"id": "cus_1", "object": "customer"});
    event_text(id, "customer.created", &object)
}

#[actix_web::test]
async fn only_what_stripe_signed_just_now_is_kept() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let body = unknown("evt_1");
    let refused = [
        None,
        Some("nonsense".to_owned()),
        Some(signed(&body, "whsec_other", 0)),
        Some(signed(&body, SECRET, 302)),
        Some(signed(&body, SECRET, -302)),
        Some(signed(&unknown("evt_2"), SECRET, 0)),
    ];
    for signature in refused {
        let refused = stripe.attempt(&body, signature.as_deref()).await;
        let expected = ("400 SIGNATURE_INVALID".to_owned(), 0);
        assert_eq!(outcome(&fixture, &refused).await, expected);
    }
    for (id, secret) in [("evt_1", SECRET), ("evt_2", OLD_SECRET)] {
        let body = unknown(id);
        let kept = stripe.attempt(&body, Some(&signed(&body, secret, 290))).await;
        assert_eq!(kept.ok(), json!({"received": true}));
    }
}

#[actix_web::test]
async fn bytes_are_verified_before_they_are_read() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let refused = stripe.attempt("not json", Some("t=1,v1=00")).await;
    assert_eq!(refused.outcome(), "400 SIGNATURE_INVALID");
    let refused = stripe.attempt("not json", Some(&signed("not json", SECRET, 0))).await;
    let expected = ("400 BODY_MALFORMED".to_owned(), 0);
    assert_eq!(outcome(&fixture, &refused).await, expected);
}

#[actix_web::test]
async fn an_unknown_type_is_kept_once_and_ignored() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let body = unknown("evt_1");
    for _ in 0..3 {
        let kept = stripe.attempt(&body, Some(&signed(&body, SECRET, 0))).await;
        assert_eq!(outcome(&fixture, &kept).await, ("200".to_owned(), 1));
    }
    let reason = Some("UNKNOWN_TYPE".to_owned());
    assert_eq!(fixture.event("evt_1").await, ("IGNORED".to_owned(), reason));
}

#[actix_web::test]
async fn an_event_of_the_other_mode_is_held() {
    let fixture = Fixture::with(true).await;
    let stripe = fixture.stripe().await;
    let (purchase, session) = fixture.start().await;
    for event in fixture.pay(&session) {
        stripe.deliver(&event).await;
        let reason = Some("LIVEMODE_MISMATCH".to_owned());
        assert_eq!(fixture.event(&event.id).await, ("PARKED".to_owned(), reason));
    }
    fixture.work().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::unpaid("PENDING"));
}

#[actix_web::test]
async fn objects_that_are_not_ours_or_gone_are_ignored() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    for (id, kind, object) in [
        (
            "evt_1",
            "checkout.session.completed",
            json!({"id": "cs_none", "object": "checkout.session"}),
        ),
        ("evt_2", "payment_intent.succeeded", json!({"id": "pi_none", "object": "payment_intent"})),
        (
            "evt_3",
            "charge.succeeded",
            json!({"id": "ch_1", "object": "charge", "payment_intent": null}),
        ),
    ] {
        stripe.deliver_text(&event_text(id, kind, &object)).await;
    }
    fixture.work().await;
    let ended = async |id| fixture.event(id).await.1.unwrap();
    assert_eq!(ended("evt_1").await, "GONE");
    assert_eq!(ended("evt_2").await, "GONE");
    assert_eq!(ended("evt_3").await, "NOT_OURS");
}

#[actix_web::test]
async fn another_amount_than_the_price_is_held_and_can_be_replayed_once_it_is_right() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let (purchase, session) = fixture.start().await;
    let events = fixture.pay(&session);
    fixture
        .tamper("UPDATE billing_purchases SET price_minor = 12999 WHERE id = $1", purchase)
        .await;
    for event in &events {
        stripe.deliver(event).await;
    }
    fixture.work().await;
    let held =
        Outcome { review_reason: Some("AMOUNT_MISMATCH".to_owned()), ..Outcome::unpaid("PENDING") };
    assert_eq!(fixture.outcome(purchase).await, held);
    let completed = of_kind(&events, "checkout.session.completed");
    let reason = Some("AMOUNT_MISMATCH".to_owned());
    assert_eq!(fixture.event(&completed.id).await, ("PARKED".to_owned(), reason));

    fixture
        .tamper("UPDATE billing_purchases SET price_minor = 13000 WHERE id = $1", purchase)
        .await;
    super::staff::replay(&fixture, &completed.id).await;
    fixture.work().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
}

#[actix_web::test]
async fn metadata_that_contradicts_our_records_is_held() {
    let fixture = Fixture::new().await;
    let stripe = fixture.stripe().await;
    let (mine, _) = fixture.start().await;
    let (_, others_session) = fixture.start().await;
    let steal = "UPDATE billing_session_directory SET purchase_id = $1 WHERE purchase_id <> $1";
    fixture.tamper(steal, mine).await;
    for event in fixture.pay(&others_session) {
        stripe.deliver(&event).await;
    }
    fixture.work().await;
    let outcome = fixture.outcome(mine).await;
    assert_eq!((outcome.state.as_str(), outcome.ledger.len(), outcome.facts), ("PENDING", 0, 0));
    assert_eq!(outcome.review_reason.as_deref(), Some("METADATA_MISMATCH"));
    let processed = "SELECT count(*) FROM billing_stripe_events WHERE state = 'PROCESSED'";
    assert_eq!(fixture.count(processed).await, 0);
}
