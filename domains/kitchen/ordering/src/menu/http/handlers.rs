//! Handlers of menus: parse, call, map.

use actix_web::{get, post, put, web};
use bk_guard::{Allowed, Caller, ETag, Guarded, IfMatch, Json, Path, Policy, Problem, Versioned};
use bk_kernel::Code;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::{
    Author,
    permissions::{MenuRead, MenuWrite},
};

use super::dto::{MenuChangeDto, MenuDto, PublishMenuDto};
use crate::{
    menu::{
        menu::Menu,
        read_menu,
        write_menu::{self, PublishMenu, PublishMenuError, ReplaceMenu, ReplaceMenuError},
    },
    weeks::WeekName,
};

/// The menu of a week.
///
/// A week whose menu nobody has written yet has an empty draft.
#[utoipa::path(
    tag = "menus",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48")),
    responses((status = 200, description = "The menu", body = MenuDto))
)]
#[get("/admin/menus/{week}")]
pub(crate) async fn get_menu(
    who: Allowed<MenuRead>,
    week: Path<WeekName>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<MenuDto>, Problem> {
    let name = week.0;
    let menu = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move { read_menu::get_menu(&tx, who.permit, name).await })
        .await?
        .ok_or(Code::NotFound)?;
    versioned(&kitchen, &who.caller, name, &menu).await
}

impl Guarded for get_menu {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Replace the dishes of a menu.
///
/// Freely while it is a draft. Once it is published dishes can be added and capacities changed, but
/// never below what is ordered, and no dish is removed. The menu of a locked week stays.
#[utoipa::path(
    tag = "menus",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48")),
    request_body = MenuChangeDto,
    responses((status = 200, description = "The menu as it is now", body = MenuDto))
)]
#[put("/admin/menus/{week}")]
pub(crate) async fn replace_menu(
    who: Allowed<MenuWrite>,
    week: Path<WeekName>,
    version: IfMatch,
    body: Json<MenuChangeDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<MenuDto>, Problem> {
    let dishes = body.0.dishes.into_iter().map(Into::into).collect();
    let change = ReplaceMenu { week: week.0, version: version.0.0, dishes };
    let author = Author::from(&who.caller);
    let permit = who.permit;
    let menu = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            let menu = write_menu::replace_menu(&tx, permit, &author, &change).await?;
            Ok::<_, ReplaceMenuError>(menu)
        })
        .await?;
    versioned(&kitchen, &who.caller, week.0, &menu).await
}

impl Guarded for replace_menu {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

/// Publish a menu.
///
/// From then on customers can order from it. It needs at least one dish, and every dish active with a
/// recipe for both sizes. Publishing it again changes nothing.
#[utoipa::path(
    tag = "menus",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48")),
    request_body = PublishMenuDto,
    responses((status = 200, description = "The menu, published", body = MenuDto))
)]
#[post("/admin/menus/{week}/publish")]
pub(crate) async fn publish_menu(
    who: Allowed<MenuWrite>,
    week: Path<WeekName>,
    _body: Json<PublishMenuDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<MenuDto>, Problem> {
    let author = Author::from(&who.caller);
    let permit = who.permit;
    let publish = PublishMenu { week: week.0 };
    let menu = kitchen
        .tenant(who.caller.tenant_id())
        .run(move |tx| async move {
            let menu = write_menu::publish_menu(&tx, permit, &author, publish).await?;
            Ok::<_, PublishMenuError>(menu)
        })
        .await?;
    versioned(&kitchen, &who.caller, week.0, &menu).await
}

impl Guarded for publish_menu {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

async fn versioned(
    kitchen: &CatalogueState,
    caller: &Caller,
    week: WeekName,
    menu: &Menu,
) -> Result<Versioned<MenuDto>, Problem> {
    let book = kitchen.book(caller.tenant_id()).await?;
    Ok(Versioned { etag: ETag(menu.version), body: MenuDto::new(week, menu, &book) })
}
