//! Every route of the product, mounted in one place, and the document made of them.

use actix_web::{
    App,
    web::{self, ServiceConfig},
};
use bk_admin::Admin;
use bk_billing::Billing;
use bk_guard::{DocumentInfo, Domain, RouteTable, Routes, document, document_json, policy_table};
use bk_identity::Identity;
use bk_kernel::Environment;
use utoipa::openapi::OpenApi;

use crate::pages::{development, docs, health};

const API: &str = "/api/v1";

/// Mounts everything. Called once per thread that serves, and once for the table. The API comes first:
/// a request for it is compared with no other page.
pub(crate) fn mount(config: &mut ServiceConfig, table: &mut RouteTable, environment: Environment) {
    config
        .service(web::scope(API).configure(|scope| mount_api(&mut Routes::new(scope, table, API))));
    mount_root(&mut Routes::new(config, table, ""), environment);
}

fn mount_api(routes: &mut Routes<'_>) {
    Identity::registration().mount(routes);
    Admin::registration().mount(routes);
    Billing::registration().mount(routes);
    bk_kitchen::routes(routes);
}

fn mount_root(routes: &mut Routes<'_>, environment: Environment) {
    routes
        .mount(health::healthz)
        .mount(health::readyz)
        .mount(docs::openapi_json)
        .mount(docs::docs)
        .mount(docs::docs_file);
    Billing::registration().mount_root(routes);
    if environment == Environment::Development {
        routes
            .mount(development::mail_page)
            .mount(development::mail_json)
            .mount(development::read_clock)
            .mount(development::move_clock);
    }
}

/// The table of all routes, with what the document says of them. Needs nothing that runs.
#[must_use]
pub fn route_table(environment: Environment) -> RouteTable {
    filled(RouteTable::default(), environment)
}

/// The table of all routes, as the guard enforces it.
pub(crate) fn policies(environment: Environment) -> RouteTable {
    filled(RouteTable::policies_only(), environment)
}

fn filled(mut table: RouteTable, environment: Environment) -> RouteTable {
    drop(App::new().configure(|config| mount(config, &mut table, environment)));
    table
}

/// The OpenAPI document. It is the same in every environment and needs no database.
#[must_use]
pub fn openapi_document() -> OpenApi {
    document(&route_table(Environment::Production), info())
}

/// The document as it is served and committed, in JSON.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    document_json(&openapi_document())
}

/// What every route demands, as a page for people: the same table in Markdown.
#[must_use]
pub fn policy_page() -> String {
    policy_table(&route_table(Environment::Production))
}

fn info() -> DocumentInfo {
    let tags = [
        ("accounts", "Accounts: the paying customers, their packs and orders"),
        ("audit", "The audit log"),
        ("components", "Components: the parts that a dish is plated from, in three tiers"),
        ("dishes", "Dishes and their recipes, with computed allergens and nutrition"),
        ("health", "Is the process alive, are its dependencies"),
        ("ingredients", "Ingredients, their allergens, import and export"),
        ("invitations", "Invitations and accepting them"),
        ("members", "Staff and their roles"),
        ("menu", "The menu as a customer sees it"),
        ("menus", "Menus of the weeks, as the kitchen writes them"),
        ("orders", "Orders: draft, confirm, cancel"),
        ("pack products", "Pack products: what is sold"),
        ("packs", "Packs of meals"),
        ("plans", "Subscription plans"),
        ("presets", "Presets: how a dish is plated unless told otherwise"),
        ("production", "The production plan and its sheets"),
        ("recipes", "Sub-recipes, which dishes and components are made with"),
        ("roles", "Roles and the permission catalogue"),
        ("sessions", "Logging in and out, sessions"),
        ("settings", "Settings of a tenant"),
        ("tenants", "Tenants, for operators"),
        ("transactions", "Payments"),
        ("webhooks", "Where Stripe delivers its events, and what it told"),
        ("weeks", "Order weeks"),
    ];
    DocumentInfo {
        title: "Balance Kitchen".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        description: "The backend of premium meal-prep businesses: packs of meals, weekly orders in a \
                      short window, production of exactly what was confirmed. Every list is paged, \
                      every error is a problem (RFC 9457) with a code of a closed list, every write \
                      can be retried safely with an Idempotency-Key."
            .to_owned(),
        licence: "Apache-2.0".to_owned(),
        server_url: "/".to_owned(),
        tags: tags.map(|(name, about)| (name.to_owned(), about.to_owned())).to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn development_adds_pages_and_nothing_to_the_document() {
        let (development, production) =
            (route_table(Environment::Development), route_table(Environment::Production));
        assert!(production.entries().iter().all(|entry| !entry.pattern.starts_with("/dev/")));
        assert!(development.entries().len() > production.entries().len());
        let text = document_json(&document(&development, info())).unwrap();
        assert_eq!(text, openapi_json().unwrap());
    }

    #[test]
    fn every_tag_in_use_says_what_it_is_about() {
        let tags = openapi_document().tags.unwrap_or_default();
        let undescribed: Vec<_> =
            tags.iter().filter(|tag| tag.description.is_none()).map(|tag| &tag.name).collect();
        assert!(undescribed.is_empty(), "describe {undescribed:?} in routes.rs");
    }
}
