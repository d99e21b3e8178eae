//! What the customer does: reads the menu, pays, orders.

use bk_kernel::Surface;
use bk_tests::{Browser, Call, TestServer};
use serde_json::{Value, json};

use super::id;

/// Buys the pack on offer on the payment provider's page. However the events about it arrive, the
/// pack is there once.
pub async fn buy_pack(server: &TestServer, client: &Browser) {
    let offered = client.get("/client/pack-products").await.ok();
    assert_eq!(offered["items"][0]["price"], json!({"amount": 25_200, "currency": "AUD"}));
    let path = format!("/api/v1/client/packs/{}/checkout", id(&offered["items"][0]));
    let urls = json!({
        "success_url": "http://localhost:3000/packs/thanks",
        "cancel_url": "http://localhost:3000/packs",
    });
    let call = Call::post(path).json(&urls).idempotency_key("one-purchase");
    let started = client.send(call.clone()).await;
    assert_eq!(started.status, 201, "{}", started.text());
    let url = started.json()["checkout_url"].as_str().unwrap().to_owned();
    assert_eq!(client.send(call).await.json(), started.json(), "asking again opens no second page");

    // The page belongs to the provider: another site, without our cookies.
    let stranger = server.visitor(Surface::Client);
    let page = stranger.send(Call::get(url.clone())).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("20 meals of 300 g") && page.text().contains("Pay"));
    assert_eq!(client.get("/client/packs").await.ok()["items"], json!([]), "nothing is paid yet");

    server.simulator.set_auto_delivery(false);
    let paid = stranger.send(Call::post(format!("{url}/pay"))).await;
    assert!(paid.status < 400, "{}", paid.text());
    let events: Vec<String> =
        server.simulator.events().iter().map(|event| event.id.clone()).collect();
    assert!(events.len() > 1, "one payment is told in several events");
    // Latest first, each twice, and all of them again once the work is done.
    let untidy = events.iter().rev().flat_map(|id| [id, id]);
    server.simulator.deliver(untidy).await.unwrap();
    server.work().await;
    server.simulator.deliver(&events).await.unwrap();
    server.work().await;

    let packs = client.get("/client/packs").await.ok();
    assert_eq!(packs["items"].as_array().unwrap().len(), 1, "{packs}");
    assert_eq!(packs["items"][0]["meals_remaining"], 20);
    let money = client.get("/client/billing/transactions").await.ok();
    assert_eq!(money["items"].as_array().unwrap().len(), 1, "{money}");
}

/// Drafts an order and answers its lines.
pub async fn draft(client: &Browser, dishes: &[String]) -> Value {
    let menu = client.get("/client/menu/current").await.ok();
    assert_eq!(menu["state"], "OPEN");
    for dish in menu["dishes"].as_array().unwrap() {
        assert_eq!(dish["suitability"]["status"], "OK", "{dish}");
        assert_eq!(dish["allergens"], json!(["fish"]));
    }
    assert_eq!(client.get("/client/orders/current").await.outcome(), "404 NOT_FOUND");
    let line = |dish: &String, quantity: i32| json!({"dish_id": dish, "meal_size_g": 300, "quantity": quantity});
    let too_many = json!({"lines": [line(&dishes[0], 13), line(&dishes[1], 12)]});
    let shown = put_lines(client, &too_many).await;
    let warned: Vec<&str> =
        shown["warnings"].as_array().unwrap().iter().filter_map(|w| w["code"].as_str()).collect();
    assert!(warned.contains(&"NOT_ENOUGH_MEALS") && warned.contains(&"SOLD_OUT"), "{warned:?}");
    let refused = client.post("/client/orders/current/confirm", &json!({})).await;
    assert_eq!(refused.outcome(), "409 DISH_SOLD_OUT");

    let lines = json!({"lines": [line(&dishes[0], 6), line(&dishes[1], 3)]});
    let shown = put_lines(client, &lines).await;
    assert_eq!(shown["warnings"], json!([]));
    assert_eq!(shown["meals_needed"]["total"], 9);
    assert_eq!(shown["meals_left"]["total"], 20);
    assert!(shown["allocation_preview"].is_object(), "{shown}");
    lines
}

/// Confirms, retries in every way, and answers the order.
pub async fn confirm(client: &Browser, lines: &Value) -> Value {
    let confirm = Call::post("/api/v1/client/orders/current/confirm")
        .json(&json!({}))
        .idempotency_key("confirm-of-the-week");
    let first = client.send(confirm.clone()).await.ok();
    assert_eq!(first["state"], "CONFIRMED");
    let replayed = client.send(confirm).await;
    assert_eq!(replayed.header("idempotency-replayed"), "true");
    assert_eq!(replayed.ok(), first);
    let without_a_key = client.post("/client/orders/current/confirm", &json!({})).await.ok();
    assert_eq!(without_a_key, first);
    let other_tab = Call::post("/api/v1/client/orders/current/confirm")
        .json(&json!({}))
        .idempotency_key("another-tab");
    assert_eq!(client.send(other_tab).await.outcome(), "409 STATE_CONFLICT");
    assert_eq!(client.get("/client/packs").await.ok()["items"][0]["meals_remaining"], 20 - 9);
    let late = client.put("/client/orders/current/lines", lines).await;
    assert_eq!(late.outcome(), "409 STATE_CONFLICT", "a confirmed order is not edited");
    first
}

async fn put_lines(client: &Browser, lines: &Value) -> Value {
    client.put("/client/orders/current/lines", lines).await.ok()
}
