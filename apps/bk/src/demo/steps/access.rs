//! Step 8: the owner of another tenant finds nothing (404), a role without the permission is refused (403), a request
//! without a login too (401), and the attempts changed nothing.

use reqwest::StatusCode;

use super::{
    customer::Customer, menu::Menu, production::Production, staff::DRIVER, tenant::Tenant,
};
use crate::demo::{
    browser::Surface, failure::Failure, progress::StepResult, request::Request, server::DevServer,
    user::User,
};

/// Slug of a demo tenant of the development server.
const OTHER_TENANT: &str = "greenfork";

/// The values of earlier steps, whose resources other users must not reach.
pub(in crate::demo) struct ProtectedResources<'a> {
    pub(in crate::demo) tenant: &'a Tenant,
    pub(in crate::demo) menu: &'a Menu,
    pub(in crate::demo) customer: &'a Customer,
    pub(in crate::demo) production: &'a Production,
}

/// Tries to reach the resources as the other tenant's owner, as a driver, and without a login.
pub(in crate::demo) async fn run(
    server: &DevServer,
    protected: &ProtectedResources<'_>,
) -> Result<StepResult<()>, Failure> {
    let paths = protected.paths();
    let other_owner = User::staff(OTHER_TENANT, format!("owner@{OTHER_TENANT}.test"));
    let browser = other_owner.log_in(server).await?;
    for path in &paths {
        browser.send(Request::get(path).expecting(StatusCode::NOT_FOUND)).await?;
    }
    for path in protected.deletable_paths() {
        browser.send(Request::delete(path).expecting(StatusCode::NOT_FOUND)).await?;
    }
    let driver = User::staff(&protected.tenant.slug, protected.tenant.email(DRIVER));
    let browser = driver.log_in(server).await?;
    let sheet = format!("/admin/weeks/{}/production", protected.menu.week);
    for path in paths.iter().chain([&sheet]) {
        browser.send(Request::get(path).expecting(StatusCode::FORBIDDEN)).await?;
    }
    let anonymous = server.new_browser(Surface::Admin)?;
    anonymous.send(Request::get(&sheet).expecting(StatusCode::UNAUTHORIZED)).await?;
    ensure_unchanged(server, protected).await?;
    let messages = vec![
        format!("{}: 404 for all {} resources", other_owner.email, paths.len()),
        format!("{}: 403; without a login: 401", driver.email),
        "everything is still there".to_owned(),
    ];
    Ok(StepResult { value: (), messages })
}

impl ProtectedResources<'_> {
    /// Returns the paths of the resources.
    fn paths(&self) -> Vec<String> {
        let mut paths = self.deletable_paths();
        paths.push(format!("/admin/accounts/{}", self.customer.account_id));
        paths.push(format!("/admin/accounts/{}/packs", self.customer.account_id));
        paths
    }

    /// Returns the paths of the resources that staff of the tenant may delete.
    fn deletable_paths(&self) -> Vec<String> {
        let dishes = self.menu.dish_ids.iter().map(|id| format!("/admin/dishes/{id}"));
        let others = [
            format!("/admin/ingredients/{}", self.menu.ingredient_id),
            format!("/admin/pack-products/{}", self.menu.product_id),
        ];
        dishes.chain(others).collect()
    }
}

/// Reads the resources as the tenant's own cook. Fails when one was deleted.
async fn ensure_unchanged(
    server: &DevServer,
    protected: &ProtectedResources<'_>,
) -> Result<(), Failure> {
    let Production { cook, browser, .. } = protected.production;
    let browser = cook.renew_session(server, browser.clone()).await?;
    for path in protected.deletable_paths() {
        browser.send(Request::get(path)).await?;
    }
    Ok(())
}
