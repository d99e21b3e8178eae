//! Reading the audit log.

use crate::fixture::Fixture;

#[actix_web::test]
async fn staff_page_through_the_log_of_their_tenant_newest_first() {
    let fixture = Fixture::new().await;
    let (tenant, other) = (fixture.tenant("greenfork").await, fixture.tenant("northside").await);
    let staff = fixture.staff(tenant, &["settings.write", "audit.read"]).await;
    for name in ["One", "Two"] {
        let name = serde_json::json!({ "name": name });
        let tag = if name["name"] == "One" { "\"1\"" } else { "\"2\"" };
        let rename = bk_testing::Call::patch("/api/v1/admin/tenant").json(&name).if_match(tag);
        staff.send(rename).await.done();
    }
    let first = staff.get("/admin/audit?limit=2").await.ok();
    let seqs = |page: &serde_json::Value| -> Vec<i64> {
        page["items"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()).collect()
    };
    assert_eq!(seqs(&first), [3, 2]);
    assert_eq!(first["items"][0]["actor_kind"], "staff");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = staff.get(&format!("/admin/audit?limit=2&cursor={cursor}")).await.ok();
    assert_eq!((seqs(&second), &second["next_cursor"]), (vec![1], &serde_json::Value::Null));
    let seeded = staff.get("/admin/audit?action=tenant.seeded").await.ok();
    assert_eq!(seqs(&seeded), [1]);

    let others = fixture.staff(other, &["audit.read"]).await;
    let theirs = others.get("/admin/audit").await.ok();
    assert_eq!(theirs["items"].as_array().unwrap().len(), 1, "that they were seeded");
    let stranger = fixture.staff(tenant, &[]).await;
    assert_eq!(stranger.get("/admin/audit").await.outcome(), "403 FORBIDDEN");
}
