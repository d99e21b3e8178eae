//! What staff see of events, and what they may set going again.

use bk_testing::{Browser, InProcess};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Outcome};

async fn events(staff: &Browser<InProcess>) -> Vec<Value> {
    staff.get("/admin/billing/events").await.ok()["items"].as_array().unwrap().clone()
}

/// Staff replay an event; a second time at once is refused. Returns the request id of the replay.
pub(super) async fn replay(fixture: &Fixture, event_id: &str) -> String {
    let staff = fixture.staff(fixture.tenant).await;
    let all = events(&staff).await;
    let event = all.iter().find(|event| event["event_id"] == event_id).unwrap();
    let path = format!("/admin/billing/events/{}/replay", event["id"].as_str().unwrap());
    let replayed = staff.post(&path, &Value::Null).await;
    let state = (&replayed.ok()["state"], &replayed.ok()["attempts"]);
    assert_eq!(state, (&json!("RECEIVED"), &json!(0)));
    let again = staff.post(&path, &Value::Null).await;
    assert_eq!(again.outcome(), "409 STATE_CONFLICT");
    let audited = "SELECT count(*) FROM audit_entries WHERE action = 'billing_event.replayed'";
    assert_eq!(fixture.count(audited).await, 1);
    replayed.header("x-request-id").to_owned()
}

#[actix_web::test]
async fn staff_see_the_events_of_their_tenant_only() {
    let fixture = Fixture::new().await;
    fixture.paid_purchase().await;
    let staff = fixture.staff(fixture.tenant).await;
    let all = events(&staff).await;
    assert_eq!(all.len(), 4, "`payment_intent.created` concerns no purchase and so no tenant");
    let path = format!("/admin/billing/events/{}", all[0]["id"].as_str().unwrap());
    assert_eq!(staff.get(&path).await.ok(), all[0]);
    let waiting = staff.get("/admin/billing/events?state=RECEIVED").await.ok();
    assert_eq!(waiting["items"], json!([]));

    let stranger = fixture.staff(fixture.other_tenant).await;
    assert!(events(&stranger).await.is_empty());
    assert_eq!(stranger.get(&path).await.outcome(), "404 NOT_FOUND");
    let replay = stranger.post(&format!("{path}/replay"), &Value::Null).await;
    assert_eq!(replay.outcome(), "404 NOT_FOUND");
}

#[actix_web::test]
async fn staff_can_ask_for_a_reconciliation() {
    let fixture = Fixture::new().await;
    let (purchase, session) = fixture.start().await;
    fixture.pay(&session);
    fixture.clock.move_to(fixture.clock.now() + TimeDelta::minutes(3));
    let staff = fixture.staff(fixture.tenant).await;
    let requested = staff.post("/admin/billing/reconcile", &Value::Null).await;
    assert_eq!(requested.ok(), json!({ "queued": true }));
    fixture.work().await;
    assert_eq!(fixture.outcome(purchase).await, Outcome::paid());
}

#[actix_web::test]
async fn nothing_is_read_or_operated_without_the_permission() {
    let fixture = Fixture::new().await;
    let reader = fixture.staff_with(fixture.tenant, &["billing.read"]).await;
    assert_eq!(reader.get("/admin/billing/transactions").await.outcome(), "200");
    assert_eq!(reader.get("/admin/billing/events").await.outcome(), "403 FORBIDDEN");
    let requested = reader.post("/admin/billing/reconcile", &Value::Null).await;
    assert_eq!(requested.outcome(), "403 FORBIDDEN");
    let other = fixture.staff_with(fixture.tenant, &[]).await;
    assert_eq!(other.get("/admin/billing/transactions").await.outcome(), "403 FORBIDDEN");
}
