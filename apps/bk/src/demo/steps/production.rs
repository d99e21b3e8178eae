//! Step 7: the clock moves to the cutoff, the week is locked, the cook reads the production sheets, and the clock is
//! restored.

use serde_json::json;
use uuid::Uuid;

use super::{
    customer::Customer, menu::Menu, order::Order, purchase::only_pack, staff::COOK, tenant::Tenant,
};
use crate::demo::{
    browser::Browser,
    clock::format_instant,
    failure::{Failure, ensure},
    progress::StepResult,
    request::Request,
    response::JsonPart,
    server::DevServer,
    user::User,
};

/// The sheets, with the JSON pointer to the rows of a plan.
const SHEETS: [(&str, &str); 5] = [
    ("production", "/meals"),
    ("ingredients", "/ingredients"),
    ("purchasing", "/purchases"),
    ("labels", "/labels"),
    ("packing", "/boxes"),
];

/// The media types of every sheet besides JSON, with the start of the body.
const PRINTABLE_TYPES: [(&str, &str); 2] = [("text/csv", ""), ("text/html", "<!doctype html>")];

/// The cook and the sheets of the locked week.
#[derive(Debug)]
pub(in crate::demo) struct Production {
    pub(in crate::demo) cook: User,
    /// The cook's browser, logged in.
    pub(in crate::demo) browser: Browser,
    /// Paths of the sheets below `/api/v1`.
    pub(in crate::demo) sheets: Vec<String>,
}

/// Moves the clock to the cutoff, locks the week, and reads every sheet in every media type.
pub(in crate::demo) async fn run(
    server: &DevServer,
    tenant: &Tenant,
    customer: &Customer,
    menu: &Menu,
    order: &Order,
) -> Result<StepResult<Production>, Failure> {
    server.clock.move_to(menu.cutoff_at).await?;
    let mut messages =
        vec![format!("the clock was moved to the cutoff, {}", format_instant(menu.cutoff_at))];
    let cook = User::staff(&tenant.slug, tenant.email(COOK));
    let browser = cook.log_in(server).await?;
    messages.push(lock_week(&browser, menu, order).await?);
    let mut sheets = Vec::new();
    for (sheet, rows) in SHEETS {
        let path = format!("/admin/weeks/{}/{sheet}", menu.week);
        messages.push(read_sheet(&browser, &path, sheet, rows, order).await?);
        sheets.push(path);
    }
    ensure_locked_for_customer(server, customer, order).await?;
    messages.push("the order is LOCKED, its meals were taken once".to_owned());
    // The remaining step does not need it, and while it is ahead, weeks of other tenants come due.
    if let Some(now) = server.clock.restore().await? {
        messages.push(format!("the clock is back at {}", format_instant(now)));
        messages.push("what came due meanwhile stays done, for every tenant here".to_owned());
    }
    Ok(StepResult { value: Production { cook, browser, sheets }, messages })
}

/// Locks the week twice. The worker may have locked it before; locking it again changes nothing.
async fn lock_week(browser: &Browser, menu: &Menu, order: &Order) -> Result<String, Failure> {
    let request = || {
        Request::post(format!("/admin/weeks/{}/lock", menu.week), json!({}))
            .idempotency_key(Uuid::new_v4())
    };
    let first = browser.send(request()).await?;
    let again = browser.send(request()).await?;
    let locked = first.json()?;
    ensure(locked.value == again.json()?.value, || {
        format!("locking again was answered\n{}\nand first\n{}", again.text, first.text)
    })?;
    let (orders, meals) = (locked.number("/orders")?, locked.number("/meals")?);
    ensure(orders == 1 && meals == order.meals, || {
        format!("one order of {} meals was confirmed; locked are {}", order.meals, first.text)
    })?;
    let since = format_instant(locked.instant("/locked_at")?);
    Ok(format!("{} is locked since {since}: {orders} order, {meals} meals", menu.week))
}

/// Reads a sheet in its three media types and returns a message about its size. Fails when a sheet does not have
/// exactly the meals of the order.
async fn read_sheet(
    browser: &Browser,
    path: &str,
    sheet: &str,
    rows_pointer: &str,
    order: &Order,
) -> Result<String, Failure> {
    let response = browser.send(Request::get(path).accepting("application/json")).await?;
    let plans = response.json()?.list("/plans")?;
    let [plan] = plans.as_slice() else {
        return Err(Failure::Inconsistent(format!(
            "the {sheet} sheet has {} plans, not one",
            plans.len()
        )));
    };
    let rows = plan.list(rows_pointer)?;
    let meals = meals_on(sheet, &rows)?.unwrap_or(order.meals);
    ensure(meals == order.meals && plan.number("/total_meals")? == meals, || {
        format!("{} meals were ordered, the {sheet} sheet has {meals}: {}", order.meals, plan.value)
    })?;
    ensure(!rows.is_empty(), || format!("the {sheet} sheet is empty"))?;
    let mut csv_lines = 0;
    for (media_type, start) in PRINTABLE_TYPES {
        let response = browser.send(Request::get(path).accepting(media_type)).await?;
        let is_valid = response.media_type() == media_type && response.text.starts_with(start);
        ensure(is_valid && !response.text.trim().is_empty(), || {
            format!(
                "{} with Accept: {media_type} came as {}",
                response.request,
                response.media_type()
            )
        })?;
        if media_type == "text/csv" {
            csv_lines = response.text.lines().count();
        }
    }
    Ok(format!("{sheet}: JSON ({} in its list), CSV ({csv_lines} lines), a page", rows.len()))
}

/// Returns the number of meals on a sheet; `None` for a sheet that does not count meals.
fn meals_on(sheet: &str, rows: &[JsonPart<'_>]) -> Result<Option<i64>, Failure> {
    let sum = |rows: &[JsonPart<'_>]| -> Result<i64, Failure> {
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

/// Fails unless the customer sees a locked order, whose meals were taken from the pack once.
async fn ensure_locked_for_customer(
    server: &DevServer,
    customer: &Customer,
    order: &Order,
) -> Result<(), Failure> {
    let browser = customer.user.renew_session(server, customer.browser.clone()).await?;
    let response = browser.send(Request::get(format!("/client/orders/{}", order.id))).await?;
    let state = response.json()?.text("/state")?;
    ensure(state == "LOCKED", || format!("after the lock the order is {state}"))?;
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
    use crate::demo::response::Response;

    fn meals(sheet: &str, json: &str) -> Option<i64> {
        let response =
            Response::new("GET /x".to_owned(), StatusCode::OK, HeaderMap::new(), json.to_owned());
        meals_on(sheet, &response.json().unwrap().list("").unwrap()).unwrap()
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
