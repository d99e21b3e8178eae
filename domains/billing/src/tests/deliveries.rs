//! What is taken in and what is not.

use actix_web::{App, test, web};
use bk_guard::{RouteTable, Routes};

use super::*;

/// Delivers over HTTP; answers status, body, and how many events are kept then.
async fn post(till: &Till, body: &str, signature: Option<&str>) -> (u16, serde_json::Value, i64) {
    let app = App::new().app_data(web::Data::new(till.billing.clone())).configure(|config| {
        let mut table = RouteTable::default();
        crate::root_routes(&mut Routes::new(config, &mut table, ""));
    });
    let app = test::init_service(app).await;
    let mut request =
        test::TestRequest::post().uri("/webhooks/stripe").set_payload(body.to_owned());
    if let Some(signature) = signature {
        request = request.insert_header(("Stripe-Signature", signature));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    let body = test::read_body_json(response).await;
    (status, body, till.count("SELECT count(*) FROM billing_stripe_events").await)
}

fn signed(body: &str, secret: &str, age_secs: i64) -> String {
    Webhook::generate_test_header(body, secret, Some(Utc::now().timestamp() - age_secs))
}

fn unknown(id: &str) -> String {
    event_text(id, "customer.created", &json!({"id": "cus_1", "object": "customer"}))
}

#[actix_web::test]
async fn only_what_stripe_signed_just_now_is_kept() {
    let till = Till::open().await;
    let body = unknown("evt_1");
    let refused = [
        None,
        Some("nonsense".to_owned()),
        Some(signed(&body, "whsec_somebody", 0)),
        Some(signed(&body, SECRET, 302)),
        Some(signed(&body, SECRET, -302)),
        Some(signed(&unknown("evt_2"), SECRET, 0)),
    ];
    for signature in refused {
        let (status, problem, kept) = post(&till, &body, signature.as_deref()).await;
        assert_eq!((status, problem["code"].as_str(), kept), (400, Some("SIGNATURE_INVALID"), 0));
    }
    for (id, secret) in [("evt_1", SECRET), ("evt_2", OLD_SECRET)] {
        let body = unknown(id);
        let (status, answer, _) = post(&till, &body, Some(&signed(&body, secret, 290))).await;
        assert_eq!((status, answer), (200, json!({"received": true})));
    }
}

#[actix_web::test]
async fn bytes_are_verified_before_they_are_read() {
    let till = Till::open().await;
    let (_, problem, _) = post(&till, "not json", Some("t=1,v1=00")).await;
    assert_eq!(problem["code"], "SIGNATURE_INVALID");
    let (status, problem, kept) =
        post(&till, "not json", Some(&signed("not json", SECRET, 0))).await;
    assert_eq!((status, problem["code"].as_str(), kept), (400, Some("BODY_MALFORMED"), 0));
}

#[actix_web::test]
async fn an_unknown_type_is_kept_once_and_ignored() {
    let till = Till::open().await;
    let body = unknown("evt_1");
    for _ in 0..3 {
        let (status, _, kept) = post(&till, &body, Some(&signed(&body, SECRET, 0))).await;
        assert_eq!((status, kept), (200, 1));
    }
    let reason = Some("UNKNOWN_TYPE".to_owned());
    assert_eq!(till.event("evt_1").await, ("IGNORED".to_owned(), reason));
}

#[actix_web::test]
async fn an_event_of_the_other_mode_is_parked() {
    let till = Till::with(true, TimeDelta::zero()).await;
    let (purchase, session) = till.start().await;
    for event in till.pay(&session) {
        let body = event.payload();
        assert_eq!(post(&till, &body, Some(&signed(&body, SECRET, 0))).await.0, 200);
        let reason = Some("LIVEMODE_MISMATCH".to_owned());
        assert_eq!(till.event(&event.id).await, ("PARKED".to_owned(), reason));
    }
    till.work().await;
    assert_eq!(till.outcome(purchase).await, Outcome::unpaid("PENDING"));
}

#[actix_web::test]
async fn objects_that_are_not_ours_or_gone_are_ignored() {
    let till = Till::open().await;
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
        till.deliver_text(&event_text(id, kind, &object)).await;
    }
    till.work().await;
    let ended = async |id| till.event(id).await.1.unwrap();
    assert_eq!(ended("evt_1").await, "GONE");
    assert_eq!(ended("evt_2").await, "GONE");
    assert_eq!(ended("evt_3").await, "NOT_OURS");
}

#[actix_web::test]
async fn another_amount_than_the_price_is_parked_and_can_be_replayed_once_it_is_right() {
    let till = Till::open().await;
    let (purchase, session) = till.start().await;
    let events = till.pay(&session);
    till.tamper("UPDATE billing_purchases SET price_minor = 12999 WHERE id = $1", purchase).await;
    for event in &events {
        till.deliver(event).await;
    }
    till.work().await;
    let parked =
        Outcome { attention: Some("AMOUNT_MISMATCH".to_owned()), ..Outcome::unpaid("PENDING") };
    assert_eq!(till.outcome(purchase).await, parked);
    let completed = events.iter().find(|e| e.kind == "checkout.session.completed").unwrap();
    let reason = Some("AMOUNT_MISMATCH".to_owned());
    assert_eq!(till.event(&completed.id).await, ("PARKED".to_owned(), reason));

    till.tamper("UPDATE billing_purchases SET price_minor = 13000 WHERE id = $1", purchase).await;
    super::reading::replay(&till, &completed.id).await;
    till.work().await;
    assert_eq!(till.outcome(purchase).await, Outcome::paid());
}

#[actix_web::test]
async fn labels_that_contradict_our_directory_are_parked() {
    let till = Till::open().await;
    let (mine, _) = till.start().await;
    let (_, others_session) = till.start().await;
    let steal = "UPDATE billing_session_directory SET purchase_id = $1 WHERE purchase_id <> $1";
    till.tamper(steal, mine).await;
    for event in till.pay(&others_session) {
        till.deliver(&event).await;
    }
    till.work().await;
    let outcome = till.outcome(mine).await;
    assert_eq!((outcome.state.as_str(), outcome.ledger.len(), outcome.facts), ("PENDING", 0, 0));
    assert_eq!(outcome.attention.as_deref(), Some("METADATA_MISMATCH"));
    let processed = "SELECT count(*) FROM billing_stripe_events WHERE state = 'PROCESSED'";
    assert_eq!(till.count(processed).await, 0);
}
