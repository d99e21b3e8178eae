//! `/admin/dishes`.

use actix_web::{HttpResponse, delete, get, http::header, post, put, web};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, RateClass,
    Routes, Versioned,
};
use bk_kernel::{Code, DishId};
use bk_kitchen_core::{
    Author,
    permissions::{MenuRead, MenuWrite},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{
    choice::{AllergenChoice, DishCategoryChoice, DishStatusChoice},
    listing,
    recipe_dto::{ComputedDto, NamedLineDto, ServingLineDto, serving_lines},
};
use crate::{
    BookDish, CatalogueBook, CatalogueState, ShelfLife, key_form,
    save_recipe::{self as saving, DishContent},
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_dishes)
        .mount(create_dish)
        .mount(get_dish)
        .mount(update_dish)
        .mount(retire_dish);
}

/// A dish without its recipe.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DishSummary)]
pub(crate) struct DishSummaryDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// Its key.
    #[schema(example = "beef_cheek_ragu")]
    key: String,
    /// Its name.
    #[schema(example = "Beef cheek ragu")]
    name: String,
    /// What it is sold as.
    category: DishCategoryChoice,
    /// Whether it can be offered.
    status: DishStatusChoice,
    /// Whether presets choose its sides.
    #[schema(example = true)]
    configurable: bool,
    /// What it contains, in any size.
    allergens: Vec<AllergenChoice>,
    /// Whether the allergens of every ingredient are confirmed.
    #[schema(example = true)]
    allergens_known: bool,
    /// Whether it has a recipe for both sizes.
    #[schema(example = true)]
    recipe_complete: bool,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A dish with its recipe and what that comes to. Allergens are computed, never typed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dish)]
pub(crate) struct DishDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// Its key.
    #[schema(example = "beef_cheek_ragu")]
    key: String,
    /// Its name.
    #[schema(example = "Beef cheek ragu")]
    name: String,
    /// What it is sold as.
    category: DishCategoryChoice,
    /// Whether it can be offered.
    status: DishStatusChoice,
    /// Whether presets choose its sides.
    #[schema(example = true)]
    configurable: bool,
    /// What customers read below the name.
    #[schema(example = "Slow-cooked with tomatoes.")]
    description: String,
    /// Days a meal keeps.
    #[schema(example = 5)]
    shelf_life_days: i32,
    /// One serving of each size.
    lines: Vec<NamedLineDto>,
    /// What the recipe comes to.
    computed: ComputedDto,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A page of dishes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DishList)]
pub(crate) struct DishesDto {
    /// The dishes, oldest first.
    items: Vec<DishSummaryDto>,
    /// Where the next page starts, or null.
    #[schema(example = "019ab0c27d1e7f008000000000000020")]
    next_cursor: Option<String>,
}

/// A dish to create.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDish)]
pub(crate) struct NewDishDto {
    /// Its key; the name makes one when it is absent. It never changes.
    #[validate(length(max = 50), custom(function = key_form::key))]
    #[schema(
        example = "beef_cheek_ragu",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Beef cheek ragu",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// What customers read below it.
    #[serde(default)]
    #[validate(length(max = 1000), custom(function = text::paragraph))]
    #[schema(
        example = "Slow-cooked with tomatoes.",
        max_length = 1000,
        pattern = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"
    )]
    description: String,
    /// What it is sold as.
    category: DishCategoryChoice,
    /// Days a meal keeps.
    #[validate(range(min = 1, max = 30, message = "between 1 and 30"))]
    #[schema(minimum = 1, maximum = 30, example = 5)]
    shelf_life_days: i32,
    /// Whether presets choose its sides; if not, the recipe is the whole meal.
    #[schema(example = true)]
    configurable: bool,
    /// Whether it can be offered; absent keeps it, and a new dish is then `ACTIVE`.
    status: Option<DishStatusChoice>,
    /// One serving of each size: quantities of what is on the plate.
    #[validate(length(max = 200, message = "at most 200 lines"))]
    #[schema(max_items = 200)]
    lines: Vec<ServingLineDto>,
}

/// What it is to be. Its key stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DishChange)]
pub(crate) struct DishChangeDto {
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Beef cheek ragu",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// What customers read below it.
    #[serde(default)]
    #[validate(length(max = 1000), custom(function = text::paragraph))]
    #[schema(
        example = "Slow-cooked with tomatoes.",
        max_length = 1000,
        pattern = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"
    )]
    description: String,
    /// What it is sold as.
    category: DishCategoryChoice,
    /// Days a meal keeps.
    #[validate(range(min = 1, max = 30, message = "between 1 and 30"))]
    #[schema(minimum = 1, maximum = 30, example = 5)]
    shelf_life_days: i32,
    /// Whether presets choose its sides; if not, the recipe is the whole meal.
    #[schema(example = true)]
    configurable: bool,
    /// Whether it can be offered; absent keeps it, and a new dish is then `ACTIVE`.
    status: Option<DishStatusChoice>,
    /// One serving of each size: quantities of what is on the plate.
    #[validate(length(max = 200, message = "at most 200 lines"))]
    #[schema(max_items = 200)]
    lines: Vec<ServingLineDto>,
}

/// Which dishes to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DishQuery {
    /// Whether it can be offered.
    #[param(inline)]
    status: Option<DishStatusChoice>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    cursor: Option<String>,
}

/// List dishes.
#[utoipa::path(tag = "dishes", params(DishQuery), responses((status = 200, description = "A page of dishes", body = DishesDto)))]
#[get("/admin/dishes")]
pub(crate) async fn list_dishes(
    who: Allowed<MenuRead>,
    query: Query<DishQuery>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<DishesDto>, Problem> {
    let query = query.0;
    let (limit, after) = PageQuery { limit: query.limit, cursor: query.cursor }.page()?;
    let book = kitchen.book_now(who.caller.tenant_id()).await?;
    let wished = query.status.map(|status| status.0);
    let entries = book
        .dishes
        .iter()
        .filter(|(_, entry)| wished.is_none_or(|status| entry.dish.status == status))
        .map(|(id, entry)| (id.uuid(), entry));
    let page = listing::page(entries, limit, after).map(|(_, entry)| DishSummaryDto::from(&entry));
    Ok(Json(DishesDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_dishes {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Create a dish.
#[utoipa::path(tag = "dishes", request_body = NewDishDto, responses((status = 201, description = "The dish", body = DishDto)))]
#[post("/admin/dishes")]
pub(crate) async fn create_dish(
    who: Allowed<MenuWrite>,
    body: Json<NewDishDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let (key, content) = body.0.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let tenant = who.caller.tenant_id();
    let id = kitchen
        .edit_catalogue(tenant, move |tx| async move {
            saving::create_dish(&tx, permit, &author, key, content).await
        })
        .await?;
    let (etag, body) = read(&*kitchen.book_now(tenant).await?, id)?;
    Ok(HttpResponse::Created().insert_header((header::ETAG, etag.header())).json(body))
}

impl Guarded for create_dish {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

/// Read a dish.
///
/// With its recipe, the allergens that brings and through what, and the facts of a serving.
#[utoipa::path(tag = "dishes", params(("id" = Uuid, Path, description = "The dish")), responses((status = 200, description = "The dish", body = DishDto)))]
#[get("/admin/dishes/{id}")]
pub(crate) async fn get_dish(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<DishDto>, Problem> {
    let (etag, body) = read(&*kitchen.book_now(who.caller.tenant_id()).await?, id.0.into())?;
    Ok(Versioned { etag, body })
}

impl Guarded for get_dish {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Replace a dish.
///
/// Everything but its key. While a published menu offers it, it stays active with a recipe for both
/// sizes.
#[utoipa::path(tag = "dishes", params(("id" = Uuid, Path, description = "The dish")), request_body = DishChangeDto, responses((status = 200, description = "The dish as it is now", body = DishDto)))]
#[put("/admin/dishes/{id}")]
pub(crate) async fn update_dish(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<DishChangeDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<DishDto>, Problem> {
    let content = body.0.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let (tenant, id) = (who.caller.tenant_id(), DishId::from(id.0));
    let which = (id, version.0.0);
    let menus = kitchen.menus();
    kitchen
        .edit_catalogue(tenant, move |tx| async move {
            saving::update_dish(&tx, &*menus, permit, &author, which, content).await
        })
        .await?;
    let (etag, body) = read(&*kitchen.book_now(tenant).await?, id)?;
    Ok(Versioned { etag, body })
}

impl Guarded for update_dish {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

/// Retire a dish.
///
/// Menus can no longer offer it. Refused while a published menu of a week that is not locked does.
#[utoipa::path(tag = "dishes", params(("id" = Uuid, Path, description = "The dish")), responses((status = 204, description = "It is retired")))]
#[delete("/admin/dishes/{id}")]
pub(crate) async fn retire_dish(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let (permit, author, id) = (who.permit, Author::from(&who.caller), id.0.into());
    let menus = kitchen.menus();
    kitchen
        .edit_catalogue(who.caller.tenant_id(), move |tx| async move {
            saving::retire_dish(&tx, &*menus, permit, &author, id).await
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Guarded for retire_dish {
    const POLICY: Policy = Policy::admin::<MenuWrite>().rate(RateClass::Write);
}

fn read(book: &CatalogueBook, id: DishId) -> Result<(ETag, DishDto), Problem> {
    let entry = book.dishes.get(&id).ok_or(Code::NotFound)?;
    let body = DishDto {
        id: id.uuid(),
        key: entry.entry.key.clone(),
        name: entry.dish.name.clone(),
        category: entry.dish.category.into(),
        status: entry.dish.status.into(),
        configurable: entry.dish.configurable,
        description: entry.description.clone(),
        shelf_life_days: entry.dish.shelf_life.into(),
        lines: NamedLineDto::of_servings(&book.recipes, &entry.recipe),
        computed: (&entry.computed).into(),
        created_at: entry.entry.created_at,
    };
    Ok((ETag(entry.entry.version), body))
}

impl From<&BookDish> for DishSummaryDto {
    fn from(entry: &BookDish) -> Self {
        let composition = &entry.computed.composition;
        Self {
            id: entry.dish.id.uuid(),
            key: entry.entry.key.clone(),
            name: entry.dish.name.clone(),
            category: entry.dish.category.into(),
            status: entry.dish.status.into(),
            configurable: entry.dish.configurable,
            allergens: composition.allergens.keys().copied().map(Into::into).collect(),
            allergens_known: composition.unknown.is_empty(),
            recipe_complete: entry.recipe.is_complete(),
            created_at: entry.entry.created_at,
        }
    }
}

impl NewDishDto {
    fn read(self) -> Result<(String, DishContent), Problem> {
        let key = key_form::key_of(self.key, &self.name)?.as_str().to_owned();
        let content = DishChangeDto {
            name: self.name,
            description: self.description,
            category: self.category,
            shelf_life_days: self.shelf_life_days,
            configurable: self.configurable,
            status: self.status,
            lines: self.lines,
        };
        Ok((key, content.read()?))
    }
}

impl DishChangeDto {
    fn read(self) -> Result<DishContent, Problem> {
        let shelf_life = ShelfLife::try_from(self.shelf_life_days)
            .map_err(|error| Problem::field("/shelf_life_days", "range", error.to_string()))?;
        Ok(DishContent {
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            category: self.category.into(),
            shelf_life,
            configurable: self.configurable,
            status: self.status.map(Into::into),
            lines: serving_lines(self.lines)?,
        })
    }
}
