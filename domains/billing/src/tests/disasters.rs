//! Processes that die and dependencies that go away.

use chrono::TimeDelta;
use futures::FutureExt;

use super::*;
use crate::stripe_events::EventKey;

async fn one_event(shop: &Shop) -> (PurchaseId, EventKey) {
    let (purchase, session) = shop.start().await;
    let events = shop.pay(&session);
    let completed = events.iter().find(|e| e.kind == "checkout.session.completed").unwrap();
    shop.deliver(completed).await;
    (purchase, EventKey { account: String::new(), event_id: completed.id.clone() })
}

#[tokio::test]
async fn work_killed_at_any_step_loses_nothing_and_does_nothing_twice() {
    let shop = Shop::open().await;
    for polls in 1..12 {
        let (purchase, key) = one_event(&shop).await;
        {
            let (process, job) = (shop.process(), shop.job());
            let mut killed = Box::pin(process.process(&job, key.clone()));
            for _ in 0..polls {
                if killed.as_mut().now_or_never().is_some() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        shop.process().process(&shop.job(), key.clone()).await.unwrap();
        shop.process().process(&shop.job(), key).await.unwrap();
        shop.reconcile().reconcile(&shop.system()).await.unwrap();
        assert_eq!(shop.outcome(purchase).await, Outcome::paid(), "killed after {polls} polls");
    }
}

#[tokio::test]
async fn a_database_connection_killed_while_stripe_answers_rolls_back_and_is_tried_again() {
    let shop = Shop::with(false, TimeDelta::milliseconds(300)).await;
    let (purchase, key) = one_event(&shop).await;
    let process = shop.process();
    let working = tokio::spawn({
        let (key, job) = (key.clone(), shop.job());
        async move { process.process(&job, key).await }
    });
    // The worker holds the object's lock and waits for Stripe.
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_locks
                WHERE locktype = 'advisory' AND granted
                  AND pid IN (SELECT pid FROM pg_stat_activity
                              WHERE datname = current_database() AND usename = 'bk_worker')";
    while sqlx::query(kill).fetch_all(&shop.db.admin).await.unwrap().is_empty() {
        assert!(!working.is_finished());
    }
    assert!(working.await.unwrap().is_err());
    assert_eq!(shop.outcome(purchase).await, Outcome::unpaid("PENDING"));
    assert_eq!(shop.event(&key.event_id).await, ("RECEIVED".to_owned(), None));
    shop.process().process(&shop.job(), key).await.unwrap();
    assert_eq!(shop.outcome(purchase).await, Outcome::paid());
}

#[tokio::test]
async fn a_delivery_that_cannot_be_kept_is_neither_kept_nor_queued() {
    let shop = Shop::open().await;
    sqlx::query("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM bk_app")
        .execute(&shop.db.admin)
        .await
        .unwrap();
    let object = json!({"id": "cs_1", "object": "checkout.session"});
    let body = event_text("evt_1", "checkout.session.completed", &object);
    let signature = Webhook::generate_test_header(&body, SECRET, None);
    assert!(
        shop.billing
            .receive()
            .receive(RequestId::new(), &signature, body.into_bytes())
            .await
            .is_err()
    );
    assert_eq!(shop.count("SELECT count(*) FROM billing_stripe_events").await, 0);
}

#[tokio::test]
async fn an_event_before_its_page_is_stored_waits_and_in_the_end_is_shown_as_failed() {
    let shop = Shop::open().await;
    let (purchase, key) = one_event(&shop).await;
    let url = sqlx::query_scalar::<_, String>("SELECT checkout_url FROM billing_purchases");
    let url = url.fetch_one(&shop.db.admin).await.unwrap();
    let forget = "WITH d AS (DELETE FROM billing_session_directory WHERE purchase_id = $1)
                  UPDATE billing_purchases SET stripe_session_id = NULL, checkout_url = NULL WHERE id = $1";
    shop.tamper(forget, purchase).await;
    for _ in 0..11 {
        assert!(shop.process().process(&shop.job(), key.clone()).await.is_err());
        assert_eq!(shop.event(&key.event_id).await.0, "RECEIVED");
    }
    assert!(shop.process().process(&shop.job(), key.clone()).await.is_err());
    let reason = Some("ATTEMPTS_EXHAUSTED".to_owned());
    assert_eq!(shop.event(&key.event_id).await, ("FAILED".to_owned(), reason));
    assert_eq!(shop.outcome(purchase).await, Outcome::unpaid("PENDING"));
    assert!(url.contains("/cs_"));
}

#[tokio::test]
async fn an_event_whose_worker_died_in_its_last_attempt_is_shown_as_failed() {
    let shop = Shop::open().await;
    let (_, key) = one_event(&shop).await;
    let last_attempt =
        "UPDATE billing_stripe_events SET attempts = 12 WHERE id <> $1 AND state = 'RECEIVED'";
    shop.tamper(last_attempt, PurchaseId::new()).await;
    sqlx::query("DELETE FROM graphile_worker._private_jobs").execute(&shop.db.admin).await.unwrap();
    shop.run_after(TimeDelta::days(1), "stripe.fail_abandoned").await;
    assert_eq!(shop.event(&key.event_id).await, ("RECEIVED".to_owned(), None));
    shop.run_after(TimeDelta::days(2), "stripe.fail_abandoned").await;
    let reason = Some("ATTEMPTS_EXHAUSTED".to_owned());
    assert_eq!(shop.event(&key.event_id).await, ("FAILED".to_owned(), reason));
}
