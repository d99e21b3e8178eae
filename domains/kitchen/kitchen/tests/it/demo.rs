//! The demo in a database.

use std::collections::BTreeMap;

use bk_kernel::UserId;
use bk_kitchen_accounts::{
    accounts,
    preferences::{default_rules, evaluate},
};
use bk_kitchen_catalogue::{Allergen, CatalogueDish, load_snapshot};
use bk_kitchen_core::MealSize;
use bk_kitchen_demo::{DemoError, DemoPeople, seed};
use bk_persistence::DbError;
use toml::Value;

use crate::fixture::demo::{DemoKitchen, wednesday};

/// What the demo's file says of a kitchen.
fn demo_file(slug: &str) -> Value {
    let file: Value = toml::from_str(include_str!("../../../demo/data/tenants.toml")).unwrap();
    let tenants = file["tenant"].as_array().unwrap();
    tenants.iter().find(|tenant| tenant["slug"].as_str() == Some(slug)).unwrap().clone()
}

#[tokio::test]
async fn both_kitchens_are_seeded_whole() {
    for slug in ["greenfork", "northside"] {
        let demo = DemoKitchen::seeded(slug).await;
        let snapshot = demo.kitchen.catalogue().snapshot(demo.tenant).await.unwrap();
        assert_eq!(snapshot.recipes.ingredients.len(), 149);
        assert_eq!(snapshot.recipes.recipes.len(), 11);
        assert!(
            snapshot.dishes.len() >= 39
                && snapshot.dishes.values().all(CatalogueDish::can_be_on_menu)
        );
        assert_eq!(
            (snapshot.sides.len(), snapshot.presets.len(), snapshot.bases.len()),
            (12, 4, 2)
        );
        assert_eq!(demo.count("SELECT count(*) FROM kitchen_accounts").await, 8);
        assert_eq!(demo.count("SELECT count(*) FROM kitchen_menu_weeks").await, 5);
        let weeks = demo.count("SELECT count(*) FROM kitchen_order_weeks").await;
        assert_eq!(weeks, 10);
    }
}

#[tokio::test]
async fn a_pack_holds_what_the_file_says_and_its_events_sum_to_it() {
    let demo = DemoKitchen::seeded("greenfork").await;
    let wrong = "SELECT count(*) FROM kitchen_packs p WHERE meals_remaining <>
        (SELECT sum(delta) FROM kitchen_pack_events e WHERE e.pack_id = p.id)";
    assert_eq!(demo.count(wrong).await, 0);
    let file = demo_file("greenfork");
    let products = file["pack_product"].as_array().unwrap();
    let left = |pack: &Value| {
        let product = products.iter().find(|product| product["sku"] == pack["sku"]).unwrap();
        product["meals"].as_integer().unwrap() - pack["used"].as_integer().unwrap()
    };
    let accounts = file["account"].as_array().unwrap().iter();
    let left: i64 = accounts.flat_map(|one| one["packs"].as_array().unwrap()).map(left).sum();
    let stored = demo.count("SELECT sum(meals_remaining) FROM kitchen_packs").await;
    assert_eq!(stored, left);
}

#[tokio::test]
async fn seeding_again_changes_nothing() {
    const ALL: &str = "SELECT (SELECT count(*) FROM kitchen_recipe_lines)
        + (SELECT count(*) FROM kitchen_pack_events) + (SELECT count(*) FROM kitchen_orders)
        + (SELECT count(*) FROM kitchen_menu_dishes) + (SELECT count(*) FROM kitchen_order_weeks)
        + (SELECT version FROM kitchen_catalogue_versions)";
    let demo = DemoKitchen::seeded("northside").await;
    let before = demo.count(ALL).await;
    demo.seed("northside", wednesday()).await;
    assert_eq!(demo.count(ALL).await, before);
}

#[tokio::test]
async fn the_rotation_begins_with_the_current_week_and_goes_on_a_week_later() {
    let demo = DemoKitchen::seeded("greenfork").await;
    demo.seed("greenfork", wednesday() + chrono::TimeDelta::days(7)).await;
    let menus = demo.db.pairs(
        "SELECT w.week, d.key FROM kitchen_order_weeks w
           JOIN kitchen_menu_weeks m ON m.week_id = w.id
           JOIN kitchen_menu_dishes o ON o.menu_week_id = m.id AND o.position = 3
           JOIN kitchen_dishes d ON d.id = o.dish_id ORDER BY w.week",
    );
    let menus = menus.await;
    let lists = &demo_file("greenfork")["menu"];
    let expected = ["week_c", "week_a", "week_b", "week_c", "week_a", "week_b"];
    let weeks = ["2026-W48", "2026-W49", "2026-W50", "2026-W51", "2026-W52", "2026-W53"];
    let expected: Vec<(String, String)> = weeks
        .iter()
        .zip(expected)
        .map(|(week, list)| ((*week).to_owned(), lists[list][3].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(menus, expected);
}

#[tokio::test]
async fn the_past_week_is_locked_with_two_orders_that_suit_their_accounts() {
    for slug in ["greenfork", "northside"] {
        let demo = DemoKitchen::seeded(slug).await;
        let locked = "SELECT count(*) FROM kitchen_orders WHERE state = 'LOCKED'";
        assert_eq!(demo.count(locked).await, 2);
        let meals = "SELECT sum(meals)::bigint FROM kitchen_production_plans WHERE number = 0";
        assert_eq!(demo.count(meals).await, 13);
    }
}

#[tokio::test]
async fn allergens_reach_the_dishes_and_block_them() {
    let demo = DemoKitchen::seeded("greenfork").await;
    let (tenant, user) = (demo.tenant, demo.people.client_users["client2"]);
    let scope = demo.kitchen.tenant(tenant);
    let (snapshot, rules) = scope
        .read(move |tx| async move {
            let account = accounts::account_of(&tx, user).await?.unwrap();
            Ok::<_, DbError>((load_snapshot(&tx).await?, default_rules(&tx, account.id).await?))
        })
        .await
        .unwrap();
    let barramundi =
        snapshot.dishes.values().find(|dish| dish.entry.key == "macadamia_barramundi").unwrap();
    let composition = &barramundi.computed.composition;
    assert!(composition.allergens.contains_key(&Allergen::Macadamia));
    let serving = &barramundi.computed.servings[&MealSize::G300];
    assert!(evaluate(&rules, &serving.subject).is_blocked());
}

#[tokio::test]
async fn a_login_without_a_user_seeds_nothing() {
    let demo = DemoKitchen::empty("greenfork").await;
    let people = DemoPeople { client_users: BTreeMap::new(), manager: UserId::new() };
    let ctx = demo.operation(wednesday());
    let outcome = seed(&ctx, demo.kitchen.catalogue(), "greenfork", &people).await;
    assert!(matches!(outcome, Err(DemoError::NoLogin(login)) if login == "client1"));
    assert_eq!(demo.count("SELECT count(*) FROM kitchen_ingredients").await, 0);
}
