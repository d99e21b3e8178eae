//! Processes that die and dependencies that go away.

use bk_kernel::PurchaseId;
use bk_persistence::jobs::JobError;
use chrono::TimeDelta;
use futures::FutureExt;
use serde_json::{Value, json};
use stripe_webhook::Webhook;

use crate::fixture::{Fixture, Outcome, SECRET, event_text, of_kind};

/// A paid purchase and the id of its event, which is kept and waits.
async fn one_event(fixture: &Fixture) -> (PurchaseId, String) {
    let (purchase, session) = fixture.start().await;
    let events = fixture.pay(&session);
    let completed = of_kind(&events, "checkout.session.completed");
    fixture.stripe().await.deliver(completed).await;
    (purchase, completed.id.clone())
}

fn process(
    fixture: &Fixture,
    event_id: &str,
) -> impl Future<Output = Result<(), JobError>> + Send + use<> {
    fixture.run("stripe.process", None, json!({ "account": "", "event_id": event_id }))
}

#[actix_web::test]
async fn work_killed_at_any_step_loses_nothing_and_does_nothing_twice() {
    let fixture = Fixture::new().await;
    for polls in 1..12 {
        let (purchase, event) = one_event(&fixture).await;
        {
            let mut killed = Box::pin(process(&fixture, &event));
            for _ in 0..polls {
                if killed.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        process(&fixture, &event).await.unwrap();
        process(&fixture, &event).await.unwrap();
        let tenant = Some(fixture.tenant);
        fixture.run("stripe.reconcile_tenant", tenant, Value::Null).await.unwrap();
        assert_eq!(fixture.outcome(purchase).await, Outcome::paid(), "killed after {polls} polls");
    }
}

#[actix_web::test]
async fn a_database_connection_killed_while_it_settles_rolls_back_and_is_tried_again() {
    let fixture = Fixture::new().await;
    let (purchase, event) = one_event(&fixture).await;
    let row = format!("SELECT FROM billing_purchases WHERE id = '{purchase}' FOR UPDATE");
    let held = fixture.db.hold(row).await;
    let working = tokio::spawn(process(&fixture, &event));
    fixture.db.waiting(1).await;
    fixture.db.kill_waiting().await;
    drop(held);
    assert!(working.await.unwrap().is_err());
    assert_eq!(fixture.outcome(purchase).await, Outcome::unpaid("PENDING"));
    assert_eq!(fixture.event(&event).await, ("RECEIVED".to_owned(), None));
    process(&fixture, &event).await.unwrap();
    assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
}

#[actix_web::test]
async fn nothing_waits_while_stripe_answers_and_what_changed_meanwhile_has_it_asked_again() {
    let fixture = Fixture::new().await;
    let (purchase, event) = one_event(&fixture).await;
    let (mut asked, answer) = fixture.pause.begin();
    let mut working = tokio::spawn(process(&fixture, &event));
    asked.recv().await.unwrap();
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND usename = 'bk_worker' AND state LIKE 'idle in transaction%'";
    assert_eq!(fixture.count(open).await, 0);
    fixture.tamper("UPDATE billing_purchases SET title = 'Ten' WHERE id = $1", purchase).await;
    answer.send(()).unwrap();
    tokio::select! {
        again = asked.recv() => again.unwrap(),
        done = &mut working => panic!("an older answer was recorded: {done:?}"),
    }
    drop(answer);
    working.await.unwrap().unwrap();
    assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
}

#[actix_web::test]
async fn a_delivery_that_cannot_be_kept_is_neither_kept_nor_queued() {
    let fixture = Fixture::new().await;
    sqlx::query("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM bk_app")
        .execute(&fixture.db.admin)
        .await
        .unwrap();
    let object = json!({"id": "cs_1", "object": "checkout.session"});
    let body = event_text("evt_1", "checkout.session.completed", &object);
    let signature = Webhook::generate_test_header(&body, SECRET, None);
    let answer = fixture.stripe().await.attempt(&body, Some(&signature)).await;
    assert_eq!(answer.outcome(), "500 INTERNAL");
    assert_eq!(fixture.count("SELECT count(*) FROM billing_stripe_events").await, 0);
}

#[actix_web::test]
async fn an_event_before_its_page_is_stored_waits_and_in_the_end_is_shown_as_failed() {
    let fixture = Fixture::new().await;
    let (purchase, event) = one_event(&fixture).await;
    let forget = "WITH d AS (DELETE FROM billing_session_directory WHERE purchase_id = $1)
                  UPDATE billing_purchases SET stripe_session_id = NULL, checkout_url = NULL WHERE id = $1";
    fixture.tamper(forget, purchase).await;
    for _ in 0..11 {
        assert!(process(&fixture, &event).await.is_err());
        assert_eq!(fixture.event(&event).await.0, "RECEIVED");
    }
    assert!(process(&fixture, &event).await.is_err());
    let reason = Some("ATTEMPTS_EXHAUSTED".to_owned());
    assert_eq!(fixture.event(&event).await, ("FAILED".to_owned(), reason));
    assert_eq!(fixture.outcome(purchase).await, Outcome::unpaid("PENDING"));
}

#[actix_web::test]
async fn an_event_whose_worker_died_in_its_last_attempt_is_shown_as_failed() {
    let fixture = Fixture::new().await;
    let (_, event) = one_event(&fixture).await;
    sqlx::query("UPDATE billing_stripe_events SET attempts = 12")
        .execute(&fixture.db.admin)
        .await
        .unwrap();
    let run = async |later| {
        fixture.clock.move_to(fixture.clock.now() + later);
        fixture.run("stripe.fail_abandoned", None, Value::Null).await.unwrap();
    };
    run(TimeDelta::days(1)).await;
    assert_eq!(fixture.event(&event).await, ("RECEIVED".to_owned(), None));
    run(TimeDelta::days(2)).await;
    let reason = Some("ATTEMPTS_EXHAUSTED".to_owned());
    assert_eq!(fixture.event(&event).await, ("FAILED".to_owned(), reason));
}

#[actix_web::test]
async fn the_fact_carries_the_request_that_delivered_the_event() {
    let fixture = Fixture::new().await;
    let (purchase, session) = fixture.start().await;
    let events = fixture.pay(&session);
    let completed = of_kind(&events, "checkout.session.completed");
    let stripe = fixture.stripe().await;
    let delivery = stripe.deliver(completed).await;
    let repetition = stripe.deliver(completed).await;
    fixture.work().await;
    let published = request_id_of_the_fact(&fixture, purchase).await;
    assert_eq!(published, delivery.to_string(), "of the delivery that was kept");
    assert_ne!(published, repetition.to_string());
}

#[actix_web::test]
async fn after_a_replay_the_fact_carries_the_request_of_the_replay() {
    let fixture = Fixture::new().await;
    let (purchase, session) = fixture.start().await;
    let events = fixture.pay(&session);
    let completed = of_kind(&events, "checkout.session.completed");
    fixture.stripe().await.deliver(completed).await;
    fixture.tamper("UPDATE billing_purchases SET price_minor = 1 WHERE id = $1", purchase).await;
    fixture.work().await;
    fixture
        .tamper("UPDATE billing_purchases SET price_minor = 13000 WHERE id = $1", purchase)
        .await;
    let replay = super::staff::replay(&fixture, &completed.id).await;
    fixture.work().await;
    assert_eq!(request_id_of_the_fact(&fixture, purchase).await, replay);
}

async fn request_id_of_the_fact(fixture: &Fixture, purchase: PurchaseId) -> String {
    sqlx::query_scalar("SELECT request_id::text FROM outbox WHERE aggregate = $1")
        .bind(format!("purchase:{purchase}"))
        .fetch_one(&fixture.db.admin)
        .await
        .unwrap()
}
