//! Every route of the product, mounted in one place, and the document made of them.

use actix_web::{App, web::ServiceConfig};
use bk_guard::{
    DocumentInfo, RouteTable, Routes, document, document_json, policy_table,
    registration::mount_all,
};
use bk_kernel::Environment;
use utoipa::openapi::OpenApi;

use crate::{
    Product,
    pages::{development, docs, health},
};

/// Mounts everything. Called once per thread that serves, and once for the table. The API comes first:
/// a request for it is compared with no other page.
pub(crate) fn mount(config: &mut ServiceConfig, table: &mut RouteTable, environment: Environment) {
    mount_all(&Product::registrations(), config, table);
    mount_own(&mut Routes::new(config, table, ""), environment);
}

/// The host's own routes: health, the document, and development's pages.
fn mount_own(routes: &mut Routes<'_>, environment: Environment) {
    routes
        .mount(health::get_health)
        .mount(health::get_readiness)
        .mount(docs::openapi_json)
        .mount(docs::docs)
        .mount(docs::docs_file);
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
    let mut tags =
        vec![("health".to_owned(), "Is the process alive, are its dependencies".to_owned())];
    for domain in Product::registrations() {
        tags.extend(
            domain.all_tags().iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned())),
        );
    }
    tags.sort();
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
        tags,
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
