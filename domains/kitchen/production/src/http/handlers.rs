//! Handlers of production: parse, call, map.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use bk_guard::{Allowed, Guarded, Json, Path, Policy, Problem, Query};
use bk_kernel::Code;
use bk_kitchen_catalogue::CatalogueState;
use bk_kitchen_core::permissions::{ProductionRead, WeeksLock};
use bk_kitchen_ordering::weeks::WeekName;
use serde::Serialize;

use super::{
    answer::{self, SheetFormat, SheetQuery},
    dto::{
        IngredientSheetDto, LabelSheetDto, LockWeekDto, LockedWeekDto, PackingSheetDto,
        ProductionSheetDto, PurchasingSheetDto,
    },
};
use crate::{
    lock_week::{self as locking, LockWeek},
    read_plans::{WeekPlans, read_plans},
    sheets::Sheet,
};

/// Lock a week.
///
/// From the cutoff on; the cutoff job does it within a minute anyway. Confirmed orders are locked,
/// drafts left over are cancelled, the production plan is frozen. Locking a locked week changes
/// nothing and answers with it.
#[utoipa::path(
    tag = "production",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48")),
    request_body = LockWeekDto,
    responses((status = 200, description = "The locked week", body = LockedWeekDto))
)]
#[post("/admin/weeks/{week}/lock")]
pub(crate) async fn lock_week(
    who: Allowed<WeeksLock>,
    week: Path<WeekName>,
    _body: Json<LockWeekDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<LockedWeekDto>, Problem> {
    let input = (who.clone(), kitchen.as_ref().clone(), LockWeek { week: week.0 });
    let locked = kitchen
        .db()
        .transaction(&who, input, async |tx, (who, kitchen, command)| {
            let snapshot = kitchen.book_in(&tx).await?;
            locking::lock_week(&who, &tx, &snapshot, command).await
        })
        .await?;
    Ok(Json(locked.into()))
}

impl Guarded for lock_week {
    const POLICY: Policy = Policy::admin::<WeeksLock>().writes();
}

/// The production plan of a week.
///
/// Meals by dish, size and sides: the plan frozen at lock and its deltas. As JSON, CSV or a page for the printer, by `Accept` or `format`.
#[utoipa::path(
    tag = "production",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48"), SheetQuery),
    responses((status = 200, description = "The sheet", content(
        (ProductionSheetDto = "application/json"),
        (String = "text/csv"),
        (String = "text/html"),
    )), (status = 409, description = "The week is not locked yet", body = bk_guard::ProblemDto, content_type = "application/problem+json"))
)]
#[get("/admin/weeks/{week}/production")]
pub(crate) async fn get_production_plan(
    who: Allowed<ProductionRead>,
    week: Path<WeekName>,
    query: Query<SheetQuery>,
    request: HttpRequest,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let format = query.0.format(&request);
    answer::<ProductionSheetDto>(Sheet::Production, format, &who, week.0, &kitchen).await
}

impl Guarded for get_production_plan {
    const POLICY: Policy = Policy::admin::<ProductionRead>();
}

/// The ingredients a week needs.
///
/// What the recipes of the planned meals call for, exactly. As JSON, CSV or a page for the printer, by `Accept` or `format`.
#[utoipa::path(
    tag = "production",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48"), SheetQuery),
    responses((status = 200, description = "The sheet", content(
        (IngredientSheetDto = "application/json"),
        (String = "text/csv"),
        (String = "text/html"),
    )), (status = 409, description = "The week is not locked yet", body = bk_guard::ProblemDto, content_type = "application/problem+json"))
)]
#[get("/admin/weeks/{week}/ingredients")]
pub(crate) async fn get_ingredient_requirement(
    who: Allowed<ProductionRead>,
    week: Path<WeekName>,
    query: Query<SheetQuery>,
    request: HttpRequest,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let format = query.0.format(&request);
    answer::<IngredientSheetDto>(Sheet::Ingredients, format, &who, week.0, &kitchen).await
}

impl Guarded for get_ingredient_requirement {
    const POLICY: Policy = Policy::admin::<ProductionRead>();
}

/// What to buy for a week.
///
/// The ingredients in whole purchasing units. As JSON, CSV or a page for the printer, by `Accept` or `format`.
#[utoipa::path(
    tag = "production",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48"), SheetQuery),
    responses((status = 200, description = "The sheet", content(
        (PurchasingSheetDto = "application/json"),
        (String = "text/csv"),
        (String = "text/html"),
    )), (status = 409, description = "The week is not locked yet", body = bk_guard::ProblemDto, content_type = "application/problem+json"))
)]
#[get("/admin/weeks/{week}/purchasing")]
pub(crate) async fn get_purchasing_list(
    who: Allowed<ProductionRead>,
    week: Path<WeekName>,
    query: Query<SheetQuery>,
    request: HttpRequest,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let format = query.0.format(&request);
    answer::<PurchasingSheetDto>(Sheet::Purchasing, format, &who, week.0, &kitchen).await
}

impl Guarded for get_purchasing_list {
    const POLICY: Policy = Policy::admin::<ProductionRead>();
}

/// The labels of a week.
///
/// One per meal: dish, customer reference, allergens, nutrition, use-by date. As JSON, CSV or a page for the printer, by `Accept` or `format`.
#[utoipa::path(
    tag = "production",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48"), SheetQuery),
    responses((status = 200, description = "The sheet", content(
        (LabelSheetDto = "application/json"),
        (String = "text/csv"),
        (String = "text/html"),
    )), (status = 409, description = "The week is not locked yet", body = bk_guard::ProblemDto, content_type = "application/problem+json"))
)]
#[get("/admin/weeks/{week}/labels")]
pub(crate) async fn get_labels(
    who: Allowed<ProductionRead>,
    week: Path<WeekName>,
    query: Query<SheetQuery>,
    request: HttpRequest,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let format = query.0.format(&request);
    answer::<LabelSheetDto>(Sheet::Labels, format, &who, week.0, &kitchen).await
}

impl Guarded for get_labels {
    const POLICY: Policy = Policy::admin::<ProductionRead>();
}

/// The pack lists of a week.
///
/// What goes into each account's box. As JSON, CSV or a page for the printer, by `Accept` or `format`.
#[utoipa::path(
    tag = "production",
    params(("week" = String, Path, description = "The week, as `2026-W48`", example = "2026-W48"), SheetQuery),
    responses((status = 200, description = "The sheet", content(
        (PackingSheetDto = "application/json"),
        (String = "text/csv"),
        (String = "text/html"),
    )), (status = 409, description = "The week is not locked yet", body = bk_guard::ProblemDto, content_type = "application/problem+json"))
)]
#[get("/admin/weeks/{week}/packing")]
pub(crate) async fn get_pack_lists(
    who: Allowed<ProductionRead>,
    week: Path<WeekName>,
    query: Query<SheetQuery>,
    request: HttpRequest,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let format = query.0.format(&request);
    answer::<PackingSheetDto>(Sheet::Packing, format, &who, week.0, &kitchen).await
}

impl Guarded for get_pack_lists {
    const POLICY: Policy = Policy::admin::<ProductionRead>();
}

/// A sheet of a week in the form asked for; `D` is its JSON.
async fn answer<D>(
    sheet: Sheet,
    format: SheetFormat,
    who: &Allowed<ProductionRead>,
    week: WeekName,
    kitchen: &CatalogueState,
) -> Result<HttpResponse, Problem>
where
    D: for<'p> From<&'p WeekPlans> + Serialize,
{
    let (tenant, permit) = (who.caller.tenant_id(), who.permit);
    let settings =
        kitchen.kitchen().deps().tenants.settings(tenant).await?.ok_or(Code::NotFound)?;
    let plans = kitchen
        .tenant(tenant)
        .read(move |tx| async move { read_plans(&tx, permit, week).await })
        .await?;
    answer::sheet(sheet, format, &settings.name, &plans, D::from(&plans))
}
