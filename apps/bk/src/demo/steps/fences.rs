//! Step 8: another kitchen's staff see nothing of it, a role without the permission gets nowhere, and
//! nothing was changed by trying.

use reqwest::StatusCode;

use super::{
    customer::Customer, menu::Menu, production::Production, staff::DRIVER, tenant::Kitchen,
};
use crate::demo::{
    ask::Ask, browser::Surface, failure::Failure, people::Person, progress::Done, stage::Stage,
};

/// A demo kitchen of the development server.
const OTHER: &str = "greenfork";

/// What is fenced off.
pub(in crate::demo) struct Fenced<'a> {
    pub(in crate::demo) kitchen: &'a Kitchen,
    pub(in crate::demo) menu: &'a Menu,
    pub(in crate::demo) customer: &'a Customer,
    pub(in crate::demo) production: &'a Production,
}

/// Tries every fence.
pub(in crate::demo) async fn play(stage: &Stage, fenced: &Fenced<'_>) -> Result<Done<()>, Failure> {
    let things = fenced.things();
    let stranger = Person::staff(OTHER, format!("owner@{OTHER}.test"));
    let browser = stranger.log_in(stage).await?;
    for path in &things {
        browser.ask(Ask::get(path).expecting(StatusCode::NOT_FOUND)).await?;
    }
    for path in fenced.deletable() {
        browser.ask(Ask::delete(path).expecting(StatusCode::NOT_FOUND)).await?;
    }
    let driver = Person::staff(&fenced.kitchen.slug, fenced.kitchen.email(DRIVER));
    let browser = driver.log_in(stage).await?;
    let sheet = format!("/admin/weeks/{}/production", fenced.menu.week);
    for path in things.iter().chain([&sheet]) {
        browser.ask(Ask::get(path).expecting(StatusCode::FORBIDDEN)).await?;
    }
    let nobody = stage.browser(Surface::Admin)?;
    nobody.ask(Ask::get(&sheet).expecting(StatusCode::UNAUTHORIZED)).await?;
    unchanged(stage, fenced).await?;
    let told = vec![
        format!("{}: 404 for all {} things it tried", stranger.email, things.len()),
        format!("{}: 403, and somebody without a login: 401", driver.email),
        "everything is still there".to_owned(),
    ];
    Ok(Done { value: (), told })
}

impl Fenced<'_> {
    /// What there is to see, by id.
    fn things(&self) -> Vec<String> {
        let mut things = self.deletable();
        things.push(format!("/admin/accounts/{}", self.customer.account_id));
        things.push(format!("/admin/accounts/{}/packs", self.customer.account_id));
        things
    }

    /// What its own staff could take out of use.
    fn deletable(&self) -> Vec<String> {
        let dishes = self.menu.dish_ids.iter().map(|id| format!("/admin/dishes/{id}"));
        let others = [
            format!("/admin/ingredients/{}", self.menu.ingredient_id),
            format!("/admin/pack-products/{}", self.menu.product_id),
        ];
        dishes.chain(others).collect()
    }
}

/// The kitchen's own cook still finds the dishes as they were.
async fn unchanged(stage: &Stage, fenced: &Fenced<'_>) -> Result<(), Failure> {
    let Production { cook, browser, .. } = fenced.production;
    let browser = cook.still_in(stage, browser.clone()).await?;
    for path in fenced.deletable() {
        browser.ask(Ask::get(path)).await?;
    }
    Ok(())
}
