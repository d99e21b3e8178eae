//! Step 4: an account with its client, who logs in and reads the menu.

use serde_json::json;
use uuid::Uuid;

use super::{menu::Menu, staff::Staff, tenant::Kitchen};
use crate::demo::{
    ask::Ask,
    browser::Browser,
    failure::{Failure, ensure},
    people::Person,
    progress::Done,
    stage::Stage,
};

/// The customer.
#[derive(Debug)]
pub(in crate::demo) struct Customer {
    pub(in crate::demo) account_id: String,
    pub(in crate::demo) reference: String,
    pub(in crate::demo) person: Person,
    pub(in crate::demo) browser: Browser,
}

/// Brings the customer on board.
pub(in crate::demo) async fn play(
    stage: &Stage,
    kitchen: &Kitchen,
    staff: &Staff,
    menu: &Menu,
) -> Result<Done<Customer>, Failure> {
    let person = Person::client(&kitchen.slug, kitchen.email("client"));
    let ask = Ask::post("/admin/accounts", account(&person.email, &staff.manager_id));
    let answer = staff.owner.ask(ask.once(Uuid::new_v4()).creating()).await?;
    let account = answer.json()?;
    let account_id = account.text("/id")?.to_owned();
    let reference = account.text("/reference")?.to_owned();
    person.accept(stage).await?;
    let browser = person.log_in(stage).await?;
    let mut told = vec![
        format!("account {reference} is created: {account_id}"),
        format!("{} accepted and logged in", person.email),
    ];
    told.extend(read_menu(&browser, menu).await?);
    Ok(Done { value: Customer { account_id, reference, person, browser }, told })
}

fn account(email: &str, manager_id: &str) -> serde_json::Value {
    json!({
        "name": "The Harper household",
        "tier": "MID",
        "manager_user_id": manager_id,
        "address": {
            "line1": "12 Jacaranda Street",
            "city": "Marrickville",
            "region": "NSW",
            "postcode": "2204",
            "country": "AU",
        },
        "delivery_notes": "Leave at the side door",
        "client": {"email": email, "display_name": "Sam Harper"},
    })
}

/// Reads the menu as the customer sees it.
async fn read_menu(browser: &Browser, menu: &Menu) -> Result<Vec<String>, Failure> {
    let answer = browser.ask(Ask::get("/client/menu/current")).await?;
    let seen = answer.json()?;
    let (week, dishes) = (seen.text("/week")?, seen.list("/dishes")?);
    ensure(week == menu.week && dishes.len() == menu.dish_ids.len(), || {
        format!(
            "the customer sees {} dishes of {week}, not the menu of {}",
            dishes.len(),
            menu.week
        )
    })?;
    let mut told = vec![format!("menu of {week}, {}:", seen.text("/state")?)];
    for dish in dishes {
        told.push(format!(
            "  {}: suitability {}, contains {}",
            dish.text("/name")?,
            dish.text("/suitability/status")?,
            list(&dish.texts("/allergens")?),
        ));
    }
    Ok(told)
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "no allergens".to_owned() } else { names.join(", ") }
}
