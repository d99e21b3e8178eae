//! What the kitchen prepares before anybody can order: foods, dishes, the menu, packs.

use bk_tests::{Browser, Call, TestServer};
use serde_json::{Value, json};

use super::id;

const FOODS: &str = include_str!("../../data/ingredients.csv");
const IMPORT: &str = "/api/v1/admin/ingredients/import";

/// Imports foods, confirms their allergens and cooks two dishes of them. The answer is their ids.
pub async fn build_catalogue(kitchen: &Browser) -> Vec<String> {
    import_foods(kitchen).await;
    let foods = kitchen.get("/admin/ingredients?limit=100").await.ok();
    let food = |name: &str| -> Value {
        let found = foods["items"].as_array().unwrap().iter().find(|food| food["name"] == name);
        found.unwrap_or_else(|| panic!("{name} was not imported")).clone()
    };
    // Nobody guessed that trout is fish: a person says so.
    for (name, allergens) in [
        ("Smoked trout", json!(["fish"])),
        ("Snapper fillet", json!(["fish"])),
        ("Eggplant", json!([])),
        ("Coconut milk", json!([])),
    ] {
        let path = format!("/admin/ingredients/{}/allergens", id(&food(name)));
        let confirmed = kitchen.post(&path, &json!({"allergens": allergens})).await.ok();
        assert_eq!(confirmed["allergens"], allergens, "{name}");
    }
    let snapper = dish(
        "Snapper with coconut eggplant",
        &[
            (&food("Snapper fillet"), "160", "g"),
            (&food("Eggplant"), "0.4", "piece"),
            (&food("Coconut milk"), "0.25", "can"),
        ],
    );
    let trout = dish(
        "Smoked trout and eggplant",
        &[(&food("Smoked trout"), "150", "g"), (&food("Eggplant"), "100", "g")],
    );
    let mut ids = Vec::new();
    for dish in [snapper, trout] {
        let made = kitchen.post("/admin/dishes", &dish).await.ok();
        let shown = kitchen.get(&format!("/admin/dishes/{}", id(&made))).await.ok();
        assert_eq!(shown["computed"]["allergens_known"], true, "{shown}");
        assert_eq!(shown["computed"]["allergens"][0]["allergen"], "fish", "{shown}");
        ids.push(id(&made));
    }
    ids
}

/// A dry run reports and changes nothing; the import does what was reported; an invalid file does
/// nothing.
async fn import_foods(kitchen: &Browser) {
    let send = async |query: &str, file: &str| {
        let call = Call::post(format!("{IMPORT}?{query}"));
        kitchen.send(call.body("text/csv", file)).await
    };
    let report = send("dry_run=true", FOODS).await.ok();
    let rows = FOODS.lines().count() - 1;
    assert_eq!(report["created"], rows, "{report}");
    assert_eq!(report["errors"], json!([]));
    assert_eq!(kitchen.get("/admin/ingredients").await.ok()["items"], json!([]), "a dry run");

    let invalid = format!("{FOODS}Lobster,seafood,crustacean,not-a-number,,,,,,,kg,\n");
    let refused = send("dry_run=false", &invalid).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(refused.text().contains(&(rows + 2).to_string()), "names the row: {}", refused.text());
    assert_eq!(kitchen.get("/admin/ingredients").await.ok()["items"], json!([]), "all or nothing");

    let done = send("dry_run=false", FOODS).await.ok();
    assert_eq!(done["created"], rows);
    let again = send("dry_run=false", FOODS).await.ok();
    assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(rows)));
}

/// A dish that is a whole meal: the same recipe for both sizes, the larger a third larger.
fn dish(name: &str, parts: &[(&Value, &str, &str)]) -> Value {
    let lines: Vec<Value> = [300, 400]
        .into_iter()
        .flat_map(|size| {
            parts.iter().map(move |(food, quantity, unit)| {
                json!({
                    "meal_size_g": size, "ingredient_id": food["id"], "quantity": quantity, "unit": unit,
                })
            })
        })
        .collect();
    json!({
        "name": name, "description": "Cooked on the day.", "category": "BALANCED",
        "shelf_life_days": 4, "configurable": false, "lines": lines,
    })
}

/// Publishes the menu of the open week, and answers the week.
pub async fn offer_menu(server: &TestServer, kitchen: &Browser, dishes: &[String]) -> String {
    let weeks = kitchen.get("/admin/weeks?limit=100").await.ok();
    let now = server.clock.now();
    let open = weeks["items"].as_array().unwrap().iter().find(|week| {
        let at = |name: &str| {
            week[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap()
        };
        at("opens_at") <= now && now < at("closes_at")
    });
    let week = open.unwrap_or_else(|| panic!("no open week in {weeks}"))["week"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/admin/menus/{week}");
    let menu = json!({"dishes": [
        {"dish_id": dishes[0], "capacity": 12}, {"dish_id": dishes[1]},
    ]});
    kitchen.update("PUT", &path, &menu).await.done();
    let published = kitchen.post(&format!("{path}/publish"), &json!({})).await.ok();
    assert_eq!(published["state"], "PUBLISHED");
    week
}

/// One pack is on sale.
pub async fn sell_packs(owner: &Browser) {
    let pack = json!({
        "sku": "meals-20-300", "title": "20 meals of 300 g", "meals": 20, "meal_size_g": 300,
        "price": {"amount": 25_200, "currency": "AUD"}, "active": true,
    });
    owner.post("/admin/pack-products", &pack).await.done();
}
