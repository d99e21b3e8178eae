//! Step 5: the customer buys a pack on the simulator's payment page.

use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use bk_api::seed::CLIENT_ORIGIN;

use super::{customer::Customer, menu::Menu};
use crate::demo::{
    ask::{Ask, Content},
    browser::Browser,
    failure::{Failure, ensure},
    progress::Done,
    wait::wait_for,
};

/// A pack that was paid.
#[derive(Debug)]
pub(in crate::demo) struct Purchase {
    pub(in crate::demo) id: String,
    pub(in crate::demo) checkout_url: String,
    pub(in crate::demo) pack: Pack,
}

/// A pack as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::demo) struct Pack {
    pub(in crate::demo) id: String,
    pub(in crate::demo) meals_total: i64,
    pub(in crate::demo) meals_remaining: i64,
}

/// Asks for the payment page, pays, and waits for the pack.
pub(in crate::demo) async fn play(
    customer: &Customer,
    menu: &Menu,
) -> Result<Done<Purchase>, Failure> {
    let browser = &customer.browser;
    let (id, checkout_url) = start(browser, menu).await?;
    let before = packs(browser).await?;
    ensure(before.is_empty(), || format!("before paying there is a pack: {before:?}"))?;
    browser.ask(Ask::page(&checkout_url)).await?;
    let pay = Ask::post_page(format!("{checkout_url}/pay"), Content::Nothing);
    browser.ask(pay.expecting(StatusCode::SEE_OTHER)).await?;
    let pack = wait_for("the paid pack", async || only_pack(browser).await).await?;
    ensure(
        pack.meals_total == menu.product_meals && pack.meals_remaining == pack.meals_total,
        || format!("{} meals were paid, the pack is {pack:?}", menu.product_meals),
    )?;
    let told = vec![
        format!("purchase {id}"),
        format!("paid on {checkout_url}"),
        format!("the pack is there once, with {} meals: {}", pack.meals_total, pack.id),
    ];
    Ok(Done { value: Purchase { id, checkout_url, pack }, told })
}

/// Finds the pack on offer and asks for its payment page, twice: the key makes it one.
async fn start(browser: &Browser, menu: &Menu) -> Result<(String, String), Failure> {
    let answer = browser.ask(Ask::get("/client/pack-products?limit=100")).await?;
    let offers = answer.json()?.list("/items")?;
    let offered =
        offers.iter().any(|offer| offer.text("/id").is_ok_and(|id| id == menu.product_id));
    ensure(offered, || format!("the pack product {} is not on offer", menu.product_id))?;
    let body = json!({
        "success_url": format!("{CLIENT_ORIGIN}/packs/thanks"),
        "cancel_url": format!("{CLIENT_ORIGIN}/packs"),
    });
    let path = format!("/client/packs/{}/checkout", menu.product_id);
    let ask = Ask::post(path, body).once(Uuid::new_v4()).creating();
    let first = browser.ask(ask.clone()).await?;
    let again = browser.ask(ask).await?;
    ensure(first.text == again.text, || "a repeated checkout was answered differently".to_owned())?;
    let started = first.json()?;
    Ok((started.text("/purchase_id")?.to_owned(), started.text("/checkout_url")?.to_owned()))
}

/// The packs of the customer.
pub(super) async fn packs(browser: &Browser) -> Result<Vec<Pack>, Failure> {
    let answer = browser.ask(Ask::get("/client/packs")).await?;
    let items = answer.json()?.list("/items")?;
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

/// The one pack, if it is there; more than one is a failure.
pub(super) async fn only_pack(browser: &Browser) -> Result<Option<Pack>, Failure> {
    let mut packs = packs(browser).await?;
    ensure(packs.len() <= 1, || format!("one pack was paid, these are there: {packs:?}"))?;
    Ok(packs.pop())
}
