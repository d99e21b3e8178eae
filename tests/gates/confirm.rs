//! Confirm takes meals once: fifty at the same time, and a process that is killed at every step of
//! the transaction (docs/cases.md, "Confirm").

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use bk_tests::{
    Browser, Call, TestServer,
    server::{DEMO_NOW, GREENFORK},
};
use futures::future::join_all;
use serde_json::{Value, json};

/// Meals in the order: of `client1`, who has one pack of 20 meals of 300 g and no preferences.
const MEALS: i64 = 6;

/// Where the process is killed: at each step, after the commit, and before it did anything.
const STEPS: [&str; 6] = [
    "confirm_order::account_locked",
    "confirm_order::dishes_counted",
    "confirm_order::meals_consumed",
    "confirm_order::allocation_stored",
    "confirm_order::fact_published",
    // After the commit and before anybody was told; last, because the order is confirmed then.
    "committed",
];

const KILLS: usize = 50;

const CONFIRM: &str = "/client/orders/current/confirm";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_confirms_at_once_take_the_meals_once_and_get_the_same_answer() {
    let server = TestServer::start().await;
    let client = server.client(GREENFORK, "client1").await;
    draft(&client).await;
    let nothing = json!({});
    let answers = join_all((0..50).map(|_| client.post(CONFIRM, &nothing))).await;
    let first = answers[0].ok();
    assert_eq!(first["state"], "CONFIRMED");
    for answer in &answers {
        assert_eq!(answer.ok(), first);
    }
    assert_eq!(consumptions(&server).await, vec![-MEALS]);
    assert_eq!(broken(&server).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_confirms_with_one_key_take_the_meals_once_and_refuse_only_while_running() {
    let server = TestServer::start().await;
    let client = server.client(GREENFORK, "client1").await;
    draft(&client).await;
    let call = Call::post(format!("/api/v1{CONFIRM}"))
        .json(&json!({}))
        .idempotency_key("one-and-the-same");
    let answers = join_all((0..50).map(|_| client.send(call.clone()))).await;
    for answer in &answers {
        let known = ["200", "409 IDEMPOTENCY_IN_PROGRESS"].contains(&answer.outcome().as_str());
        assert!(known, "{} {}", answer.outcome(), answer.text());
    }
    let again = client.send(call).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.ok()["state"], "CONFIRMED");
    assert_eq!(consumptions(&server).await, vec![-MEALS]);
    assert_eq!(broken(&server).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_confirm_killed_at_any_step_leaves_nothing_half_done() {
    let server = TestServer::start().await;
    let client = server.client(GREENFORK, "client1").await;
    draft(&client).await;
    let me = client.get("/client/auth/me").await.ok();
    let (before_commit, committed) = (&STEPS[..STEPS.len() - 1], STEPS[STEPS.len() - 1]);
    for kill in 0..KILLS - 1 {
        let step = before_commit[kill % before_commit.len()];
        kill_at(&server, &me, step);
        assert_eq!(consumptions(&server).await, Vec::<i64>::new(), "killed at: {step}");
        assert_eq!(broken(&server).await, Vec::<String>::new(), "killed at: {step}");
    }
    assert_eq!(client.get("/client/orders/current").await.ok()["state"], "DRAFT");
    // The reply is lost, the order is not.
    kill_at(&server, &me, committed);
    assert_eq!(consumptions(&server).await, vec![-MEALS]);
    let retried = client.post(CONFIRM, &json!({})).await.ok();
    assert_eq!(retried["state"], "CONFIRMED");
    assert_eq!(consumptions(&server).await, vec![-MEALS]);
    assert_eq!(broken(&server).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_retry_after_a_kill_confirms_once() {
    let server = TestServer::start().await;
    let client = server.client(GREENFORK, "client1").await;
    draft(&client).await;
    let me = client.get("/client/auth/me").await.ok();
    kill_at(&server, &me, "confirm_order::meals_consumed");
    assert_eq!(client.post(CONFIRM, &json!({})).await.ok()["state"], "CONFIRMED");
    assert_eq!(consumptions(&server).await, vec![-MEALS]);
    assert_eq!(broken(&server).await, Vec::<String>::new());
}

/// Orders `MEALS` meals of the first two dishes that suit.
async fn draft(client: &Browser) {
    let menu = client.get("/client/menu/current").await.ok();
    let suits = |dish: &&Value| {
        let left = dish["capacity_left"].as_i64();
        dish["suitability"]["status"] != "BLOCKED" && left.is_none_or(|left| left >= MEALS)
    };
    // A dish with a capacity first, so that counting it is part of the test.
    let mut dishes: Vec<&Value> = menu["dishes"].as_array().unwrap().iter().filter(suits).collect();
    dishes.sort_by_key(|dish| dish["capacity_left"].is_null());
    assert!(!dishes[0]["capacity_left"].is_null(), "some dish of the demo menu has a capacity");
    let line = |dish: &Value, quantity: i64| json!({"dish_id": dish["dish_id"], "meal_size_g": 300, "quantity": quantity});
    let lines = json!({"lines": [line(dishes[0], 4), line(dishes[1], MEALS - 4)]});
    client.put("/client/orders/current/lines", &lines).await.done();
}

/// Runs a confirm of its own process up to `step` and kills it there.
fn kill_at(server: &TestServer, me: &Value, step: &str) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_confirm_once"))
        .arg(server.db.url.expose())
        .args([me["tenant"]["id"].as_str().unwrap(), me["user"]["id"].as_str().unwrap()])
        .args([DEMO_NOW, step])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = first_line(&mut child);
    // SIGKILL: nothing of the process gets to clean up.
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(said, "reached", "the step is on the way: {step}");
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// The meals taken by orders of the open week, one entry per taking.
async fn consumptions(server: &TestServer) -> Vec<i64> {
    sqlx::query_scalar(
        "SELECT e.delta::bigint FROM kitchen_pack_events e
         JOIN kitchen_orders o ON o.tenant_id = e.tenant_id AND o.id = e.order_id
         JOIN kitchen_order_weeks w ON w.tenant_id = o.tenant_id AND w.id = o.week_id
         WHERE e.kind = 'CONSUMED' AND w.closes_at > $1",
    )
    .bind(server.clock.now())
    .fetch_all(&server.db.admin)
    .await
    .unwrap()
}

/// What contradicts itself, anywhere in the database.
async fn broken(server: &TestServer) -> Vec<String> {
    sqlx::query_scalar(INVARIANTS).fetch_all(&server.db.admin).await.unwrap()
}

/// A pack holds the sum of its events; an order is a draft with nothing taken, or confirmed with
/// everything taken, dealt and told; a dish counts the meals that were confirmed of it.
const INVARIANTS: &str = "
    SELECT format('pack %s holds %s meals, its events say %s', p.id, p.meals_remaining, sum(e.delta))
    FROM kitchen_packs p JOIN kitchen_pack_events e ON e.tenant_id = p.tenant_id AND e.pack_id = p.id
    GROUP BY p.tenant_id, p.id, p.meals_remaining HAVING p.meals_remaining <> sum(e.delta)
    UNION ALL
    SELECT format('%s order %s: %s meals ordered, %s taken, %s dealt, %s told', state, id, ordered, taken, dealt, told)
    FROM (
        SELECT o.id, o.state,
            (SELECT coalesce(sum(quantity), 0) FROM kitchen_order_lines l
             WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id) AS ordered,
            (SELECT coalesce(-sum(delta), 0) FROM kitchen_pack_events e
             WHERE e.tenant_id = o.tenant_id AND e.order_id = o.id) AS taken,
            (SELECT coalesce(sum(meals), 0) FROM kitchen_order_allocations a
             WHERE a.tenant_id = o.tenant_id AND a.order_id = o.id) AS dealt,
            (SELECT count(*) FROM kitchen_order_events e
             WHERE e.tenant_id = o.tenant_id AND e.order_id = o.id AND e.kind = 'CONFIRMED') AS told
        FROM kitchen_orders o
    ) AS counted
    WHERE CASE state
        WHEN 'DRAFT' THEN taken <> 0 OR dealt <> 0 OR told <> 0
        WHEN 'CANCELLED' THEN taken <> 0
        ELSE taken <> ordered OR dealt <> ordered OR told <> 1
    END
    UNION ALL
    SELECT format('dish %s counts %s meals, %s were confirmed', d.dish_id, d.ordered, confirmed.meals)
    FROM kitchen_menu_dishes d
    JOIN kitchen_menu_weeks m ON m.tenant_id = d.tenant_id AND m.id = d.menu_week_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(l.quantity), 0) AS meals
        FROM kitchen_orders o
        JOIN kitchen_order_lines l ON l.tenant_id = o.tenant_id AND l.order_id = o.id
        WHERE o.tenant_id = d.tenant_id AND o.week_id = m.week_id AND l.dish_id = d.dish_id
          AND o.state IN ('CONFIRMED', 'LOCKED', 'FULFILLED')
    ) AS confirmed
    WHERE d.capacity IS NOT NULL AND d.ordered <> confirmed.meals";
