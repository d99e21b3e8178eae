//! Handlers of menus: parse, call, map.

use actix_web::{get, post, put, web};
use bk_guard::{Allowed, Guarded, IfMatch, Json, Path, Policy, Problem, Versioned};
use bk_kernel::Code;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::{MenuRead, MenuWrite};

use super::forms::{Menu, MenuForm, MenuPublication};
use crate::{
    menu::{self, UpdateMenu},
    weeks::http::WeekPath,
};

/// Get the menu of a week
///
/// A week whose menu was never written has an empty draft.
#[utoipa::path(tag = "menus", params(WeekPath), responses(Versioned<Menu>))]
#[get("/admin/menus/{week}")]
pub(crate) async fn get_menu(
    who: Allowed<MenuRead>,
    path: Path<WeekPath>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Menu>, Problem> {
    let week = path.0.week;
    let menu = catalogue
        .db()
        .read(&who, (who.clone(), week), async |tx, (who, week)| {
            menu::get_menu(&who, &tx, week).await
        })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(Menu::versioned(week, &menu, &*catalogue.snapshot(who.tenant_id()).await?))
}

impl Guarded for get_menu {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Update the menu of a week
///
/// Replaces its dishes: freely while it is a draft. Once it is published dishes can be added and
/// capacities changed, but never below what is ordered, and no dish is removed. The menu of a locked
/// week stays.
#[utoipa::path(tag = "menus", params(WeekPath), request_body = MenuForm, responses(Versioned<Menu>))]
#[put("/admin/menus/{week}")]
pub(crate) async fn update_menu(
    who: Allowed<MenuWrite>,
    path: Path<WeekPath>,
    version: IfMatch,
    body: Json<MenuForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Menu>, Problem> {
    let week = path.0.week;
    let dishes = body.0.dishes.into_iter().map(Into::into).collect();
    let command = UpdateMenu { week, version: version.0.0, dishes };
    let menu = catalogue
        .db()
        .transaction(&who, (who.clone(), command), async |tx, (who, command)| {
            menu::update_menu(&who, &tx, command).await
        })
        .await?;
    Ok(Menu::versioned(week, &menu, &*catalogue.snapshot(who.tenant_id()).await?))
}

impl Guarded for update_menu {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

/// Publish the menu of a week
///
/// From then on customers can order from it. It needs at least one dish, and every dish active with a
/// recipe for both sizes. Publishing it again changes nothing.
#[utoipa::path(tag = "menus", params(WeekPath), request_body = MenuPublication, responses(Versioned<Menu>))]
#[post("/admin/menus/{week}/publish")]
pub(crate) async fn publish_menu(
    who: Allowed<MenuWrite>,
    path: Path<WeekPath>,
    _body: Json<MenuPublication>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Menu>, Problem> {
    let week = path.0.week;
    let menu = catalogue
        .db()
        .transaction(&who, (who.clone(), week), async |tx, (who, week)| {
            menu::publish_menu(&who, &tx, week).await
        })
        .await?;
    Ok(Menu::versioned(week, &menu, &*catalogue.snapshot(who.tenant_id()).await?))
}

impl Guarded for publish_menu {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}
