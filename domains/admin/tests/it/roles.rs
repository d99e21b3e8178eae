//! Composing roles, and the built-in ones.

use std::sync::Arc;

use bk_contracts::identity::RoleCatalogue;
use bk_kernel::TenantId;
use bk_persistence::DbError;
use bk_testing::{Answer, Browser, Call, InProcess};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::fixture::{Fixture, OTHERS};

fn form(key: &str, permissions: &[&str]) -> Value {
    json!({ "key": key, "title": "Packer", "permissions": permissions })
}

/// An editor of roles who holds these permissions besides.
async fn editor(fixture: &Fixture, tenant: TenantId, permissions: &[&str]) -> Browser<InProcess> {
    let all = [&["roles.read", "roles.manage"], permissions].concat();
    fixture.staff(tenant, &all).await
}

async fn create(editor: &Browser<InProcess>, form: &Value) -> Answer {
    editor.post("/admin/roles", form).await
}

async fn update(
    editor: &Browser<InProcess>,
    id: &str,
    version: i64,
    permissions: &[&str],
) -> Answer {
    let change = json!({ "title": "Packer", "permissions": permissions });
    put(editor, id, version, &change).await
}

async fn put(editor: &Browser<InProcess>, id: &str, version: i64, change: &Value) -> Answer {
    let call = Call::put(format!("/api/v1/admin/roles/{id}")).json(change);
    editor.send(call.if_match(&format!("\"{version}\""))).await
}

async fn delete(editor: &Browser<InProcess>, id: &str) -> Answer {
    editor.delete(&format!("/admin/roles/{id}")).await
}

fn id_of(answer: &Answer) -> String {
    answer.ok()["id"].as_str().unwrap().to_owned()
}

async fn builtin_id(fixture: &Fixture, tenant: TenantId, key: &str) -> String {
    let sql = "SELECT id FROM admin_roles WHERE tenant_id = $1 AND key = $2";
    let id: Uuid = sqlx::query_scalar(sql)
        .bind(tenant.uuid())
        .bind(key)
        .fetch_one(&fixture.db.admin)
        .await
        .unwrap();
    id.to_string()
}

#[actix_web::test]
async fn a_composed_role_permits_what_it_says_and_ends_cached_sessions() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let editor = editor(&fixture, tenant, &["menu.read", "orders.read"]).await;
    let created =
        create(&editor, &form("packer", &["orders.read", "menu.read", "orders.read"])).await;
    let (role, id) = (created.ok(), id_of(&created));
    assert_eq!(role["permissions"], json!(["menu.read", "orders.read"]));
    assert_eq!((created.status, created.header("etag")), (201, "\"1\""));
    assert_eq!(created.header("location"), format!("/api/v1/admin/roles/{id}"));
    let permitted = fixture.permitted(tenant, &["packer", "unknown"]).await;
    assert_eq!(permitted, ["menu.read", "orders.read"]);

    for taken in ["packer", "super_admin"] {
        assert_eq!(create(&editor, &form(taken, &[])).await.outcome(), "409 CONFLICT");
    }

    let updated = update(&editor, &id, 1, &["menu.read"]).await;
    assert_eq!(updated.ok()["permissions"], json!(["menu.read"]));
    assert_eq!(updated.header("etag"), "\"2\"");
    assert_eq!(fixture.permitted(tenant, &["packer"]).await, ["menu.read"]);
    let stale = update(&editor, &id, 1, &[]).await;
    assert_eq!(stale.outcome(), "412 PRECONDITION_FAILED");
    assert_eq!(editor.get(&format!("/admin/roles/{id}")).await.header("etag"), "\"2\"");

    assert_eq!(delete(&editor, &id).await.status, 204);
    assert_eq!(editor.get(&format!("/admin/roles/{id}")).await.outcome(), "404 NOT_FOUND");
    assert_eq!(fixture.users.sessions_forgotten(), 3);
    assert_eq!(
        fixture.audited(tenant).await,
        ["tenant.seeded", "role.created", "role.changed", "role.deleted"]
    );
}

#[actix_web::test]
async fn a_key_is_given_once_and_may_be_repeated() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let editor = editor(&fixture, tenant, &[]).await;
    let without = create(&editor, &json!({ "title": "Packer", "permissions": [] })).await;
    assert_eq!(without.outcome(), "422 INPUT_INVALID");
    assert_eq!(without.json()["errors"][0]["pointer"], "/key");

    let id = id_of(&create(&editor, &form("packer", &[])).await);
    let mut change = form("packer", &[]);
    change["title"] = "Night packer".into();
    assert_eq!(put(&editor, &id, 1, &change).await.ok()["title"], "Night packer");
    change["key"] = "night_packer".into();
    let other = put(&editor, &id, 2, &change).await;
    assert_eq!(other.outcome(), "422 INPUT_INVALID");
    assert_eq!(other.json()["errors"][0]["pointer"], "/key");
}

#[actix_web::test]
async fn an_editor_gives_and_takes_only_permissions_they_hold() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let chief = editor(&fixture, tenant, &["menu.read", "menu.write"]).await;
    let cook = editor(&fixture, tenant, &["menu.read"]).await;
    for permissions in [&["menu.write"][..], &["own.orders.read"], &["platform.health.read"]] {
        let refused = create(&cook, &form("packer", permissions)).await;
        assert_eq!(refused.outcome(), "403 FORBIDDEN", "{permissions:?}");
    }
    let unknown = create(&cook, &form("packer", &["menu.fly"])).await;
    assert_eq!(unknown.outcome(), "422 INPUT_INVALID");
    assert_eq!(unknown.json()["errors"][0]["pointer"], "/permissions/0");

    let id = id_of(&create(&chief, &form("chef", &["menu.write"])).await);
    for permissions in [&["menu.read"][..], &[], &["menu.write"]] {
        let refused = update(&cook, &id, 1, permissions).await;
        assert_eq!(refused.outcome(), "403 FORBIDDEN", "{permissions:?}");
    }
    assert_eq!(delete(&cook, &id).await.outcome(), "403 FORBIDDEN");
    assert_eq!(fixture.permitted(tenant, &["chef"]).await, ["menu.write"]);
}

#[actix_web::test]
async fn a_builtin_role_is_neither_changed_nor_deleted() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let owner = editor(&fixture, tenant, &OTHERS).await;
    let id = builtin_id(&fixture, tenant, "driver").await;
    assert_eq!(update(&owner, &id, 1, &[]).await.outcome(), "409 STATE_CONFLICT");
    assert_eq!(delete(&owner, &id).await.outcome(), "409 STATE_CONFLICT");
}

#[actix_web::test]
async fn a_role_that_a_person_holds_is_not_deleted() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let editor = editor(&fixture, tenant, &[]).await;
    let id = id_of(&create(&editor, &form("packer", &[])).await);
    fixture.users.use_role("packer");
    assert_eq!(delete(&editor, &id).await.outcome(), "409 CONFLICT");
}

#[actix_web::test]
async fn a_role_cannot_be_deleted_while_it_is_being_assigned() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let editor = editor(&fixture, tenant, &[]).await;
    let id = id_of(&create(&editor, &form("packer", &[])).await);

    let steps = Arc::new(Barrier::new(2));
    let input = (fixture.ports.clone(), Arc::clone(&steps));
    let ctx = fixture.system(tenant);
    let assignment = fixture.db.app.transaction(&ctx, input, async |tx, (ports, steps)| {
        let keys = ["packer", "unknown", "unknown"].map(str::to_owned);
        assert_eq!(ports.unknown(&tx, &keys).await?, ["unknown"]);
        steps.wait().await;
        steps.wait().await;
        Ok::<_, DbError>(())
    });
    let assignment = tokio::spawn(assignment);
    steps.wait().await;
    let lock = sqlx::query(
        "SELECT id FROM admin_roles WHERE tenant_id = $1 AND id = $2 FOR UPDATE NOWAIT",
    )
    .bind(tenant.uuid())
    .bind(id.parse::<Uuid>().unwrap())
    .execute(&fixture.db.admin)
    .await;
    assert!(lock.is_err(), "the lock that the deletion asks for first is held");
    steps.wait().await;
    assignment.await.unwrap().unwrap();
    assert_eq!(delete(&editor, &id).await.status, 204);
}

#[actix_web::test]
async fn builtin_roles_follow_the_catalogue_and_composed_ones_stay() {
    let fixture = Fixture::new().await;
    let (tenant, operators) = (fixture.tenant("greenfork").await, fixture.tenant("platform").await);
    let editor = editor(&fixture, tenant, &["menu.read"]).await;
    create(&editor, &form("packer", &["menu.read"])).await.done();
    assert_eq!(fixture.admin.sync_builtin_roles().await.unwrap(), 0, "nothing is new");

    let grown = [&OTHERS[..], &["deliveries.read", "platform.keys.read"]].concat();
    let next = fixture.released_with(&grown);
    assert_eq!(next.sync_builtin_roles().await.unwrap(), 2);
    assert_eq!(next.sync_builtin_roles().await.unwrap(), 0, "once is enough");
    assert_eq!(fixture.permitted(tenant, &["driver"]).await, ["deliveries.read"]);
    let owner = fixture.permitted(tenant, &["owner", "admin"]).await;
    assert!(owner.contains(&"deliveries.read".to_owned()));
    assert!(!owner.iter().any(|key| key.starts_with("platform.")));
    let super_admin = fixture.permitted(operators, &["super_admin"]).await;
    assert!(super_admin.contains(&"platform.keys.read".to_owned()));
    assert_eq!(fixture.permitted(tenant, &["packer"]).await, ["menu.read"]);
    assert_eq!(fixture.audited(tenant).await.last().unwrap(), "role.synchronised");
}

#[actix_web::test]
async fn a_role_of_another_tenant_does_not_exist() {
    let fixture = Fixture::new().await;
    let (one, two) = (fixture.tenant("greenfork").await, fixture.tenant("northside").await);
    let theirs = builtin_id(&fixture, two, "owner").await;
    let editor = editor(&fixture, one, &OTHERS).await;
    assert_eq!(editor.get(&format!("/admin/roles/{theirs}")).await.outcome(), "404 NOT_FOUND");
    assert_eq!(delete(&editor, &theirs).await.outcome(), "404 NOT_FOUND");
}

#[actix_web::test]
async fn roles_and_permissions_are_listed_in_pages() {
    let fixture = Fixture::new().await;
    let tenant = fixture.tenant("greenfork").await;
    let reader = fixture.staff(tenant, &["roles.read"]).await;
    for (path, field, expected) in [
        ("/admin/roles", "key", 6),
        (
            "/admin/permissions",
            "key",
            reader.get("/admin/permissions").await.ok()["items"].as_array().unwrap().len(),
        ),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = reader.get(&format!("{path}?limit=4{cursor}")).await.ok();
            let items = page["items"].as_array().unwrap();
            seen.extend(items.iter().map(|item| item[field].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            assert_eq!(items.len(), 4);
            cursor = format!("&cursor={next}");
        }
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((seen.len(), all), (expected, expected), "{path}");
    }
    let keys = reader.get("/admin/permissions").await.text();
    assert!(keys.contains("menu.read") && !keys.contains("platform.") && !keys.contains("own."));
}
