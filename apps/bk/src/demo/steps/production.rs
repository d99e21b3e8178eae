//! Step 7: the cutoff comes, the week is locked, production gets its sheets, and the clock goes back.

use serde_json::json;
use uuid::Uuid;

use super::{
    customer::Customer, menu::Menu, order::Order, purchase::only_pack, staff::COOK, tenant::Kitchen,
};
use crate::demo::{
    answer::Reading,
    ask::Ask,
    browser::Browser,
    clock::told as at,
    failure::{Failure, ensure},
    people::Person,
    progress::Done,
    stage::Stage,
};

/// Each sheet with the list that its plans have in JSON.
const SHEETS: [(&str, &str); 5] = [
    ("production", "/meals"),
    ("ingredients", "/ingredients"),
    ("purchasing", "/purchases"),
    ("labels", "/labels"),
    ("packing", "/boxes"),
];

/// The forms of every sheet besides JSON, with what each must begin with.
const PRINTED: [(&str, &str); 2] = [("text/csv", ""), ("text/html", "<!doctype html>")];

/// What there is to look at afterwards.
#[derive(Debug)]
pub(in crate::demo) struct Production {
    pub(in crate::demo) cook: Person,
    /// The cook, logged in.
    pub(in crate::demo) browser: Browser,
    /// Routes of the sheets below `/api/v1`.
    pub(in crate::demo) sheets: Vec<String>,
}

/// Moves the clock to the cutoff, locks, and reads every sheet in every form.
pub(in crate::demo) async fn play(
    stage: &Stage,
    kitchen: &Kitchen,
    customer: &Customer,
    menu: &Menu,
    order: &Order,
) -> Result<Done<Production>, Failure> {
    stage.clock.move_to(menu.cutoff_at).await?;
    let mut told = vec![format!("the clock was moved to the cutoff, {}", at(menu.cutoff_at))];
    let cook = Person::staff(&kitchen.slug, kitchen.email(COOK));
    let browser = cook.log_in(stage).await?;
    told.push(lock(&browser, menu, order).await?);
    let mut sheets = Vec::new();
    for (sheet, rows) in SHEETS {
        let path = format!("/admin/weeks/{}/{sheet}", menu.week);
        told.push(read_sheet(&browser, &path, sheet, rows, order).await?);
        sheets.push(path);
    }
    check_customer(stage, customer, order).await?;
    told.push("the order is LOCKED, its meals were taken once".to_owned());
    // Nothing later needs it, and other kitchens' weeks come due while it stands ahead.
    if let Some(now) = stage.clock.put_back().await? {
        told.push(format!("the clock is back at {}", at(now)));
        told.push("what came due meanwhile stays done, in every kitchen here".to_owned());
    }
    Ok(Done { value: Production { cook, browser, sheets }, told })
}

/// Locks the week, twice: whoever comes first, the worker or the cook, the second changes nothing.
async fn lock(browser: &Browser, menu: &Menu, order: &Order) -> Result<String, Failure> {
    let ask =
        || Ask::post(format!("/admin/weeks/{}/lock", menu.week), json!({})).once(Uuid::new_v4());
    let first = browser.ask(ask()).await?;
    let again = browser.ask(ask()).await?;
    let locked = first.json()?;
    ensure(locked.value == again.json()?.value, || {
        format!("locking again was answered\n{}\nand first\n{}", again.text, first.text)
    })?;
    let (orders, meals) = (locked.number("/orders")?, locked.number("/meals")?);
    ensure(orders == 1 && meals == order.meals, || {
        format!("one order of {} meals was confirmed; locked are {}", order.meals, first.text)
    })?;
    let since = at(locked.instant("/locked_at")?);
    Ok(format!("{} is locked since {since}: {orders} order, {meals} meals", menu.week))
}

/// Reads a sheet in its three forms and tells how much is on it.
async fn read_sheet(
    browser: &Browser,
    path: &str,
    sheet: &str,
    rows: &str,
    order: &Order,
) -> Result<String, Failure> {
    let answer = browser.ask(Ask::get(path).accepting("application/json")).await?;
    let plans = answer.json()?.list("/plans")?;
    let [plan] = plans.as_slice() else {
        return Err(Failure::Wrong(format!(
            "the {sheet} sheet has {} plans, not one",
            plans.len()
        )));
    };
    let rows = plan.list(rows)?;
    let meals = meals_on(sheet, &rows)?.unwrap_or(order.meals);
    ensure(meals == order.meals && plan.number("/total_meals")? == meals, || {
        format!("{} meals were ordered, the {sheet} sheet has {meals}: {}", order.meals, plan.value)
    })?;
    ensure(!rows.is_empty(), || format!("the {sheet} sheet is empty"))?;
    let mut lines = 0;
    for (media_type, beginning) in PRINTED {
        let answer = browser.ask(Ask::get(path).accepting(media_type)).await?;
        let right = answer.media_type() == media_type && answer.text.starts_with(beginning);
        ensure(right && !answer.text.trim().is_empty(), || {
            format!("{} with Accept: {media_type} came as {}", answer.request, answer.media_type())
        })?;
        if media_type == "text/csv" {
            lines = answer.text.lines().count();
        }
    }
    Ok(format!("{sheet}: JSON ({} in its list), CSV ({lines} lines), a page", rows.len()))
}

/// The meals on a sheet that counts them: every sheet that does must have them all.
fn meals_on(sheet: &str, rows: &[Reading<'_>]) -> Result<Option<i64>, Failure> {
    let sum = |rows: &[Reading<'_>]| -> Result<i64, Failure> {
        rows.iter().map(|row| row.number("/meals")).sum()
    };
    match sheet {
        "production" => sum(rows).map(Some),
        "labels" => Ok(i64::try_from(rows.len()).ok()),
        "packing" => {
            let boxes = rows.iter().map(|packed| sum(&packed.list("/meals")?));
            boxes.sum::<Result<i64, _>>().map(Some)
        }
        _ => Ok(None),
    }
}

/// What the customer sees afterwards.
async fn check_customer(stage: &Stage, customer: &Customer, order: &Order) -> Result<(), Failure> {
    let browser = customer.person.still_in(stage, customer.browser.clone()).await?;
    let answer = browser.ask(Ask::get(format!("/client/orders/{}", order.id))).await?;
    let now = answer.json()?.text("/state")?;
    ensure(now == "LOCKED", || format!("after the lock the order is {now}"))?;
    let pack = only_pack(&browser).await?;
    let taken = pack.as_ref().map(|pack| pack.meals_total - pack.meals_remaining);
    ensure(taken == Some(order.meals), || {
        format!("{} meals, but the pack is {pack:?}", order.meals)
    })
}

#[cfg(test)]
mod tests {
    use reqwest::{StatusCode, header::HeaderMap};

    use super::*;
    use crate::demo::answer::Answer;

    fn meals(sheet: &str, json: &str) -> Option<i64> {
        let answer =
            Answer::new("GET /x".to_owned(), StatusCode::OK, HeaderMap::new(), json.to_owned());
        meals_on(sheet, &answer.json().unwrap().list("").unwrap()).unwrap()
    }

    #[test]
    fn meals_are_counted_on_every_sheet_that_has_them() {
        assert_eq!(meals("production", r#"[{"meals": 4}, {"meals": 3}]"#), Some(7));
        assert_eq!(meals("labels", "[{}, {}, {}]"), Some(3));
        let boxes = r#"[{"meals": [{"meals": 4}, {"meals": 2}]}, {"meals": [{"meals": 1}]}]"#;
        assert_eq!(meals("packing", boxes), Some(7));
        assert_eq!(meals("purchasing", "[{}]"), None);
    }
}
