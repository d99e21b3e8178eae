//! One tenant's people with another tenant's ids, on every operation that takes one: `NOT_FOUND`,
//! and not a byte of the other tenant changes.

use bk_guard::Access;
use bk_kernel::{Surface, TenantId};
use bk_tests::{
    Call, TestServer,
    document::{A_WEEK, Operation, operations},
    server::{GREENFORK, NORTHSIDE},
};
use sqlx::{AssertSqlSafe, Row};

/// What an id in a path names: the beginning of the path, and the table it is a row of.
const IDS: &[(&str, &str)] = &[
    ("/api/v1/admin/accounts/{id}", "kitchen_accounts"),
    ("/api/v1/admin/accounts/{id}/packs/{pack_id}", "kitchen_packs"),
    ("/api/v1/admin/billing/events/{id}", "billing_stripe_events"),
    ("/api/v1/admin/billing/transactions/{id}", "billing_purchases"),
    ("/api/v1/admin/components/{id}", "kitchen_components"),
    ("/api/v1/admin/dishes/{id}", "kitchen_dishes"),
    ("/api/v1/admin/ingredients/{id}", "kitchen_ingredients"),
    ("/api/v1/admin/invitations/{id}", "identity_invitations"),
    ("/api/v1/admin/members/{id}", "identity_users"),
    ("/api/v1/admin/orders/{id}", "kitchen_orders"),
    ("/api/v1/admin/pack-products/{id}", "kitchen_pack_products"),
    ("/api/v1/admin/plans/{id}", "kitchen_plans"),
    ("/api/v1/admin/presets/{id}", "kitchen_presets"),
    ("/api/v1/admin/roles/{id}", "admin_roles"),
    ("/api/v1/admin/auth/sessions/{id}", "identity_sessions"),
    ("/api/v1/admin/sub-recipes/{id}", "kitchen_sub_recipes"),
    ("/api/v1/client/auth/sessions/{id}", "identity_sessions"),
    ("/api/v1/client/orders/{id}", "kitchen_orders"),
    ("/api/v1/client/packs/{product_id}", "kitchen_pack_products"),
];

/// Path parameters that name nothing of anybody's: every tenant has its own week of that name.
const NOT_IDS: &[&str] = &["week"];

#[tokio::test]
async fn ids_of_another_tenant_are_not_found_and_nothing_of_it_changes() {
    let server = TestServer::start().await;
    seed_the_rest(&server).await;
    let other = server.tenant_id(NORTHSIDE).await;
    // Users of the other tenant have sessions too.
    let _theirs =
        (server.staff(NORTHSIDE, "owner").await, server.client(NORTHSIDE, "client1").await);
    let owner = server.staff(GREENFORK, "owner").await;
    let client = server.client(GREENFORK, "client1").await;
    let before = fingerprint(&server, other).await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for operation in operations() {
        let ids: Vec<String> = operation
            .path_parameters()
            .into_iter()
            .filter(|name| !NOT_IDS.contains(&name.as_str()))
            .collect();
        // Operators see every tenant by design; the gate `coverage` keeps everyone else out.
        if ids.is_empty() || operation.policy.surface == Surface::Platform {
            continue;
        }
        assert!(
            matches!(operation.policy.access, Access::Session | Access::Permission(_)),
            "{} takes an id from anyone",
            operation.name()
        );
        let browser = if operation.policy.surface == Surface::Client { &client } else { &owner };
        let answer = browser.send(call(&server, &operation, &ids, other).await).await;
        tried += 1;
        if answer.outcome() != "404 NOT_FOUND" {
            wrong.push(format!("{}: {} {}", operation.name(), answer.outcome(), answer.text()));
        }
        if fingerprint(&server, other).await != before {
            wrong.push(format!("{} changed the other tenant", operation.name()));
        }
    }
    assert!(tried >= IDS.len(), "every kind of id was tried");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn lists_show_nothing_of_another_tenant() {
    let server = TestServer::start().await;
    seed_the_rest(&server).await;
    let other = server.tenant_id(NORTHSIDE).await;
    let foreign = ids_of(&server, other).await;
    let owner = server.staff(GREENFORK, "owner").await;
    let client = server.client(GREENFORK, "client1").await;
    let mut read = 0;
    for operation in operations() {
        let open_to_all =
            !matches!(operation.policy.access, Access::Session | Access::Permission(_));
        let plain = operation.method == "GET" && !operation.path.contains('{');
        if open_to_all || !plain || operation.policy.surface == Surface::Platform {
            continue;
        }
        let browser = if operation.policy.surface == Surface::Client { &client } else { &owner };
        let answer = browser.send(Call::get(operation.path.clone())).await;
        assert!(answer.status < 500, "{}: {}", operation.name(), answer.text());
        let text = answer.text();
        let leaked = foreign.iter().find(|id| text.contains(id.as_str()));
        assert_eq!(leaked, None, "{} shows an id of another tenant", operation.name());
        read += 1;
    }
    assert!(read > 10, "the lists were read");
}

/// What the demo data leaves out, so that every kind of id exists: an invitation, a purchase and the
/// events about it.
async fn seed_the_rest(server: &TestServer) {
    let owner = server.staff(NORTHSIDE, "owner").await;
    let guest = serde_json::json!({
        "email": "guest@northside.test", "display_name": "A Guest", "roles": ["driver"],
    });
    owner.post("/admin/invitations", &guest).await.done();
    let client = server.client(NORTHSIDE, "client1").await;
    let products = client.get("/client/pack-products").await.ok();
    let product = products["items"][0]["id"].as_str().unwrap();
    let urls = serde_json::json!({
        "success_url": "http://localhost:3000/thanks", "cancel_url": "http://localhost:3000/packs",
    });
    let started = client.post(&format!("/client/packs/{product}/checkout"), &urls).await.ok();
    let page = started["checkout_url"].as_str().unwrap();
    server.visitor(Surface::Client).send(Call::post(format!("{page}/pay"))).await;
    server.work().await;
}

/// A well-formed call with ids of the other tenant.
async fn call(
    server: &TestServer,
    operation: &Operation,
    names: &[String],
    other: TenantId,
) -> Call {
    let mut path = operation.path.replace("{week}", A_WEEK);
    for name in names {
        let end = operation.path.find(&format!("{{{name}}}")).unwrap() + name.len() + 2;
        let table = table_of(&operation.path[..end]);
        path = path.replace(&format!("{{{name}}}"), &an_id(server, table, other).await);
    }
    operation.call_at(path)
}

fn table_of(prefix: &str) -> &'static str {
    let found = IDS.iter().find(|(path, _)| *path == prefix);
    found.unwrap_or_else(|| panic!("which table is {prefix} a row of? add it to IDS")).1
}

async fn an_id(server: &TestServer, table: &str, tenant: TenantId) -> String {
    let select = format!("SELECT id::text FROM {table} WHERE tenant_id = $1 ORDER BY id LIMIT 1");
    let id: Option<String> = sqlx::query_scalar(AssertSqlSafe(select))
        .bind(tenant.uuid())
        .fetch_optional(&server.db.admin)
        .await
        .unwrap();
    id.unwrap_or_else(|| panic!("the other tenant has no row in {table}"))
}

/// Everything of a tenant, table by table.
async fn fingerprint(server: &TestServer, tenant: TenantId) -> Vec<(String, String)> {
    let mut prints = Vec::new();
    for table in tables_with(server, "tenant_id").await {
        let sql = format!(
            "SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) AS print
             FROM {table} t WHERE tenant_id = $1"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(tenant.uuid()).fetch_one(&server.db.admin);
        prints.push((table, row.await.unwrap().get("print")));
    }
    prints
}

/// The ids of all rows of a tenant.
async fn ids_of(server: &TestServer, tenant: TenantId) -> Vec<String> {
    let mut all = vec![tenant.uuid().to_string()];
    for table in tables_with(server, "id").await {
        let sql = format!("SELECT id::text FROM {table} WHERE tenant_id = $1");
        let ids = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).bind(tenant.uuid());
        all.extend(ids.fetch_all(&server.db.admin).await.unwrap());
    }
    all
}

/// The tables of tenants that have a uuid column of this name.
async fn tables_with(server: &TestServer, column: &str) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT t.table_name::text FROM information_schema.columns t
         JOIN information_schema.columns c USING (table_schema, table_name)
         WHERE t.table_schema = 'public' AND t.column_name = 'tenant_id'
           AND c.column_name = $1 AND c.udt_name = 'uuid'
         ORDER BY 1",
    )
    .bind(column)
    .fetch_all(&server.db.admin)
    .await
    .unwrap()
}
