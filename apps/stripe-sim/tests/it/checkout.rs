//! The checkout pages and the states of a session.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bk_stripe_sim::{SimConfig, Simulator};
use chrono::DateTime;

use super::support::{Api, Response, send, session_form, start, without_chaos};

async fn page(api: &Api, path: &str) -> Response {
    send(api.http.get(format!("{}{path}", api.base))).await
}

async fn press(api: &Api, session: &str, button: &str) -> Response {
    send(api.http.post(format!("{}/c/pay/{session}/{button}", api.base))).await
}

#[actix_web::test]
async fn the_page_shows_the_line_items_and_escapes_their_text() {
    let sim = start();
    let api = Api::of(&sim);
    let mut form = session_form();
    form.retain(|(key, _)| !key.ends_with("[name]"));
    form.push((
        "line_items[0][price_data][product_data][name]",
        "<script>alert('x')</script> & co",
    ));
    let session = api.post("/v1/checkout/sessions", &form, None).await;
    let page = page(&api, &format!("/c/pay/{}", session.text("/id"))).await;
    let html = page.body.as_str().unwrap();
    assert_eq!(page.status, 200);
    assert!(!html.contains("<script>"), "{html}");
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"), "{html}");
    assert!(html.contains("129.00 AUD"));
    assert!(html.contains("Balance Kitchen"));
    assert!(html.contains(&format!("action=\"{}/pay\"", session.text("/url"))), "{html}");
    assert!(html.contains("href=\"http://shop.test/no\""), "{html}");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.contains("form-action 'self'"), "{policy}");
    assert!(
        policy.ends_with(" http://shop.test"),
        "the redirect after paying is a form target too: {policy}"
    );
}

#[actix_web::test]
async fn the_policy_names_exactly_the_style_in_the_page() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let sim = start();
    let api = Api::of(&sim);
    let index = page(&api, "/").await;
    let html = index.body.as_str().unwrap();
    let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    let policy = index.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains(&format!("'sha256-{digest}'")), "{policy}");
}

#[actix_web::test]
async fn paying_redirects_to_the_seller_and_paying_twice_charges_once() {
    let sim = start();
    let api = Api::of(&sim);
    let session = api.new_session().await;
    for _ in 0..2 {
        let response = press(&api, &session, "pay").await;
        assert_eq!(response.status, 303);
        assert_eq!(response.headers["location"], format!("http://shop.test/ok?session={session}"));
    }
    sim.pay(&session).unwrap();
    let charges = api.get("/v1/charges").await;
    assert_eq!(charges.body["data"].as_array().unwrap().len(), 1);
    let kinds: Vec<_> = sim.events().into_iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed",
            "charge.updated"
        ]
    );
    let html = page(&api, &format!("/c/pay/{session}")).await.body.as_str().unwrap().to_owned();
    assert!(html.contains("is paid") && !html.contains("<form"), "{html}");
}

#[actix_web::test]
async fn after_a_declined_card_the_session_stays_open_and_its_payment_intent_is_reused() {
    let sim = start();
    let api = Api::of(&sim);
    let session = api.new_session().await;
    let response = press(&api, &session, "decline").await;
    assert_eq!(response.status, 303);
    assert_eq!(response.headers["location"], format!("{}/c/pay/{session}", api.base));
    let html = page(&api, &format!("/c/pay/{session}")).await.body.as_str().unwrap().to_owned();
    assert!(html.contains("declined"), "{html}");
    let path = format!("/v1/checkout/sessions/{session}");
    let declined = api.get(&path).await;
    assert_eq!(declined.text("/payment_status"), "unpaid");
    assert_eq!(press(&api, &session, "pay").await.status, 303);
    let paid = api.get(&path).await;
    assert_eq!(paid.text("/payment_status"), "paid");
    assert_eq!(paid.text("/payment_intent"), declined.text("/payment_intent"));
    assert!(sim.decline(&session).is_err());
}

#[actix_web::test]
async fn a_session_expires_by_the_configured_clock_and_its_page_says_so() {
    let clock = Arc::new(AtomicI64::new(1_800_000_000));
    let clock_of_simulator = Arc::clone(&clock);
    let now =
        move || DateTime::from_timestamp(clock_of_simulator.load(Ordering::SeqCst), 0).unwrap();
    let sim = Simulator::start(SimConfig { now: Some(Arc::new(now)), ..without_chaos() }).unwrap();
    let api = Api::of(&sim);
    let mut form = session_form();
    form.push(("expires_at", "1800001800"));
    let session = api.post("/v1/checkout/sessions", &form, None).await;
    assert_eq!(session.body["created"], 1_800_000_000);
    let session = session.text("/id").to_owned();
    clock.store(1_800_001_799, Ordering::SeqCst);
    assert_eq!(api.get(&format!("/v1/checkout/sessions/{session}")).await.text("/status"), "open");
    clock.store(1_800_001_800, Ordering::SeqCst);
    assert_eq!(
        api.get(&format!("/v1/checkout/sessions/{session}")).await.text("/status"),
        "expired"
    );
    let html = page(&api, &format!("/c/pay/{session}")).await.body.as_str().unwrap().to_owned();
    assert!(html.contains("has expired") && !html.contains("<form"), "{html}");
    assert_eq!(press(&api, &session, "pay").await.status, 410);
    let kinds: Vec<_> = sim.events().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["checkout.session.expired"]);
}

#[actix_web::test]
async fn only_an_open_session_can_be_expired() {
    let sim = start();
    let api = Api::of(&sim);
    let session = api.new_session().await;
    let path = format!("/v1/checkout/sessions/{session}/expire");
    assert_eq!(api.post(&path, &[], None).await.text("/status"), "expired");
    assert_eq!(api.post(&path, &[], None).await.status, 400);
    assert!(sim.pay(&session).is_err());
    assert_eq!(press(&api, "cs_test_nothing", "pay").await.status, 404);
    assert_eq!(page(&api, "/c/pay/cs_test_nothing").await.status, 404);
}

#[actix_web::test]
async fn a_free_session_completes_without_a_payment() {
    let sim = start();
    let api = Api::of(&sim);
    let mut form = session_form();
    form.retain(|(key, _)| !key.ends_with("[unit_amount]"));
    form.push(("line_items[0][price_data][unit_amount]", "0"));
    let session = api.post("/v1/checkout/sessions", &form, None).await.text("/id").to_owned();
    sim.pay(&session).unwrap();
    let paid = api.get(&format!("/v1/checkout/sessions/{session}")).await;
    assert_eq!(paid.text("/payment_status"), "no_payment_required");
    assert!(paid.body["payment_intent"].is_null());
    assert_eq!(sim.events().len(), 1);
}

#[actix_web::test]
async fn the_index_lists_sessions_and_events_with_their_delivery() {
    let sim = start();
    let api = Api::of(&sim);
    let session = api.new_session().await;
    let paid = send(api.http.post(format!("{}/_sim/sessions/{session}/pay", api.base))).await;
    assert_eq!(paid.text("/payment_status"), "paid");
    let html = page(&api, "/").await.body.as_str().unwrap().to_owned();
    for expected in [session.as_str(), "Pack of 10", "checkout.session.completed", "never sent"] {
        assert!(html.contains(expected), "{expected}: {html}");
    }
    let state = page(&api, "/_sim/state").await;
    assert_eq!(state.body["events"].as_array().unwrap().len(), 5);
}
