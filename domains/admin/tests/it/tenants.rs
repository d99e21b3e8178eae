//! Creating, renaming, suspending and finding tenants.

use bk_contracts::tenants::{TenantStatus, Tenants};
use bk_kernel::{Surface, TenantId};
use bk_persistence::{DbError, store::ConnectionTrait};
use bk_testing::{Answer, Browser, Call, InProcess};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::fixture::{Fixture, seed};

fn form(slug: &str) -> Value {
    json!({
        "slug": slug, "name": "Green Fork", "country": "AU", "currency": "AUD",
        "time_zone": "Australia/Brisbane",
        "owner": { "email": "owner@greenfork.test", "display_name": "Robin" }
    })
}

async fn act(operator: &Browser<InProcess>, tenant: TenantId, verb: &str) -> Answer {
    operator.post(&format!("/platform/tenants/{tenant}/{verb}"), &Value::Null).await
}

#[actix_web::test]
async fn a_new_tenant_has_its_roles_its_owner_and_a_log_that_says_so() {
    let fixture = Fixture::new().await;
    let operator = fixture.operator().await;
    let created = operator.post("/platform/tenants", &form("greenfork")).await;
    let tenant: TenantId = created.ok()["id"].as_str().unwrap().parse().unwrap();
    assert_eq!((created.status, created.header("etag")), (201, "\"1\""));
    let location = format!("/api/v1/platform/tenants/{tenant}");
    assert_eq!(created.header("location"), location);
    assert_eq!(operator.send(Call::get(location)).await.ok(), created.ok());

    let found = fixture.ports.by_slug("greenfork").await.unwrap().unwrap();
    assert_eq!((found.id, found.status), (tenant, TenantStatus::Active));
    assert!(fixture.ports.active().await.unwrap().contains(&tenant));
    assert_eq!(fixture.audited(tenant).await, ["tenant.created"]);
    assert_eq!(fixture.published(tenant).await, ["tenant_created"]);
    let sql = "SELECT key FROM admin_roles WHERE tenant_id = $1 AND builtin ORDER BY key";
    let keys: Vec<String> =
        sqlx::query_scalar(sql).bind(tenant.uuid()).fetch_all(&fixture.db.admin).await.unwrap();
    assert_eq!(keys, ["account_manager", "admin", "client", "driver", "kitchen", "owner"]);
    let invited = fixture.users.invited();
    let [(ctx, owner)] = invited.as_slice() else { panic!("one invitation") };
    assert_eq!((ctx.tenant_id(), &*owner.roles[0]), (tenant, "owner"));
}

#[actix_web::test]
async fn the_request_of_the_operator_is_in_the_log_the_fact_and_the_invitation() {
    let fixture = Fixture::new().await;
    let operator = fixture.operator().await;
    let created = operator.post("/platform/tenants", &form("greenfork")).await;
    let request_id = created.header("x-request-id").to_owned();
    let tenant: TenantId = created.ok()["id"].as_str().unwrap().parse().unwrap();
    let sql = "SELECT request_id::text FROM audit_entries WHERE tenant_id = $1
               UNION ALL SELECT request_id::text FROM outbox WHERE tenant_id = $1";
    let recorded: Vec<String> =
        sqlx::query_scalar(sql).bind(tenant.uuid()).fetch_all(&fixture.db.admin).await.unwrap();
    assert_eq!(recorded, [request_id.clone(), request_id.clone()]);
    let invited = fixture.users.invited();
    assert_eq!(invited[0].0.request_id().to_string(), request_id);
}

#[actix_web::test]
async fn of_many_that_want_a_slug_at_once_one_gets_it_and_nothing_is_left_of_the_others() {
    let fixture = Fixture::new().await;
    let operator = fixture.operator().await;
    let form = form("greenfork");
    let outcomes = join_all((0..8).map(|_| operator.post("/platform/tenants", &form))).await;
    let count = |wanted: &str| outcomes.iter().filter(|one| one.outcome() == wanted).count();
    assert_eq!((count("201"), count("409 CONFLICT")), (1, 7));
    for table in ["admin_tenants", "tenant_directory", "audit_heads"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&fixture.db.admin).await.unwrap();
        assert_eq!(rows, 2, "{table}: the operators' and the winner's");
    }
}

#[actix_web::test]
async fn an_owner_without_an_address_leaves_no_tenant_behind() {
    let fixture = Fixture::new().await;
    let operator = fixture.operator().await;
    let mut form = form("greenfork");
    form["owner"]["email"] = "owner".into();
    let refused = operator.post("/platform/tenants", &form).await;
    assert_eq!(refused.outcome(), "422 INPUT_INVALID");
    assert_eq!(refused.json()["errors"][0]["pointer"], "/owner/email");
    assert_eq!(fixture.ports.by_slug("greenfork").await.unwrap(), None);
}

#[actix_web::test]
async fn suspending_hides_a_tenant_at_once_and_resuming_brings_it_back() {
    let fixture = Fixture::new().await;
    let operator = fixture.operator().await;
    let (tenant, ports) = (fixture.tenant("greenfork").await, &fixture.ports);
    // Everything is cached before.
    assert_eq!(ports.by_slug("greenfork").await.unwrap().unwrap().status, TenantStatus::Active);
    assert_eq!(ports.settings(tenant).await.unwrap().unwrap().status, TenantStatus::Active);

    let suspended = act(&operator, tenant, "suspend").await;
    assert_eq!(
        (&suspended.ok()["status"], suspended.header("etag")),
        (&json!("SUSPENDED"), "\"2\"")
    );
    assert_eq!(ports.by_slug("greenfork").await.unwrap().unwrap().status, TenantStatus::Suspended);
    assert_eq!(ports.settings(tenant).await.unwrap().unwrap().status, TenantStatus::Suspended);
    assert!(!ports.active().await.unwrap().contains(&tenant));
    assert_eq!(fixture.users.sessions_forgotten(), 1);

    act(&operator, tenant, "suspend").await.done();
    assert_eq!(fixture.users.sessions_forgotten(), 1, "again changes nothing");

    act(&operator, tenant, "resume").await.done();
    assert!(ports.active().await.unwrap().contains(&tenant));
    assert_eq!(
        fixture.audited(tenant).await,
        ["tenant.seeded", "tenant.suspended", "tenant.resumed"]
    );
}

#[actix_web::test]
async fn operators_cannot_reach_their_own_tenant_or_one_that_does_not_exist() {
    let fixture = Fixture::new().await;
    let operator = fixture.operator().await;
    let operators = fixture.tenant("platform").await;
    for tenant in [operators, TenantId::new()] {
        assert_eq!(act(&operator, tenant, "suspend").await.outcome(), "404 NOT_FOUND");
        let path = format!("/platform/tenants/{tenant}");
        assert_eq!(operator.get(&path).await.outcome(), "404 NOT_FOUND");
        let rename = Call::patch(format!("/api/v1{path}")).json(&json!({ "name": "Ours" }));
        assert_eq!(operator.send(rename.if_match("\"1\"")).await.outcome(), "404 NOT_FOUND");
    }
    let published = fixture.published(operators).await;
    assert_eq!(published, Vec::<String>::new(), "operators sell no meals");
}

#[actix_web::test]
async fn operators_page_through_the_tenants_and_do_not_see_their_own() {
    let fixture = Fixture::new().await;
    let operator = fixture.operator().await;
    let mut tenants = Vec::new();
    for slug in ["greenfork", "northside", "southbank"] {
        tenants.push(fixture.tenant(slug).await.to_string());
    }
    let (mut seen, mut path) = (Vec::new(), "/platform/tenants?limit=2".to_owned());
    loop {
        let page = operator.get(&path).await.ok();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|tenant| tenant["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/platform/tenants?limit=2&cursor={next}");
    }
    assert_eq!(seen, tenants);
}

#[actix_web::test]
async fn a_tenant_is_renamed_by_staff_who_read_its_present_name() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let staff = fixture.staff(tenant, &["settings.write"]).await;
    let rename = async |version: &str| {
        let name = json!({ "name": "Green Fork Kitchen" });
        staff.send(Call::patch("/api/v1/admin/tenant").json(&name).if_match(version)).await
    };
    let renamed = rename("\"1\"").await;
    assert_eq!((renamed.header("etag"), &renamed.ok()["slug"]), ("\"2\"", &json!("greenfork")));
    assert_eq!(fixture.users.sessions_forgotten(), 1, "they carry the name");
    assert_eq!(rename("\"1\"").await.outcome(), "412 PRECONDITION_FAILED");
    assert_eq!(fixture.audited(tenant).await, ["tenant.seeded", "tenant.renamed"]);
}

#[actix_web::test]
async fn seeding_again_or_at_the_same_time_makes_one_tenant() {
    let fixture = Fixture::new().await;
    let ids = join_all((0..6).map(|_| fixture.admin.ensure_tenant(seed("greenfork")))).await;
    let first = *ids[0].as_ref().unwrap();
    assert!(ids.iter().all(|id| *id.as_ref().unwrap() == first));
    assert_eq!(fixture.tenant("greenfork").await, first);
    assert_eq!(fixture.audited(first).await, ["tenant.seeded"]);
    assert_eq!(fixture.published(first).await, ["tenant_created"]);
}

#[actix_web::test]
async fn an_origin_is_known_on_its_own_surface_only() {
    let fixture = Fixture::new().await;
    fixture.tenant("greenfork").await;
    let known = |surface, origin| fixture.ports.origin_known(surface, origin);
    assert!(known(Surface::Client, "http://localhost:3000").await.unwrap());
    assert!(!known(Surface::Admin, "http://localhost:3000").await.unwrap());
    assert!(!known(Surface::Client, "http://localhost:3001").await.unwrap());
    assert!(!known(Surface::Client, "http://localhost:3000\0").await.unwrap());
}

#[actix_web::test]
async fn a_tenant_can_neither_list_nor_change_another_in_the_directories() {
    let fixture = Fixture::new().await;
    let (one, two) = (fixture.tenant("greenfork").await, fixture.tenant("northside").await);
    for sql in [
        "SELECT * FROM tenant_directory".to_owned(),
        "SELECT * FROM origin_directory".to_owned(),
        format!("SELECT tenant_directory_put('{two}', 'mine', 'ACTIVE')"),
        format!("SELECT origin_directory_put('{two}', '{{}}', '{{}}', '{{}}')"),
    ] {
        let attempt = async |tx: bk_persistence::TenantTx, sql: String| {
            Ok::<_, DbError>(tx.execute_unprepared(&sql).await?)
        };
        let refused = fixture.db.app.transaction(&fixture.system(one), sql.clone(), attempt).await;
        assert!(refused.is_err(), "{sql}");
    }
}
