//! Step 5: the customer buys a pack and pays on the simulator's checkout page.

use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use bk_api::seed::CLIENT_ORIGIN;

use super::{customer::Customer, menu::Menu};
use crate::demo::{
    browser::Browser,
    failure::{Failure, ensure},
    progress::StepResult,
    request::{Body, Request},
    wait::wait_for,
};

/// A paid purchase and its pack.
#[derive(Debug)]
pub(in crate::demo) struct Purchase {
    pub(in crate::demo) id: String,
    pub(in crate::demo) checkout_url: String,
    pub(in crate::demo) pack: Pack,
}

/// A pack as its customer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::demo) struct Pack {
    pub(in crate::demo) id: String,
    pub(in crate::demo) meals_total: i64,
    pub(in crate::demo) meals_remaining: i64,
}

/// Starts the checkout, pays, and waits for the pack.
pub(in crate::demo) async fn run(
    customer: &Customer,
    menu: &Menu,
) -> Result<StepResult<Purchase>, Failure> {
    let browser = &customer.browser;
    let (id, checkout_url) = start_checkout(browser, menu).await?;
    let before = packs(browser).await?;
    ensure(before.is_empty(), || format!("before paying there is a pack: {before:?}"))?;
    browser.send(Request::page(&checkout_url)).await?;
    let pay = Request::post_page(format!("{checkout_url}/pay"), Body::Empty);
    browser.send(pay.expecting(StatusCode::SEE_OTHER)).await?;
    let pack = wait_for("the paid pack", async || only_pack(browser).await).await?;
    ensure(
        pack.meals_total == menu.product_meals && pack.meals_remaining == pack.meals_total,
        || format!("{} meals were paid, the pack is {pack:?}", menu.product_meals),
    )?;
    let messages = vec![
        format!("purchase {id}"),
        format!("paid on {checkout_url}"),
        format!("the pack is there once, with {} meals: {}", pack.meals_total, pack.id),
    ];
    Ok(StepResult { value: Purchase { id, checkout_url, pack }, messages })
}

/// Starts the checkout of the pack product, and repeats the request with the same idempotency key. Returns the id of
/// the purchase and the URL of the checkout page.
async fn start_checkout(browser: &Browser, menu: &Menu) -> Result<(String, String), Failure> {
    let response = browser.send(Request::get("/client/pack-products?limit=100")).await?;
    let products = response.json()?.list("/items")?;
    let is_for_sale =
        products.iter().any(|product| product.text("/id").is_ok_and(|id| id == menu.product_id));
    ensure(is_for_sale, || format!("the pack product {} is not for sale", menu.product_id))?;
    let body = json!({
        "success_url": format!("{CLIENT_ORIGIN}/packs/thanks"),
        "cancel_url": format!("{CLIENT_ORIGIN}/packs"),
    });
    let path = format!("/client/packs/{}/checkout", menu.product_id);
    let request = Request::post(path, body).idempotency_key(Uuid::new_v4()).expecting_created();
    let first = browser.send(request.clone()).await?;
    let again = browser.send(request).await?;
    ensure(first.text == again.text, || "a repeated checkout was answered differently".to_owned())?;
    let started = first.json()?;
    Ok((started.text("/purchase_id")?.to_owned(), started.text("/checkout_url")?.to_owned()))
}

/// Returns the packs of the customer.
pub(super) async fn packs(browser: &Browser) -> Result<Vec<Pack>, Failure> {
    let response = browser.send(Request::get("/client/packs")).await?;
    let items = response.json()?.list("/items")?;
    items
        .iter()
        .map(|item| {
            Ok(Pack {
                id: item.text("/id")?.to_owned(),
                meals_total: item.number("/meals_total")?,
                meals_remaining: item.number("/meals_remaining")?,
            })
        })
        .collect()
}

/// Returns the customer's pack, if there is one. Fails when there are several.
pub(super) async fn only_pack(browser: &Browser) -> Result<Option<Pack>, Failure> {
    let mut packs = packs(browser).await?;
    ensure(packs.len() <= 1, || format!("one pack was paid, these are there: {packs:?}"))?;
    Ok(packs.pop())
}
