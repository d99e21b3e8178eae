//! Step 6: the customer drafts an order while the window is open, confirms it, and tries to confirm it again.

use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{
    customer::Customer,
    menu::{Menu, PACK_SIZE_G},
    purchase::{Pack, Purchase, only_pack},
};
use crate::demo::{
    browser::Browser,
    clock::{format_instant, instant_in_window},
    failure::{Failure, ensure},
    progress::StepResult,
    request::Request,
    response::Response,
    server::DevServer,
};

/// Number of meals of each dish, in the order of the menu.
const QUANTITIES: [i64; 2] = [4, 3];

/// A confirmed order.
#[derive(Debug)]
pub(in crate::demo) struct Order {
    pub(in crate::demo) id: String,
    pub(in crate::demo) meals: i64,
}

/// Moves the clock into the window when that is closed, drafts the order, confirms it and retries.
pub(in crate::demo) async fn run(
    server: &DevServer,
    customer: &Customer,
    menu: &Menu,
    purchase: &Purchase,
) -> Result<StepResult<Order>, Failure> {
    let mut messages = vec![move_into_window(server, menu).await?];
    let browser = customer.user.renew_session(server, customer.browser.clone()).await?;
    let (meals, preview) = draft(&browser, menu, &purchase.pack).await?;
    messages.extend(preview);
    let id = confirm(&browser, meals).await?;
    let pack = only_pack(&browser).await?;
    let remaining = purchase.pack.meals_total - meals;
    ensure(pack.as_ref().is_some_and(|pack| pack.meals_remaining == remaining), || {
        format!("{meals} meals were ordered once, the pack is {pack:?}")
    })?;
    messages.push(format!("confirmed: {id}"));
    messages
        .push("retried twice: the same response; with another key: 409 STATE_CONFLICT".to_owned());
    messages.push(format!("{meals} meals were taken once, {remaining} stay in the pack"));
    Ok(StepResult { value: Order { id, meals }, messages })
}

/// Moves the clock into the window of the week, unless that is open.
async fn move_into_window(server: &DevServer, menu: &Menu) -> Result<String, Failure> {
    let now = server.clock.now().await?;
    let Some(to) = instant_in_window(now, menu.opens_at, menu.closes_at) else {
        return Ok(format!(
            "the window of {} is open until {}",
            menu.week,
            format_instant(menu.closes_at)
        ));
    };
    server.clock.move_to(to).await?;
    Ok(format!(
        "the window of {} was closed; the clock was moved to {}",
        menu.week,
        format_instant(to)
    ))
}

/// Drafts the order. Returns its number of meals, and messages with the preview of the confirmation.
async fn draft(browser: &Browser, menu: &Menu, pack: &Pack) -> Result<(i64, Vec<String>), Failure> {
    let lines: Vec<_> = menu
        .dish_ids
        .iter()
        .zip(QUANTITIES)
        .map(|(id, quantity)| {
            json!({"dish_id": id, "meal_size_g": PACK_SIZE_G, "quantity": quantity})
        })
        .collect();
    let request = Request::put("/client/orders/current/lines", json!({"lines": lines}));
    let response = browser.send(request).await?;
    let order = response.json()?;
    let (needed, left) = (order.number("/meals_needed/total")?, order.number("/meals_left/total")?);
    ensure(left == pack.meals_remaining && needed == QUANTITIES.iter().sum::<i64>(), || {
        format!("the draft needs {needed} meals and says that {left} are left")
    })?;
    let mut messages = vec![format!("drafted: needs {needed} of {left} meals; preview:")];
    let names: Vec<_> =
        order.list("/lines")?.iter().map(|line| line.text("/name")).collect::<Result<_, _>>()?;
    let preview = order.list("/allocation_preview/lines")?;
    ensure(preview.len() == names.len(), || format!("the preview has {} lines", preview.len()))?;
    for (line, name) in preview.iter().zip(names) {
        let portions = line.list("/portions")?;
        let meals = portions.iter().map(|portion| portion.number("/meals"));
        let meals = meals.sum::<Result<i64, _>>()?;
        messages.push(format!("  {meals} x {name}, {} g", line.number("/meal_size_g")?));
    }
    for warning in order.list("/warnings")? {
        messages.push(format!("  {}: {}", warning.text("/code")?, warning.text("/message")?));
    }
    Ok((needed, messages))
}

/// Confirms the draft and then tries again: with the same idempotency key, as after a lost response; without a key;
/// and with another key, which is a conflict. Returns the id of the order.
async fn confirm(browser: &Browser, meals: i64) -> Result<String, Failure> {
    let request = || Request::post("/client/orders/current/confirm", json!({}));
    let key = Uuid::new_v4();
    let first = browser.send(request().idempotency_key(key)).await?;
    ensure_confirmed(&first, meals)?;
    let with_same_key = browser.send(request().idempotency_key(key)).await?;
    let without_key = browser.send(request()).await?;
    for again in [&with_same_key, &without_key] {
        ensure(again.json()?.value == first.json()?.value, || {
            format!(
                "a retried confirmation was answered\n{}\nand first\n{}",
                again.text, first.text
            )
        })?;
    }
    let other_key = request().idempotency_key(Uuid::new_v4()).expecting(StatusCode::CONFLICT);
    let conflict = browser.send(other_key).await?;
    ensure(conflict.json()?.text("/code")? == "STATE_CONFLICT", || {
        format!("another attempt to confirm was answered {}", conflict.text)
    })?;
    Ok(first.json()?.text("/id")?.to_owned())
}

fn ensure_confirmed(response: &Response, meals: i64) -> Result<(), Failure> {
    let order = response.json()?;
    let (state, needed) = (order.text("/state")?, order.number("/meals_needed/total")?);
    ensure(state == "CONFIRMED" && needed == meals && order.has("/allocation"), || {
        format!("after confirming {meals} meals the order is {state} with {needed}")
    })
}
