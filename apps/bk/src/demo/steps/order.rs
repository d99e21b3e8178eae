//! Step 6: the customer drafts an order in the window, confirms it, and tries to confirm it again.

use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{
    customer::Customer,
    menu::{Menu, PACK_SIZE_G},
    purchase::{Pack, Purchase, only_pack},
};
use crate::demo::{
    answer::Answer,
    ask::Ask,
    browser::Browser,
    clock::{into_window, told as at},
    failure::{Failure, ensure},
    progress::Done,
    stage::Stage,
};

/// Meals per dish, in the menu's order.
const QUANTITIES: [i64; 2] = [4, 3];

/// A confirmed order.
#[derive(Debug)]
pub(in crate::demo) struct Order {
    pub(in crate::demo) id: String,
    pub(in crate::demo) meals: i64,
}

/// Opens the window if it must be, drafts, confirms, and retries.
pub(in crate::demo) async fn play(
    stage: &Stage,
    customer: &Customer,
    menu: &Menu,
    purchase: &Purchase,
) -> Result<Done<Order>, Failure> {
    let mut told = vec![enter_window(stage, menu).await?];
    let browser = customer.person.still_in(stage, customer.browser.clone()).await?;
    let (meals, preview) = draft(&browser, menu, &purchase.pack).await?;
    told.extend(preview);
    let id = confirm(&browser, meals).await?;
    let pack = only_pack(&browser).await?;
    let left = purchase.pack.meals_total - meals;
    ensure(pack.as_ref().is_some_and(|pack| pack.meals_remaining == left), || {
        format!("{meals} meals were ordered once, the pack is {pack:?}")
    })?;
    told.push(format!("confirmed: {id}"));
    told.push("retried twice: the same answer; under another key: 409 STATE_CONFLICT".to_owned());
    told.push(format!("{meals} meals were taken once, {left} stay in the pack"));
    Ok(Done { value: Order { id, meals }, told })
}

/// Moves the clock into the window of the menu, if it is not there.
async fn enter_window(stage: &Stage, menu: &Menu) -> Result<String, Failure> {
    let now = stage.clock.now().await?;
    let Some(to) = into_window(now, menu.opens_at, menu.closes_at) else {
        return Ok(format!("the window of {} is open until {}", menu.week, at(menu.closes_at)));
    };
    stage.clock.move_to(to).await?;
    Ok(format!("the window of {} was closed; the clock was moved to {}", menu.week, at(to)))
}

/// Drafts the order; tells its meals and the preview of what confirming would do.
async fn draft(browser: &Browser, menu: &Menu, pack: &Pack) -> Result<(i64, Vec<String>), Failure> {
    let lines: Vec<_> = menu
        .dish_ids
        .iter()
        .zip(QUANTITIES)
        .map(|(id, quantity)| {
            json!({"dish_id": id, "meal_size_g": PACK_SIZE_G, "quantity": quantity})
        })
        .collect();
    let ask = Ask::put("/client/orders/current/lines", json!({"lines": lines}));
    let answer = browser.ask(ask).await?;
    let order = answer.json()?;
    let (needed, left) = (order.number("/meals_needed/total")?, order.number("/meals_left/total")?);
    ensure(left == pack.meals_remaining && needed == QUANTITIES.iter().sum::<i64>(), || {
        format!("the draft needs {needed} meals and says that {left} are left")
    })?;
    let mut told = vec![format!("drafted: needs {needed} of {left} meals; preview:")];
    let names: Vec<_> =
        order.list("/lines")?.iter().map(|line| line.text("/name")).collect::<Result<_, _>>()?;
    let dealt = order.list("/allocation_preview/lines")?;
    ensure(dealt.len() == names.len(), || format!("the preview deals {} lines", dealt.len()))?;
    for (line, name) in dealt.iter().zip(names) {
        let portions = line.list("/portions")?;
        let meals = portions.iter().map(|portion| portion.number("/meals"));
        let meals = meals.sum::<Result<i64, _>>()?;
        told.push(format!("  {meals} x {name}, {} g", line.number("/meal_size_g")?));
    }
    for warning in order.list("/warnings")? {
        told.push(format!("  {}: {}", warning.text("/code")?, warning.text("/message")?));
    }
    Ok((needed, told))
}

/// Confirms the draft, then tries again: as after a lost reply, as a caller that names no key, and as
/// somebody who attempts it anew and is told that it was done.
async fn confirm(browser: &Browser, meals: i64) -> Result<String, Failure> {
    let ask = || Ask::post("/client/orders/current/confirm", json!({}));
    let lost = Uuid::new_v4();
    let first = browser.ask(ask().once(lost)).await?;
    check_confirmed(&first, meals)?;
    let retried = browser.ask(ask().once(lost)).await?;
    let unnamed = browser.ask(ask()).await?;
    for again in [&retried, &unnamed] {
        ensure(again.json()?.value == first.json()?.value, || {
            format!("a retried confirm was answered\n{}\nand first\n{}", again.text, first.text)
        })?;
    }
    let anew = ask().once(Uuid::new_v4()).expecting(StatusCode::CONFLICT);
    let refused = browser.ask(anew).await?;
    ensure(refused.json()?.text("/code")? == "STATE_CONFLICT", || {
        format!("another attempt to confirm was answered {}", refused.text)
    })?;
    Ok(first.json()?.text("/id")?.to_owned())
}

fn check_confirmed(answer: &Answer, meals: i64) -> Result<(), Failure> {
    let order = answer.json()?;
    let (state, needed) = (order.text("/state")?, order.number("/meals_needed/total")?);
    ensure(state == "CONFIRMED" && needed == meals && order.has("/allocation"), || {
        format!("after confirming {meals} meals the order is {state} with {needed}")
    })
}
