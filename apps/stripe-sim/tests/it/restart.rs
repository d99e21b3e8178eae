//! What survives the host's restart, and what refuses to start.

use bk_stripe_sim::{DeliveryStatus, SimConfig, SimError, Simulator, WebhookTarget};

use super::support::{Api, Endpoint, session_form, start_sending_to, tidy};

#[actix_web::test]
async fn purchases_keys_and_undelivered_events_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let state_file = Some(folder.path().join("deep/state.json"));
    let nobody =
        WebhookTarget { url: "http://127.0.0.1:9/".to_owned(), secret: "whsec_x".to_owned() };
    let config = SimConfig { state_file: state_file.clone(), webhook: Some(nobody), ..tidy() };
    let sim = Simulator::start(config).unwrap();
    let api = Api::of(&sim);
    let first = api.post("/v1/checkout/sessions", &session_form(), Some("k1")).await;
    let session = first.text("/id").to_owned();
    sim.pay(&session).unwrap();
    let before: Vec<_> = sim.events().into_iter().map(|event| event.id).collect();
    sim.stop().await;

    let endpoint = Endpoint::start([]);
    let config = SimConfig { state_file, webhook: Some(endpoint.target()), ..tidy() };
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
async fn a_file_that_is_not_ours_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    std::fs::write(&path, "{\"precious\": true}").unwrap();
    let config = SimConfig { state_file: Some(path.clone()), ..tidy() };
    assert!(matches!(Simulator::start(config), Err(SimError::State { .. })));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{\"precious\": true}");
}

#[actix_web::test]
async fn configuration_that_could_never_work_is_refused() {
    let target = |url: &str, secret: &str| {
        Some(WebhookTarget { url: url.to_owned(), secret: secret.to_owned() })
    };
    let start = |webhook| Simulator::start(SimConfig { webhook, ..tidy() }).map(|_| ());
    assert!(matches!(start(target("https://x.test/", "whsec_x")), Err(SimError::WebhookUrl(_))));
    assert!(matches!(start(target("x.test", "whsec_x")), Err(SimError::WebhookUrl(_))));
    assert!(matches!(start(target("http://x.test/", "")), Err(SimError::WebhookSecret)));
    let endpoint = Endpoint::start([]);
    let running = start_sending_to(&endpoint, bk_stripe_sim::Chaos::none());
    let taken = running.base_url().trim_start_matches("http://").parse().unwrap();
    let second = Simulator::start(SimConfig { listen: taken, ..tidy() });
    assert!(matches!(second, Err(SimError::Listen { .. })));
}

#[test]
fn it_starts_and_stops_without_anybody_elses_runtime() {
    let sim = Simulator::start(tidy()).unwrap();
    assert!(sim.base_url().starts_with("http://127.0.0.1:"));
    assert!(sim.events().is_empty());
    drop(sim);
}
