//! Stage 10: idempotency keys.

use actix_web::test::TestRequest;
use bk_guard::prune_idempotency_keys;
use bk_kernel::{OperationContext, RequestId};
use chrono::TimeDelta;
use futures::future::join;

use crate::fixture::{Fixture, json, post, post_json, send};

const THINGS: &str = "/api/v1/client/things";

fn spoon(fixture: &Fixture, key: &str) -> TestRequest {
    fixture.browser("clara", post_json(THINGS)).insert_header(("idempotency-key", key))
}

#[actix_web::test]
async fn a_repetition_gets_the_first_answer_and_no_second_effect() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let first = send(&app, spoon(&fixture, "k1")).await;
    assert_eq!(first.status, 201);
    assert_eq!(first.header("idempotency-replayed"), None);
    // Another instance, another process: the key is in the database.
    let other = fixture.app().await;
    let again = send(&other, spoon(&fixture, "k1")).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert_eq!(fixture.calls.made(), 1);
    assert_eq!(send(&app, spoon(&fixture, "k2")).await.status, 201);
    assert_eq!(fixture.calls.made(), 2);
}

#[actix_web::test]
async fn a_key_belongs_to_one_actor_and_one_request() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    assert_eq!(send(&app, spoon(&fixture, "k1")).await.status, 201);
    let other_body = fixture
        .browser("clara", json(post(THINGS), r#"{"name":"fork"}"#))
        .insert_header(("idempotency-key", "k1"));
    assert_eq!(send(&app, other_body).await.code(), "IDEMPOTENCY_MISMATCH");
    let other_query = fixture
        .browser("clara", post_json(&format!("{THINGS}?x=1")))
        .insert_header(("idempotency-key", "k1"));
    assert_eq!(send(&app, other_query).await.code(), "IDEMPOTENCY_MISMATCH");
    let carl = fixture.browser("carl", post_json(THINGS)).insert_header(("idempotency-key", "k1"));
    let carl = send(&app, carl).await;
    assert_eq!((carl.status.as_u16(), carl.header("idempotency-replayed")), (201, None));
    let beta = fixture
        .browser("bert", post_json(THINGS))
        .insert_header(("origin", "https://app.beta.test"))
        .insert_header(("idempotency-key", "k1"));
    assert_eq!(send(&app, beta).await.header("idempotency-replayed"), None);
    assert_eq!(fixture.calls.made(), 3);
}

#[actix_web::test]
async fn a_second_call_while_the_first_runs_is_refused() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    fixture.gate.close();
    let second = async {
        fixture.gate.reached.notified().await;
        let second = send(&app, spoon(&fixture, "k1")).await;
        fixture.gate.open.notify_one();
        second
    };
    let (first, second) = join(send(&app, spoon(&fixture, "k1")), second).await;
    assert_eq!(first.status, 201);
    assert_eq!(second.code(), "IDEMPOTENCY_IN_PROGRESS");
    assert_eq!(fixture.calls.made(), 1);
}

#[actix_web::test]
async fn a_caller_that_hangs_up_finds_its_answer_when_it_asks_again() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    fixture.gate.close();
    {
        let lost = send(&app, spoon(&fixture, "k1"));
        futures::pin_mut!(lost);
        let reached = fixture.gate.reached.notified();
        futures::pin_mut!(reached);
        futures::future::select(lost, reached).await;
    }
    fixture.gate.open.notify_one();
    let again = loop {
        let again = send(&app, spoon(&fixture, "k1")).await;
        if again.status != 409 {
            break again;
        }
        assert_eq!(again.code(), "IDEMPOTENCY_IN_PROGRESS");
    };
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(fixture.calls.made(), 1);
}

#[actix_web::test]
async fn a_claim_whose_process_died_expires_and_the_handler_runs_again() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    assert_eq!(send(&app, spoon(&fixture, "k1")).await.status, 201);
    // As a killed process leaves it.
    sqlx::query(
        "UPDATE idempotency_keys SET state = 'RUNNING', status = NULL, headers = NULL, body = NULL",
    )
    .execute(&fixture.db.admin)
    .await
    .unwrap();
    assert_eq!(send(&app, spoon(&fixture, "k1")).await.code(), "IDEMPOTENCY_IN_PROGRESS");
    fixture.clock.move_to(fixture.clock.now() + TimeDelta::seconds(61));
    let again = send(&app, spoon(&fixture, "k1")).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, None));
    assert_eq!(fixture.calls.made(), 2);
    let third = send(&app, spoon(&fixture, "k1")).await;
    assert_eq!(third.header("idempotency-replayed"), Some("true"));
}

#[actix_web::test]
async fn failures_of_ours_are_not_kept_and_refusals_are() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    let flaky = || {
        fixture
            .browser("clara", post("/api/v1/client/flaky"))
            .insert_header(("idempotency-key", "f"))
    };
    assert_eq!(send(&app, flaky()).await.code(), "INTERNAL");
    assert_eq!(send(&app, flaky()).await.code(), "INTERNAL");
    assert_eq!(send(&app, flaky()).await.json()["bytes"], 2);
    assert_eq!(send(&app, flaky()).await.header("idempotency-replayed"), Some("true"));
    assert_eq!(fixture.calls.made(), 3);
    let refused = || {
        fixture
            .browser("clara", json(post(THINGS), r#"{"name":""}"#))
            .insert_header(("idempotency-key", "refused"))
    };
    assert_eq!(send(&app, refused()).await.code(), "INPUT_INVALID");
    let again = send(&app, refused()).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (422, Some("true")));
}

#[actix_web::test]
async fn a_key_that_is_no_key_is_refused() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    for key in ["", "with space", &"k".repeat(256)] {
        assert_eq!(send(&app, spoon(&fixture, key)).await.code(), "BODY_MALFORMED", "{key}");
    }
    let twice = spoon(&fixture, "a").append_header(("idempotency-key", "b"));
    assert_eq!(send(&app, twice).await.code(), "BODY_MALFORMED");
    assert_eq!(fixture.calls.made(), 0);
}

#[actix_web::test]
async fn keys_are_deleted_after_a_day() {
    let fixture = Fixture::new().await;
    let app = fixture.app().await;
    assert_eq!(send(&app, spoon(&fixture, "k1")).await.status, 201);
    assert_eq!(send(&app, spoon(&fixture, "k2")).await.status, 201);
    let operation = |at| OperationContext::system(fixture.alpha, RequestId::new(), at);
    let now = fixture.clock.now();
    assert_eq!(prune_idempotency_keys(&fixture.db.app, &operation(now)).await.unwrap(), 0);
    fixture.clock.move_to(now + TimeDelta::hours(25));
    // Expired but not yet pruned: as good as new.
    let again = send(&app, spoon(&fixture, "k1")).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, None));
    let later = fixture.clock.now();
    assert_eq!(prune_idempotency_keys(&fixture.db.worker, &operation(later)).await.unwrap(), 1);
    let left = send(&app, spoon(&fixture, "k1")).await;
    assert_eq!(left.header("idempotency-replayed"), Some("true"));
}
