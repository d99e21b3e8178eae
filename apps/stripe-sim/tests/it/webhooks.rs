//! Deliveries to the webhook endpoint: signatures, retries, repetition and order.

use std::collections::BTreeSet;
use std::sync::Arc;

use bk_stripe_sim::{AttemptOutcome, Chaos, DeliveryStatus, SimConfig, SimError, Simulator};
use chrono::DateTime;
use stripe_webhook::Webhook;

use super::support::{Api, Endpoint, SECRET, send, start, start_sending_to, without_chaos};

#[actix_web::test]
async fn the_events_of_a_payment_arrive_in_order_with_signatures_that_the_client_library_verifies()
{
    let endpoint = Endpoint::start([]);
    let sim = start_sending_to(&endpoint, Chaos::none());
    let session = Api::of(&sim).new_session().await;
    sim.pay(&session).unwrap();
    sim.wait_until_delivered().await;
    let received = endpoint.received();
    assert_eq!(received.len(), 5);
    for (received, recorded) in received.iter().zip(sim.events()) {
        let event = Webhook::construct_event(&received.body, &received.signature, SECRET).unwrap();
        assert_eq!(event.id.as_str(), recorded.id);
        assert!(Webhook::construct_event(&received.body, &received.signature, "whsec_no").is_err());
        assert!(received.user_agent.starts_with("Stripe/1.0"));
        assert!(received.content_type.starts_with("application/json"));
        assert_eq!(recorded.status, DeliveryStatus::Delivered);
    }
}

#[actix_web::test]
async fn deliveries_are_retried_while_the_endpoint_fails() {
    let endpoint = Endpoint::start([500, 302, 503]);
    let sim = start_sending_to(&endpoint, Chaos::none());
    let session = Api::of(&sim).new_session().await;
    sim.expire(&session).unwrap();
    sim.wait_until_delivered().await;
    let events = sim.events();
    let outcomes: Vec<_> =
        events[0].attempts.iter().map(|attempt| attempt.outcome.clone()).collect();
    assert_eq!(outcomes, [500, 302, 503, 200].map(AttemptOutcome::Answered));
    assert_eq!(events[0].status, DeliveryStatus::Delivered);
    let ids: BTreeSet<_> =
        endpoint.received().iter().map(|received| received.field("id")).collect();
    assert_eq!(ids.len(), 1);
}

#[actix_web::test]
async fn an_event_that_the_endpoint_never_accepts_is_abandoned() {
    let endpoint = Endpoint::start([500; 5]);
    let sim = start_sending_to(&endpoint, Chaos::none());
    let session = Api::of(&sim).new_session().await;
    sim.expire(&session).unwrap();
    sim.wait_until_delivered().await;
    assert_eq!(sim.events()[0].status, DeliveryStatus::Abandoned);
    assert_eq!(endpoint.received().len(), 5);
}

#[actix_web::test]
async fn chaos_repeats_and_reorders_but_loses_nothing() {
    let endpoint = Endpoint::start([]);
    let sim = start_sending_to(&endpoint, Chaos { duplicate: true, shuffle: true, seed: 3 });
    let session = Api::of(&sim).new_session().await;
    sim.pay(&session).unwrap();
    sim.wait_until_delivered().await;
    let delivered = endpoint.kinds();
    let recorded: Vec<_> = sim.events().into_iter().map(|event| event.kind).collect();
    assert!(delivered.len() > recorded.len(), "{delivered:?}");
    let distinct = |kinds: &[String]| kinds.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(distinct(&delivered), distinct(&recorded));
    assert!(!delivered.starts_with(&recorded), "{delivered:?}");
}

#[actix_web::test]
async fn tests_can_deliver_in_any_order_and_as_often_as_they_like() {
    let endpoint = Endpoint::start([]);
    let sim = start_sending_to(&endpoint, Chaos::none());
    sim.set_auto_delivery(false);
    let api = Api::of(&sim);
    let session = api.new_session().await;
    sim.pay(&session).unwrap();
    sim.wait_until_delivered().await;
    assert!(endpoint.received().is_empty());
    assert!(sim.events().iter().all(|event| event.status == DeliveryStatus::Recorded));
    let ids: Vec<_> = sim.events().into_iter().map(|event| event.id).collect();
    let order = [&ids[3], &ids[0], &ids[3]];
    let outcomes = sim.deliver(order).await.unwrap();
    assert!(outcomes.iter().all(AttemptOutcome::accepted));
    let received: Vec<_> =
        endpoint.received().iter().map(|received| received.field("id")).collect();
    assert_eq!(received.iter().collect::<Vec<_>>(), order);
    let path = format!("{}/_sim/events/{}/deliver", api.base, ids[1]);
    assert_eq!(send(api.http.post(path)).await.body["delivered"], true);
    assert_eq!(endpoint.received().len(), 4);
    assert!(matches!(sim.deliver(["evt_x"]).await, Err(SimError::NoSuchEvent(_))));
}

#[actix_web::test]
async fn an_endpoint_can_be_set_later() {
    let sim = start();
    let api = Api::of(&sim);
    sim.expire(&api.new_session().await).unwrap();
    let ids: Vec<_> = sim.events().into_iter().map(|event| event.id).collect();
    assert!(matches!(sim.deliver(&ids).await, Err(SimError::NoWebhook)));
    let endpoint = Endpoint::start([]);
    sim.set_webhook(Some(endpoint.target())).unwrap();
    sim.expire(&api.new_session().await).unwrap();
    sim.wait_until_delivered().await;
    assert_eq!(endpoint.kinds(), ["checkout.session.expired"]);
}

#[actix_web::test]
async fn signatures_use_the_configured_clock_or_the_machines() {
    let moved = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
    for sign_with_machine_clock in [false, true] {
        let endpoint = Endpoint::start([]);
        let sim = Simulator::start(SimConfig {
            webhook: Some(endpoint.target()),
            now: Some(Arc::new(move || moved)),
            sign_with_machine_clock,
            ..without_chaos()
        })
        .unwrap();
        sim.expire(&Api::of(&sim).new_session().await).unwrap();
        sim.wait_until_delivered().await;
        let received = endpoint.received();
        let (body, signature) = (&received[0].body, &received[0].signature);
        let by_machine = Webhook::construct_event(body, signature, SECRET).is_ok();
        let by_configured =
            Webhook::construct_event_with_timestamp(body, signature, SECRET, 1_900_000_000).is_ok();
        assert_eq!(
            (by_machine, by_configured),
            (sign_with_machine_clock, !sign_with_machine_clock)
        );
        assert_eq!(sim.events()[0].created, 1_900_000_000);
    }
}
