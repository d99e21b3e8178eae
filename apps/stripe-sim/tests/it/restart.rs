//! Starting, stopping and restarting: what the state file keeps, and configurations that are rejected.

use bk_stripe_sim::{DeliveryStatus, SimConfig, SimError, Simulator, WebhookTarget};
use chrono::Utc;
use serde_json::{Value, json};

use super::support::{Api, Endpoint, session_form, start_sending_to, without_chaos};

#[actix_web::test]
async fn purchases_keys_and_undelivered_events_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let state_file = Some(directory.path().join("missing/state.json"));
    let unreachable =
        WebhookTarget { url: "http://127.0.0.1:9/".to_owned(), secret: "whsec_x".to_owned() };
    let config =
        SimConfig { state_file: state_file.clone(), webhook: Some(unreachable), ..without_chaos() };
    let sim = Simulator::start(config).unwrap();
    let api = Api::of(&sim);
    let first = api.post("/v1/checkout/sessions", &session_form(), Some("k1")).await;
    let session = first.text("/id").to_owned();
    sim.pay(&session).unwrap();
    let before: Vec<_> = sim.events().into_iter().map(|event| event.id).collect();
    sim.stop().await;

    let endpoint = Endpoint::start([]);
    let config = SimConfig { state_file, webhook: Some(endpoint.target()), ..without_chaos() };
    let sim = Simulator::start(config).unwrap();
    let api = Api::of(&sim);
    let found = api.get(&format!("/v1/checkout/sessions/{session}")).await;
    assert_eq!(found.text("/payment_status"), "paid");
    let replayed = api.post("/v1/checkout/sessions", &session_form(), Some("k1")).await;
    assert_eq!(replayed.text("/id"), session);
    sim.wait_until_delivered().await;
    let received: Vec<_> =
        endpoint.received().iter().map(|received| received.field("id")).collect();
    assert_eq!(received, before);
    assert!(sim.events().iter().all(|event| event.status == DeliveryStatus::Delivered));
}

#[actix_web::test]
async fn a_state_file_of_format_1_is_loaded() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let customer = json!({
        "id": "cus_1", "created": 1, "email": "kim@example.com", "name": null, "phone": null,
        "description": null, "metadata": {},
    });
    let key = json!({
        "fingerprint": {"path": "/v1/products", "params": [1, 2, 3]},
        "since": Utc::now().timestamp(),
        "answer": {"status": 200, "body": "{}", "request_id": "req_1"},
    });
    let none: [Value; 0] = [];
    let state = json!({
        "format": 1,
        "book": {
            "customers": [customer], "products": none, "prices": none, "sessions": none,
            "payment_intents": none, "charges": none, "refunds": none,
            "balance_transactions": none, "events": none,
        },
        "keys": {"k1": key},
    });
    std::fs::write(&path, state.to_string()).unwrap();
    let sim = Simulator::start(SimConfig { state_file: Some(path), ..without_chaos() }).unwrap();
    let api = Api::of(&sim);
    assert_eq!(api.get("/v1/customers/cus_1").await.text("/email"), "kim@example.com");
    let rejected = api.post("/v1/customers", &[], Some("k1")).await;
    assert_eq!(rejected.text("/error/type"), "idempotency_error");
}

#[actix_web::test]
async fn a_file_that_is_not_a_state_file_is_rejected_and_left_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    std::fs::write(&path, "{\"precious\": true}").unwrap();
    let config = SimConfig { state_file: Some(path.clone()), ..without_chaos() };
    assert!(matches!(Simulator::start(config), Err(SimError::State { .. })));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{\"precious\": true}");
}

#[actix_web::test]
async fn an_invalid_configuration_is_rejected() {
    let target = |url: &str, secret: &str| {
        Some(WebhookTarget { url: url.to_owned(), secret: secret.to_owned() })
    };
    let start = |webhook| Simulator::start(SimConfig { webhook, ..without_chaos() }).map(|_| ());
    assert!(matches!(start(target("https://x.test/", "whsec_x")), Err(SimError::WebhookUrl(_))));
    assert!(matches!(start(target("x.test", "whsec_x")), Err(SimError::WebhookUrl(_))));
    assert!(matches!(start(target("http://x.test/", "")), Err(SimError::WebhookSecret)));
    let endpoint = Endpoint::start([]);
    let running = start_sending_to(&endpoint, bk_stripe_sim::Chaos::none());
    let taken = running.base_url().trim_start_matches("http://").parse().unwrap();
    let second = Simulator::start(SimConfig { listen: taken, ..without_chaos() });
    assert!(matches!(second, Err(SimError::Listen { .. })));
}

#[test]
fn it_starts_and_stops_without_a_runtime_of_the_caller() {
    let sim = Simulator::start(without_chaos()).unwrap();
    assert!(sim.base_url().starts_with("http://127.0.0.1:"));
    assert!(sim.events().is_empty());
    drop(sim);
}
