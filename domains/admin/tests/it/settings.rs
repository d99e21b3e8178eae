//! Changing settings, and who is notified.

use std::sync::Arc;

use bk_contracts::tenants::Tenants;
use bk_kernel::{Surface, TenantId};
use bk_persistence::invalidation::ListenerStatus;
use bk_testing::{Answer, Call};
use serde_json::{Value, json};

use crate::fixture::{Fixture, zone_read_by};

async fn update(fixture: &Fixture, tenant: TenantId, version: i64, change: &Value) -> Answer {
    let staff = fixture.staff(tenant, &["settings.write"]).await;
    let call = Call::patch("/api/v1/admin/settings").json(change);
    staff.send(call.if_match(&format!("\"{version}\""))).await
}

async fn move_to(fixture: &Fixture, tenant: TenantId, version: i64, zone: &str) -> Answer {
    update(fixture, tenant, version, &json!({ "schedule": { "time_zone": zone } })).await
}

#[actix_web::test]
async fn a_new_schedule_is_published_once_and_read_at_once() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    assert_eq!(zone_read_by(&fixture.ports, tenant).await, "Australia/Brisbane");

    let changed = move_to(&fixture, tenant, 1, "Australia/Sydney").await;
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.ok()["schedule"]["time_zone"], "Australia/Sydney");
    assert_eq!(zone_read_by(&fixture.ports, tenant).await, "Australia/Sydney");
    let same = move_to(&fixture, tenant, 2, "Australia/Sydney").await;
    assert_eq!(same.header("etag"), "\"2\"", "the same again is no change");
    assert_eq!(fixture.published(tenant).await, ["tenant_created", "schedule_changed"]);
    assert_eq!(fixture.audited(tenant).await, ["tenant.seeded", "settings.changed"]);
}

#[actix_web::test]
async fn a_change_of_an_outdated_version_is_refused() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    move_to(&fixture, tenant, 1, "Australia/Sydney").await.done();
    let stale = move_to(&fixture, tenant, 1, "Europe/Berlin").await;
    assert_eq!(stale.outcome(), "412 PRECONDITION_FAILED");
    assert_eq!(zone_read_by(&fixture.ports, tenant).await, "Australia/Sydney");
}

#[actix_web::test]
async fn a_part_of_a_schedule_is_checked_together_with_the_rest() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let early = json!({ "schedule": { "cutoff": "SUN 12:00" } });
    let refused = update(&fixture, tenant, 1, &early).await;
    assert_eq!(refused.outcome(), "422 INPUT_INVALID");
    let error = &refused.json()["errors"][0];
    assert_eq!((&error["pointer"], &error["code"]), (&json!("/schedule/cutoff"), &json!("range")));
    assert_eq!(fixture.audited(tenant).await, ["tenant.seeded"]);
}

#[actix_web::test]
async fn another_instance_forgets_when_notified_and_reads_the_database_while_it_cannot_be() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let listener = ListenerStatus::new(true);
    let other = fixture.other_instance(listener.clone()).await;
    assert_eq!(zone_read_by(&other, tenant).await, "Australia/Brisbane");

    move_to(&fixture, tenant, 1, "Australia/Sydney").await.done();
    assert_eq!(zone_read_by(&other, tenant).await, "Australia/Brisbane", "it is cached");
    listener.set(false);
    assert_eq!(zone_read_by(&other, tenant).await, "Australia/Sydney", "the cache is bypassed");
    listener.set(true);
    let (topic, notice) = other.invalidations().remove(0);
    assert_eq!(topic, "tenant");
    Arc::clone(&notice)(&tenant.to_string());
    assert_eq!(zone_read_by(&other, tenant).await, "Australia/Sydney", "it was forgotten");

    move_to(&fixture, tenant, 2, "Europe/Berlin").await.done();
    notice("");
    assert_eq!(zone_read_by(&other, tenant).await, "Europe/Berlin", "everything was forgotten");
    assert!(fixture.listener.is_listening());
}

#[actix_web::test]
async fn replaced_origins_are_known_and_the_old_ones_are_not() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let (old, new) = ("http://localhost:3000", "https://order.greenfork.example");
    assert!(fixture.ports.origin_known(Surface::Client, old).await.unwrap());
    update(&fixture, tenant, 1, &json!({ "origins": { "client": [new] } })).await.done();
    assert!(!fixture.ports.origin_known(Surface::Client, old).await.unwrap());
    assert!(fixture.ports.origin_known(Surface::Client, new).await.unwrap());
    assert_eq!(fixture.ports.settings(tenant).await.unwrap().unwrap().origins.client, [new]);
    assert_eq!(fixture.published(tenant).await, ["tenant_created"], "the schedule is the same");
}

#[actix_web::test]
async fn settings_and_tenant_share_their_version() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    move_to(&fixture, tenant, 1, "Australia/Sydney").await.done();
    let reader = fixture.staff(tenant, &["settings.read"]).await;
    let settings = reader.get("/admin/settings").await;
    assert_eq!(settings.ok()["origins"]["client"], json!(["http://localhost:3000"]));
    let own = reader.get("/admin/tenant").await;
    assert_eq!((settings.header("etag"), own.header("etag")), ("\"2\"", "\"2\""));
    assert_eq!(own.ok()["time_zone"], "Australia/Sydney");
}
