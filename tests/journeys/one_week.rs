//! One week of one real kitchen, from the operator who creates it to the boxes that are packed.

mod kitchen;
mod order;
mod people;

use bk_kernel::Surface;
use bk_tests::{Browser, TestServer, server::NORTHSIDE};
use serde_json::Value;

use self::{
    kitchen::{build_catalogue, offer_menu, sell_packs},
    order::{buy_pack, confirm, draft},
    people::{Team, found_kitchen, invite_team, open_account},
};

/// The slug of the new kitchen.
pub const SALTBUSH: &str = "saltbush";

/// The password that everyone of the journey chooses.
pub const PASSWORD: &str = "a slow walk along the river";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_week_of_a_new_kitchen() {
    let server = TestServer::with_caches().await;
    let owner = found_kitchen(&server).await;
    let team = invite_team(&server, &owner).await;
    let dishes = build_catalogue(&team.kitchen).await;
    let week = offer_menu(&server, &team.kitchen, &dishes).await;
    sell_packs(&owner).await;
    let (account, client) = open_account(&server, &owner, &team).await;

    buy_pack(&server, &client).await;
    let lines = draft(&client, &dishes).await;
    let order = confirm(&client, &lines).await;

    let other = server.staff(NORTHSIDE, "owner").await;
    others_see_nothing(&other, &account, &order, &week).await;
    let cutoff = client.get("/client/menu/current").await.ok()["cutoff_at"].clone();
    server.move_to(cutoff.as_str().unwrap());
    server.run_job("weeks.lock").await;

    // The clock went on for days: everybody logs in again.
    let client = again(&server, Surface::Client, "sam@saltbush.test").await;
    let mine = client.get(&format!("/client/orders/{}", id(&order))).await.ok();
    assert_eq!(mine["state"], "LOCKED");
    let closed = client.post("/client/orders/current/confirm", &serde_json::json!({})).await;
    assert!(closed.status >= 400, "nothing is confirmed after the cutoff: {}", closed.text());
    assert_eq!(client.get("/client/packs").await.ok()["items"][0]["meals_remaining"], 20 - 9);

    let team = Team {
        kitchen: again(&server, Surface::Admin, "kitchen@saltbush.test").await,
        manager: again(&server, Surface::Admin, "manager@saltbush.test").await,
        driver: again(&server, Surface::Admin, "driver@saltbush.test").await,
    };
    sheets_agree(&team.kitchen, &week, &order, &account).await;
    let other = server.staff(NORTHSIDE, "owner").await;
    sheets_are_private(&team, &other, &week, &account).await;
}

/// The same meals in the plan, on the labels and in the boxes; as JSON, CSV and a page.
async fn sheets_agree(kitchen: &Browser, week: &str, order: &Value, account: &Value) {
    let meals = order["meals_needed"]["total"].as_i64().unwrap();
    let reference = account["reference"].as_str().unwrap();
    let read = async |sheet: &str| kitchen.get(&format!("/admin/weeks/{week}/{sheet}")).await.ok();

    let plan = read("production").await;
    assert_eq!(plan["plans"][0]["number"], 0);
    assert_eq!(plan["plans"][0]["total_meals"], meals);
    assert_eq!(sum(&plan["plans"][0]["meals"], "meals"), meals);

    let needed = read("ingredients").await;
    let names: Vec<&str> = strings(&needed["plans"][0]["ingredients"], "name");
    assert!(names.contains(&"Snapper fillet"), "an imported food is needed: {names:?}");

    let labels = read("labels").await;
    let labels = labels["plans"][0]["labels"].as_array().unwrap().clone();
    assert_eq!(i64::try_from(labels.len()).unwrap(), meals, "a label per meal");
    for label in &labels {
        assert_eq!(label["customer_reference"], reference);
        assert_eq!(label["allergens_confirmed"], true);
        assert!(strings_of(&label["allergens"]).contains(&"fish"), "{label}");
    }

    let packing = read("packing").await;
    let boxes = packing["plans"][0]["boxes"].as_array().unwrap().clone();
    assert_eq!(boxes.len(), 1);
    assert_eq!(boxes[0]["customer_reference"], reference);
    assert_eq!(sum(&boxes[0]["meals"], "meals"), meals);

    for sheet in ["production", "ingredients", "purchasing", "labels", "packing"] {
        let path = format!("/admin/weeks/{week}/{sheet}");
        let csv = kitchen.get(&format!("{path}?format=csv")).await;
        assert_eq!(csv.outcome(), "200");
        assert!(csv.header("content-type").starts_with("text/csv"), "{sheet}");
        assert!(csv.text().lines().count() > 1, "{sheet} has rows");
        let page = kitchen.get(&format!("{path}?format=html")).await;
        assert!(page.header("content-type").starts_with("text/html"), "{sheet}");
        assert!(page.header("content-security-policy").contains("default-src 'none'"), "{sheet}");
        assert!(page.text().contains("Saltbush"), "{sheet} names the kitchen");
    }
}

/// While the window is open: another kitchen's owner finds nothing of this one.
async fn others_see_nothing(other: &Browser, account: &Value, order: &Value, week: &str) {
    let (account, order) = (id(account), id(order));
    for path in [
        format!("/admin/accounts/{account}"),
        format!("/admin/accounts/{account}/packs"),
        format!("/admin/orders/{order}"),
    ] {
        assert_eq!(other.get(&path).await.outcome(), "404 NOT_FOUND", "{path}");
    }
    let cancel = serde_json::json!({"reason_code": "CUSTOMER_REQUEST"});
    let cancelled = other.post(&format!("/admin/orders/{order}/cancel"), &cancel).await;
    assert_eq!(cancelled.outcome(), "404 NOT_FOUND", "nobody else's order is cancelled");
    let listed = other.get(&format!("/admin/orders?week={week}&limit=100")).await.text();
    assert!(!listed.contains(&order) && !listed.contains(&account));
}

/// After the lock: sheets are for the kitchen's own people with the permission.
async fn sheets_are_private(team: &Team, other: &Browser, week: &str, account: &Value) {
    let reference = account["name"].as_str().unwrap();
    for sheet in ["production", "ingredients", "purchasing", "labels", "packing"] {
        let path = format!("/admin/weeks/{week}/{sheet}");
        assert_eq!(team.driver.get(&path).await.outcome(), "403 FORBIDDEN", "{path}");
        assert_eq!(team.manager.get(&path).await.outcome(), "200", "{path}");
        let theirs = other.get(&path).await.text();
        assert!(!theirs.contains(reference) && !theirs.contains("Snapper"), "{path}");
    }
}

async fn again(server: &TestServer, surface: Surface, email: &str) -> Browser {
    let browser = server.visitor(surface);
    browser.log_in(SALTBUSH, email, PASSWORD).await;
    browser
}

/// The id of a resource.
pub fn id(of: &Value) -> String {
    of["id"].as_str().unwrap_or_else(|| panic!("no id in {of}")).to_owned()
}

fn sum(rows: &Value, field: &str) -> i64 {
    rows.as_array().unwrap().iter().map(|row| row[field].as_i64().unwrap()).sum()
}

fn strings<'v>(rows: &'v Value, field: &str) -> Vec<&'v str> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap()).collect()
}

fn strings_of(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().filter_map(Value::as_str).collect()
}
