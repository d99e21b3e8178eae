//! Idempotency keys: replay, conflicts, and when a key is released.

use std::time::Duration;

use bk_stripe_sim::{SimConfig, Simulator};
use futures::future::join;

use super::support::{Api, session_form, start, without_chaos};

const SESSIONS: &str = "/v1/checkout/sessions";

#[actix_web::test]
async fn the_same_key_with_the_same_parameters_replays_the_first_response() {
    let sim = start();
    let api = Api::of(&sim);
    let first = api.post(SESSIONS, &session_form(), Some("k1")).await;
    let mut reordered = session_form();
    reordered.reverse();
    let second = api.post(SESSIONS, &reordered, Some("k1")).await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.body, second.body);
    assert!(first.headers.get("idempotent-replayed").is_none());
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(second.headers["original-request"], first.headers["request-id"]);
    assert_ne!(second.headers["request-id"], first.headers["request-id"]);
    assert_eq!(api.get(SESSIONS).await.body["data"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn the_same_key_with_other_parameters_or_another_endpoint_is_rejected() {
    let sim = start();
    let api = Api::of(&sim);
    assert_eq!(api.post(SESSIONS, &session_form(), Some("k1")).await.status, 200);
    let mut other = session_form();
    other.push(("customer_email", "a@example.com"));
    for response in [
        api.post(SESSIONS, &other, Some("k1")).await,
        api.post("/v1/customers", &[], Some("k1")).await,
    ] {
        assert_eq!(response.status, 400);
        assert_eq!(response.text("/error/type"), "idempotency_error");
    }
}

#[actix_web::test]
async fn a_key_in_use_is_a_conflict() {
    let latency = Duration::from_millis(300);
    let sim = Simulator::start(SimConfig { latency, ..without_chaos() }).unwrap();
    let api = Api::of(&sim);
    let form = [("email", "a@example.com")];
    let (one, two) = join(
        api.post("/v1/customers", &form, Some("k1")),
        api.post("/v1/customers", &form, Some("k1")),
    )
    .await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let rejected = if one.status == 409 { one } else { two };
    assert_eq!(rejected.text("/error/code"), "idempotency_key_in_use");
    assert_eq!(api.post("/v1/customers", &form, Some("k1")).await.status, 200);
}

#[actix_web::test]
async fn a_request_rejected_for_its_parameters_releases_its_key() {
    let sim = start();
    let api = Api::of(&sim);
    let rejected = api.post("/v1/customers", &[("emial", "a@example.com")], Some("k1")).await;
    assert_eq!(rejected.status, 400);
    assert_eq!(rejected.text("/error/code"), "parameter_unknown");
    let corrected = api.post("/v1/customers", &[("email", "a@example.com")], Some("k1")).await;
    assert_eq!(corrected.status, 200);
}

#[actix_web::test]
async fn a_request_that_the_state_does_not_allow_is_replayed_too() {
    let sim = start();
    let api = Api::of(&sim);
    let session = api.new_session().await;
    sim.pay(&session).unwrap();
    let path = format!("{SESSIONS}/{session}/expire");
    let first = api.post(&path, &[], Some("k1")).await;
    let second = api.post(&path, &[], Some("k1")).await;
    assert_eq!((first.status, second.status), (400, 400));
    assert_eq!(second.headers["idempotent-replayed"], "true");
}
