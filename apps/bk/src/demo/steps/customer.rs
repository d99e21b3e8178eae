//! Step 4: staff create an account with its customer, who logs in and reads the menu.

use serde_json::json;
use uuid::Uuid;

use super::{menu::Menu, staff::Staff, tenant::Tenant};
use crate::demo::{
    browser::Browser,
    failure::{Failure, ensure},
    progress::StepResult,
    request::Request,
    server::DevServer,
    user::User,
};

/// The customer with their account.
#[derive(Debug)]
pub(in crate::demo) struct Customer {
    pub(in crate::demo) account_id: String,
    pub(in crate::demo) reference: String,
    pub(in crate::demo) user: User,
    pub(in crate::demo) browser: Browser,
}

/// Creates the account, and accepts the customer's invitation.
pub(in crate::demo) async fn run(
    server: &DevServer,
    tenant: &Tenant,
    staff: &Staff,
    menu: &Menu,
) -> Result<StepResult<Customer>, Failure> {
    let user = User::client(&tenant.slug, tenant.email("client"));
    let request = Request::post("/admin/accounts", account_form(&user.email, &staff.manager_id));
    let response =
        staff.owner.send(request.idempotency_key(Uuid::new_v4()).expecting_created()).await?;
    let account = response.json()?;
    let account_id = account.text("/id")?.to_owned();
    let reference = account.text("/reference")?.to_owned();
    user.accept_invitation(server).await?;
    let browser = user.log_in(server).await?;
    let mut messages = vec![
        format!("account {reference} is created: {account_id}"),
        format!("{} accepted and logged in", user.email),
    ];
    messages.extend(read_menu(&browser, menu).await?);
    Ok(StepResult { value: Customer { account_id, reference, user, browser }, messages })
}

fn account_form(email: &str, manager_id: &str) -> serde_json::Value {
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

/// Reads the menu as the customer, and returns messages about the dishes. Fails when it is not the published one.
async fn read_menu(browser: &Browser, menu: &Menu) -> Result<Vec<String>, Failure> {
    let response = browser.send(Request::get("/client/menu/current")).await?;
    let current = response.json()?;
    let (week, dishes) = (current.text("/week")?, current.list("/dishes")?);
    ensure(week == menu.week && dishes.len() == menu.dish_ids.len(), || {
        format!(
            "the customer sees {} dishes of {week}, not the menu of {}",
            dishes.len(),
            menu.week
        )
    })?;
    let mut messages = vec![format!("menu of {week}, {}:", current.text("/state")?)];
    for dish in dishes {
        messages.push(format!(
            "  {}: suitability {}, contains {}",
            dish.text("/name")?,
            dish.text("/suitability/status")?,
            join_or_none(&dish.texts("/allergens")?),
        ));
    }
    Ok(messages)
}

fn join_or_none(names: &[&str]) -> String {
    if names.is_empty() { "no allergens".to_owned() } else { names.join(", ") }
}
