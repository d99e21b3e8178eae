//! Which deliveries are kept and which are refused.

use actix_web::{App, test, web};
use bk_contracts::identity::{Authenticated, SessionAuthority};
use bk_guard::{CsrfKey, Guard, GuardConfig, MemoryStore, RateLimits, RouteTable, Routes};

use super::*;

/// Delivers over HTTP, behind the guard. Returns status, body, and how many events are kept then.
async fn post(shop: &Shop, body: &str, signature: Option<&str>) -> (u16, serde_json::Value, i64) {
    let mount = |config: &mut web::ServiceConfig, table: &mut RouteTable| {
        Billing::registration().mount_root(&mut Routes::new(config, table, ""));
    };
    let mut table = RouteTable::default();
    drop(App::new().configure(|config| mount(config, &mut table)));
    let app = App::new()
        .configure(|config| shop.billing.app_data(config))
        .configure(|config| mount(config, &mut RouteTable::default()))
        .wrap(Guard::new(guard_config(shop), &table).unwrap());
    let app = test::init_service(app).await;
    let mut request = test::TestRequest::post()
        .uri("/webhooks/stripe")
        .peer_addr("192.0.2.1:4242".parse().unwrap())
        .insert_header(("content-type", "application/json"))
        .insert_header(("content-length", body.len().to_string()))
        .set_payload(body.to_owned());
    if let Some(signature) = signature {
        request = request.insert_header(("Stripe-Signature", signature));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    let body = test::read_body_json(response).await;
    (status, body, shop.count("SELECT count(*) FROM billing_stripe_events").await)
}

fn guard_config(shop: &Shop) -> GuardConfig {
    GuardConfig {
        environment: bk_kernel::Environment::Development,
        trusted_proxies: Vec::new(),
        csrf_key: CsrfKey::random(),
        dev_origins: bk_contracts::tenants::AllowedOrigins::default(),
        own_origin: "http://localhost:8080".to_owned(),
        limits: RateLimits::unlimited(),
        store: Arc::new(MemoryStore::new()),
        clock: shop.clock.clone(),
        sessions: Arc::new(NoSessions),
        tenants: Arc::new(OneTenant(shop.tenant)),
        db: shop.db.app.clone(),
    }
}

struct NoSessions;

#[async_trait]
impl SessionAuthority for NoSessions {
    async fn authenticate(&self, _: Surface, _: &str) -> Result<Option<Authenticated>, DbError> {
        Ok(None)
    }

    fn known(&self, _: Surface, _: &str) -> Option<Authenticated> {
        None
    }
}

fn signed(body: &str, secret: &str, age_secs: i64) -> String {
    Webhook::generate_test_header(body, secret, Some(Utc::now().timestamp() - age_secs))
}

fn unknown(id: &str) -> String {
    event_text(id, "customer.created", &json!({"id": "cus_1", "object": "customer"}))
}

#[actix_web::test]
async fn only_what_stripe_signed_just_now_is_kept() {
    let shop = Shop::open().await;
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
        let (status, problem, kept) = post(&shop, &body, signature.as_deref()).await;
        assert_eq!((status, problem["code"].as_str(), kept), (400, Some("SIGNATURE_INVALID"), 0));
    }
    for (id, secret) in [("evt_1", SECRET), ("evt_2", OLD_SECRET)] {
        let body = unknown(id);
        let (status, answer, _) = post(&shop, &body, Some(&signed(&body, secret, 290))).await;
        assert_eq!((status, answer), (200, json!({"received": true})));
    }
}

#[actix_web::test]
async fn bytes_are_verified_before_they_are_read() {
    let shop = Shop::open().await;
    let (_, problem, _) = post(&shop, "not json", Some("t=1,v1=00")).await;
    assert_eq!(problem["code"], "SIGNATURE_INVALID");
    let (status, problem, kept) =
        post(&shop, "not json", Some(&signed("not json", SECRET, 0))).await;
    assert_eq!((status, problem["code"].as_str(), kept), (400, Some("BODY_MALFORMED"), 0));
}

#[actix_web::test]
async fn an_unknown_type_is_kept_once_and_ignored() {
    let shop = Shop::open().await;
    let body = unknown("evt_1");
    for _ in 0..3 {
        let (status, _, kept) = post(&shop, &body, Some(&signed(&body, SECRET, 0))).await;
        assert_eq!((status, kept), (200, 1));
    }
    let reason = Some("UNKNOWN_TYPE".to_owned());
    assert_eq!(shop.event("evt_1").await, ("IGNORED".to_owned(), reason));
}

#[actix_web::test]
async fn an_event_of_the_other_mode_is_held() {
    let shop = Shop::with(true, TimeDelta::zero()).await;
    let (purchase, session) = shop.start().await;
    for event in shop.pay(&session) {
        let body = event.payload();
        assert_eq!(post(&shop, &body, Some(&signed(&body, SECRET, 0))).await.0, 200);
        let reason = Some("LIVEMODE_MISMATCH".to_owned());
        assert_eq!(shop.event(&event.id).await, ("PARKED".to_owned(), reason));
    }
    shop.work().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::unpaid("PENDING"));
}

#[actix_web::test]
async fn objects_that_are_not_ours_or_gone_are_ignored() {
    let shop = Shop::open().await;
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
        shop.deliver_text(&event_text(id, kind, &object)).await;
    }
    shop.work().await;
    let ended = async |id| shop.event(id).await.1.unwrap();
    assert_eq!(ended("evt_1").await, "GONE");
    assert_eq!(ended("evt_2").await, "GONE");
    assert_eq!(ended("evt_3").await, "NOT_OURS");
}

#[actix_web::test]
async fn another_amount_than_the_price_is_held_and_can_be_replayed_once_it_is_right() {
    let shop = Shop::open().await;
    let (purchase, session) = shop.start().await;
    let events = shop.pay(&session);
    shop.tamper("UPDATE billing_purchases SET price_minor = 12999 WHERE id = $1", purchase).await;
    for event in &events {
        shop.deliver(event).await;
    }
    shop.work().await;
    let held =
        Outcome { review_reason: Some("AMOUNT_MISMATCH".to_owned()), ..Outcome::unpaid("PENDING") };
    assert_eq!(shop.outcome(purchase).await, held);
    let completed = events.iter().find(|e| e.kind == "checkout.session.completed").unwrap();
    let reason = Some("AMOUNT_MISMATCH".to_owned());
    assert_eq!(shop.event(&completed.id).await, ("PARKED".to_owned(), reason));

    shop.tamper("UPDATE billing_purchases SET price_minor = 13000 WHERE id = $1", purchase).await;
    super::reading::replay(&shop, &completed.id).await;
    shop.work().await;
    assert_eq!(shop.outcome(purchase).await, Outcome::paid());
}

#[actix_web::test]
async fn metadata_that_contradicts_our_records_is_held() {
    let shop = Shop::open().await;
    let (mine, _) = shop.start().await;
    let (_, others_session) = shop.start().await;
    let steal = "UPDATE billing_session_directory SET purchase_id = $1 WHERE purchase_id <> $1";
    shop.tamper(steal, mine).await;
    for event in shop.pay(&others_session) {
        shop.deliver(&event).await;
    }
    shop.work().await;
    let outcome = shop.outcome(mine).await;
    assert_eq!((outcome.state.as_str(), outcome.ledger.len(), outcome.facts), ("PENDING", 0, 0));
    assert_eq!(outcome.review_reason.as_deref(), Some("METADATA_MISMATCH"));
    let processed = "SELECT count(*) FROM billing_stripe_events WHERE state = 'PROCESSED'";
    assert_eq!(shop.count(processed).await, 0);
}
