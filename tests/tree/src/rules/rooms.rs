//! Every room speaks only its own language: `http -> use case -> model`, `use case -> store -> entity`.

use std::collections::BTreeSet;

use super::{
    Violation,
    room::{Room, domain_modules, is_domain, room_named},
};
use crate::rust::{Module, ModulePath, Named, Workspace};

/// Libraries that speak SQL.
const SQL: &[&str] = &["sea_orm", "sea_query", "sqlx"];
/// Libraries that speak HTTP.
const HTTP: &[&str] = &["actix_http", "actix_web", "utoipa"];
/// Our own helpers for stores.
const STORE_HELPERS: [&str; 2] = ["bk_persistence", "store"];

/// Only stores and entities name a library for SQL, or our helpers for stores.
#[must_use]
pub fn only_stores_speak_sql(workspace: &Workspace) -> Vec<Violation> {
    let speaks = |named: &Named| {
        first_of(named, SQL) || named.target.get(..2).is_some_and(|path| path == STORE_HELPERS)
    };
    speakers(workspace, &speaks, &[Room::Store, Room::Entity], "only store and entity do")
}

/// Only `http` names a library for HTTP.
#[must_use]
pub fn only_http_speaks_http(workspace: &Workspace) -> Vec<Violation> {
    speakers(workspace, &|named| first_of(named, HTTP), &[Room::Http], "only http does")
}

fn first_of(named: &Named, libraries: &[&str]) -> bool {
    named.target.first().is_some_and(|first| libraries.contains(&first.as_str()))
}

fn speakers(
    workspace: &Workspace,
    speaks: &dyn Fn(&Named) -> bool,
    rooms: &[Room],
    rule: &str,
) -> Vec<Violation> {
    let others = domain_modules(workspace);
    let others = others.iter().filter(|placed| !rooms.contains(&placed.room));
    others
        .flat_map(|placed| {
            let named = placed.named.iter().filter(|named| speaks(named));
            named.map(|named| {
                breach(placed.module, named, format!("names {}; {rule}", named.path()))
            })
        })
        .collect()
}

/// HTTP calls use cases: it names neither a store nor a row.
#[must_use]
pub fn http_names_no_store(workspace: &Workspace) -> Vec<Violation> {
    rooms_that_name(workspace, Room::Http, &[Room::Store, Room::Entity], |path| {
        format!("names {path}; HTTP calls a use case, never a store")
    })
}

/// Use cases and models know nothing of HTTP.
#[must_use]
pub fn nothing_below_http_names_it(workspace: &Workspace) -> Vec<Violation> {
    let rule = |path: &str| format!("names {path}; nothing but a face and HTTP itself names HTTP");
    let mut wrong = Vec::new();
    for room in [Room::UseCase, Room::Model, Room::Store, Room::Entity] {
        wrong.extend(rooms_that_name(workspace, room, &[Room::Http], rule));
    }
    wrong
}

/// A row is its store's own: nobody else names an entity.
#[must_use]
pub fn only_stores_name_entities(workspace: &Workspace) -> Vec<Violation> {
    let rule = |path: &str| format!("names {path}; only the slice's store names its entities");
    let mut wrong = Vec::new();
    for room in [Room::UseCase, Room::Model, Room::Face] {
        wrong.extend(rooms_that_name(workspace, room, &[Room::Entity], rule));
    }
    wrong
}

fn rooms_that_name(
    workspace: &Workspace,
    room: Room,
    must_not: &[Room],
    rule: impl Fn(&str) -> String,
) -> Vec<Violation> {
    let placed = domain_modules(workspace);
    let placed = placed.iter().filter(|placed| placed.room == room);
    placed
        .flat_map(|placed| {
            let named = placed.named.iter().filter(|named| {
                let target = room_named(workspace, &named.target);
                target.is_some_and(|target| must_not.contains(&target))
            });
            named.map(|named| breach(placed.module, named, rule(&named.path())))
        })
        .collect()
}

/// A store returns models: it names nothing that stands in the file of a use case.
#[must_use]
pub fn stores_name_no_use_case(workspace: &Workspace) -> Vec<Violation> {
    names_of_use_cases(workspace, &[Room::Store, Room::Entity], |path| {
        format!("names {path}; what a store takes and returns stands in a model file")
    })
}

/// A model is pure: no clock, no use case, no store.
#[must_use]
pub fn models_are_pure(workspace: &Workspace) -> Vec<Violation> {
    let mut wrong = names_of_use_cases(workspace, &[Room::Model], |path| {
        format!("names {path}; a model names no use case")
    });
    wrong.extend(rooms_that_name(workspace, Room::Model, &[Room::Store], |path| {
        format!("names {path}; a model names no store")
    }));
    for placed in domain_modules(workspace).iter().filter(|placed| placed.room == Room::Model) {
        wrong.extend(placed.named.iter().filter(|named| is_clock(named)).map(|named| {
            breach(placed.module, named, format!("names {}; instants come in", named.path()))
        }));
    }
    wrong
}

fn is_clock(named: &Named) -> bool {
    let path: Vec<&str> = named.target.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["bk_kernel", rest @ ..] => rest.contains(&"Clock"),
        ["chrono", .., "now"] | ["std", "time", "SystemTime" | "Instant", ..] => true,
        _ => false,
    }
}

fn names_of_use_cases(
    workspace: &Workspace,
    rooms: &[Room],
    rule: impl Fn(&str) -> String,
) -> Vec<Violation> {
    let placed = domain_modules(workspace);
    let use_cases: BTreeSet<&ModulePath> = placed
        .iter()
        .filter(|placed| placed.room == Room::UseCase)
        .map(|placed| &placed.module.path)
        .collect();
    let mut wrong = Vec::new();
    for placed in placed.iter().filter(|placed| rooms.contains(&placed.room)) {
        for named in &placed.named {
            let Some(home) = home_in_domain(workspace, named) else { continue };
            let itself = home.path == placed.module.path;
            // A module named as such is not yet an item of it.
            let item = named.target.len() > home.path.len();
            if !itself && item && use_cases.contains(&home.path) {
                wrong.push(breach(placed.module, named, rule(&named.path())));
            }
        }
    }
    wrong
}

fn home_in_domain<'w>(workspace: &'w Workspace, named: &Named) -> Option<&'w Module> {
    let package = named.target.first()?;
    is_domain(workspace, package).then(|| workspace.home(&named.target)).flatten()
}

fn breach(module: &Module, named: &Named, what: String) -> Violation {
    Violation::new(&module.file, named.line, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{assert_found, assert_sound, with, with_line};

    const MODEL: &str = "domains/food/src/orders/order.rs";
    const USE_CASE: &str = "domains/food/src/orders/confirm_order.rs";
    const HTTP: &str = "domains/food/src/orders/http.rs";
    const STORE: &str = "domains/food/src/orders/store.rs";

    #[test]
    fn sql_in_a_model_or_a_use_case_is_found_however_it_is_named() {
        assert_sound(only_stores_speak_sql);
        for line in [
            "use sea_orm::Select;",
            "use {std::fmt, sea_orm::{query::{self, Select}}};",
            "use ::sqlx::query as ask;",
            "fn f() { sqlx::query(\"\"); }",
            "fn f() { use sqlx::query; }",
            "fn f() { ask!(sea_orm::Value::Null); }",
            "#[derive(sea_orm::FromQueryResult)] struct Row;",
            "use bk_persistence::sea_orm::Select;",
            "use bk_persistence::store::sql;",
            "use bk_persistence::store;",
            "use bk_persistence::store::*;",
            "use bk_persistence as db; fn f() { db::store::sql(); }",
        ] {
            for file in [MODEL, USE_CASE] {
                println!("{line}");
                assert_found(&only_stores_speak_sql(&with_line(file, line)), file, "only store");
            }
        }
    }

    #[test]
    fn sql_that_only_tests_speak_is_no_breach() {
        let line = "#[cfg(test)] mod tests { use sqlx::query; }";
        assert_eq!(only_stores_speak_sql(&with_line(MODEL, line)), Vec::new());
    }

    #[test]
    fn http_in_a_use_case_or_a_store_is_found() {
        assert_sound(only_http_speaks_http);
        for file in [MODEL, USE_CASE, STORE] {
            let found = only_http_speaks_http(&with_line(file, "use actix_web::{self as web};"));
            assert_found(&found, file, "actix_web");
            let found =
                only_http_speaks_http(&with_line(file, "#[derive(utoipa::ToSchema)] struct S;"));
            assert_found(&found, file, "utoipa");
        }
    }

    #[test]
    fn a_store_in_http_is_found_through_renames_globs_and_chains() {
        assert_sound(http_names_no_store);
        for line in [
            "use super::store;",
            "use super::store::save;",
            "use super::{store as rows};",
            "use crate::{menu::{self, store::load}};",
            "use super::*; fn f() { store::save(); }",
            "fn f() { super::store::save(); }",
            "fn f() { crate::orders::store::save(); }",
        ] {
            assert_found(&http_names_no_store(&with_line(HTTP, line)), HTTP, "never a store");
        }
        let face =
            "mod confirm_order;\nmod http;\nmod order;\nmod store;\nuse store::save as put;\n";
        let chained =
            with(&[("domains/food/src/orders/mod.rs", face), (HTTP, "use super::put;\n")]);
        assert_found(&http_names_no_store(&chained), HTTP, "orders::store::save");
        let through_a_glob = with(&[
            ("domains/food/src/orders/mod.rs", face),
            (HTTP, "use super::*;\nfn f() { put(); }\n"),
        ]);
        assert_found(&http_names_no_store(&through_a_glob), HTTP, "orders::store::save");
    }

    #[test]
    fn http_below_http_is_found() {
        assert_sound(nothing_below_http_names_it);
        for file in [MODEL, USE_CASE, STORE] {
            let found =
                nothing_below_http_names_it(&with_line(file, "use super::http::OrderForm;"));
            assert_found(&found, file, "names HTTP");
        }
    }

    #[test]
    fn a_row_outside_its_store_is_found() {
        assert_sound(only_stores_name_entities);
        let file = "domains/food/src/menu/read_menu.rs";
        let found = only_stores_name_entities(&with_line(file, "use super::entity::Row;"));
        assert_found(&found, file, "entities");
    }

    #[test]
    fn a_use_case_in_a_store_is_found() {
        assert_sound(stores_name_no_use_case);
        for line in [
            "use super::confirm_order::ConfirmOrder;",
            "fn f(_: &super::confirm_order::ConfirmOrder) {}",
            "use super::confirm_order::*; fn f(_: ConfirmOrder) {}",
        ] {
            assert_found(&stores_name_no_use_case(&with_line(STORE, line)), STORE, "model file");
        }
    }

    #[test]
    fn a_clock_a_use_case_or_a_store_in_a_model_is_found() {
        assert_sound(models_are_pure);
        for (line, says) in [
            ("use bk_kernel::Clock;", "Clock"),
            ("fn f(clock: &bk_kernel::clock::Clock) {}", "Clock"),
            ("use chrono::Utc; fn f() { Utc::now(); }", "now"),
            ("fn f() { std::time::SystemTime::now(); }", "SystemTime"),
            ("use super::confirm_order::ConfirmOrder;", "no use case"),
            ("use super::store::save;", "no store"),
        ] {
            assert_found(&models_are_pure(&with_line(MODEL, line)), MODEL, says);
        }
    }
}
