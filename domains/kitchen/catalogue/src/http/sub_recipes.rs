//! `/admin/sub-recipes`.

use actix_web::{HttpResponse, get, http::header, post, put, web};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, Routes,
    Versioned,
};
use bk_kernel::{Code, RecipeId};
use bk_kitchen_core::{
    Author,
    permissions::{MenuRead, MenuWrite},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    decimal::Amount,
    listing,
    recipe_dto::{BatchLineDto, NamedLineDto, batch_lines},
};
use crate::{
    CatalogueBook, CatalogueState,
    book::BookSubRecipe,
    key_form,
    save_recipe::{self as saving, SubRecipeContent},
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_sub_recipes)
        .mount(create_sub_recipe)
        .mount(get_sub_recipe)
        .mount(update_sub_recipe);
}

/// A recipe that others use: a sauce, a stock, a spice mix.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubRecipe)]
pub(crate) struct SubRecipeDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000050")]
    id: Uuid,
    /// Its key.
    #[schema(example = "napoli_sauce")]
    key: String,
    /// Its name.
    #[schema(example = "Napoli sauce")]
    name: String,
    /// Cooked weight per raw weight, in percent.
    #[schema(example = 76)]
    yield_percent: i32,
    /// Cooked grams of one batch: the weight of the lines times the yield.
    output_g: Amount,
    /// One batch.
    lines: Vec<NamedLineDto>,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A page of sub-recipes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubRecipeList)]
pub(crate) struct SubRecipesDto {
    /// The sub-recipes, oldest first.
    items: Vec<SubRecipeDto>,
    /// Where the next page starts, or null.
    #[schema(example = "019ab0c27d1e7f008000000000000050")]
    next_cursor: Option<String>,
}

/// A sub-recipe to create.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSubRecipe)]
pub(crate) struct NewSubRecipeDto {
    /// Its key; the name makes one when it is absent. It never changes.
    #[validate(length(max = 50), custom(function = key_form::key))]
    #[schema(
        example = "napoli_sauce",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Napoli sauce",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// Cooked weight per raw weight, in percent.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[schema(minimum = 1, maximum = 100, example = 76)]
    yield_percent: i32,
    /// One batch.
    #[validate(length(min = 1, max = 200, message = "1 to 200 lines"))]
    #[schema(min_items = 1, max_items = 200)]
    lines: Vec<BatchLineDto>,
}

/// What a sub-recipe is to be. Its key stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubRecipeChange)]
pub(crate) struct SubRecipeChangeDto {
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Napoli sauce",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// Cooked weight per raw weight, in percent.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[schema(minimum = 1, maximum = 100, example = 76)]
    yield_percent: i32,
    /// One batch.
    #[validate(length(min = 1, max = 200, message = "1 to 200 lines"))]
    #[schema(min_items = 1, max_items = 200)]
    lines: Vec<BatchLineDto>,
}

/// List sub-recipes.
#[utoipa::path(tag = "recipes", params(PageQuery), responses((status = 200, description = "A page of sub-recipes", body = SubRecipesDto)))]
#[get("/admin/sub-recipes")]
pub(crate) async fn list_sub_recipes(
    who: Allowed<MenuRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<SubRecipesDto>, Problem> {
    let (limit, after) = page.0.page()?;
    let book = kitchen.book_now(who.caller.tenant_id()).await?;
    let entries = book.sub_recipes.iter().map(|(id, entry)| (id.uuid(), entry));
    let page = listing::page(entries, limit, after);
    let items = page.items.iter().filter_map(|(id, entry)| dto(&book, (*id).into(), entry));
    Ok(Json(SubRecipesDto { items: items.collect(), next_cursor: page.next_cursor }))
}

impl Guarded for list_sub_recipes {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Create a sub-recipe.
#[utoipa::path(tag = "recipes", request_body = NewSubRecipeDto, responses((status = 201, description = "The sub-recipe", body = SubRecipeDto)))]
#[post("/admin/sub-recipes")]
pub(crate) async fn create_sub_recipe(
    who: Allowed<MenuWrite>,
    body: Json<NewSubRecipeDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let new = body.0;
    let key = key_form::key_of(new.key, &new.name)?.as_str().to_owned();
    let content = SubRecipeContent {
        name: new.name.trim().to_owned(),
        yield_percent: new.yield_percent,
        lines: batch_lines(new.lines)?,
    };
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let tenant = who.caller.tenant_id();
    let id = kitchen
        .edit_catalogue(tenant, move |tx| async move {
            saving::create_sub_recipe(&tx, permit, &author, key, content).await
        })
        .await?;
    let (etag, body) = read(&*kitchen.book_now(tenant).await?, id)?;
    Ok(HttpResponse::Created().insert_header((header::ETAG, etag.header())).json(body))
}

impl Guarded for create_sub_recipe {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

/// Read a sub-recipe.
#[utoipa::path(tag = "recipes", params(("id" = Uuid, Path, description = "The sub-recipe")), responses((status = 200, description = "The sub-recipe", body = SubRecipeDto)))]
#[get("/admin/sub-recipes/{id}")]
pub(crate) async fn get_sub_recipe(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<SubRecipeDto>, Problem> {
    let (etag, body) = read(&*kitchen.book_now(who.caller.tenant_id()).await?, id.0.into())?;
    Ok(Versioned { etag, body })
}

impl Guarded for get_sub_recipe {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Replace a sub-recipe.
///
/// Refused when a recipe would contain itself or a line has no conversion to grams.
#[utoipa::path(tag = "recipes", params(("id" = Uuid, Path, description = "The sub-recipe")), request_body = SubRecipeChangeDto, responses((status = 200, description = "The sub-recipe as it is now", body = SubRecipeDto)))]
#[put("/admin/sub-recipes/{id}")]
pub(crate) async fn update_sub_recipe(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<SubRecipeChangeDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<SubRecipeDto>, Problem> {
    let content = SubRecipeContent {
        name: body.0.name.trim().to_owned(),
        yield_percent: body.0.yield_percent,
        lines: batch_lines(body.0.lines)?,
    };
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let (tenant, id) = (who.caller.tenant_id(), RecipeId::from(id.0));
    let which = (id, version.0.0);
    kitchen
        .edit_catalogue(tenant, move |tx| async move {
            saving::update_sub_recipe(&tx, permit, &author, which, content).await
        })
        .await?;
    let (etag, body) = read(&*kitchen.book_now(tenant).await?, id)?;
    Ok(Versioned { etag, body })
}

impl Guarded for update_sub_recipe {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

fn read(book: &CatalogueBook, id: RecipeId) -> Result<(ETag, SubRecipeDto), Problem> {
    let entry = book.sub_recipes.get(&id).ok_or(Code::NotFound)?;
    let body = dto(book, id, entry).ok_or(Code::NotFound)?;
    Ok((ETag(entry.entry.version), body))
}

fn dto(book: &CatalogueBook, id: RecipeId, entry: &BookSubRecipe) -> Option<SubRecipeDto> {
    let recipe = book.recipes.recipes.get(&id)?;
    let lines = recipe.lines.iter().map(|line| NamedLineDto::new(&book.recipes, None, line));
    Some(SubRecipeDto {
        id: id.uuid(),
        key: entry.entry.key.clone(),
        name: recipe.name.clone(),
        yield_percent: entry.yield_percent,
        output_g: Amount(recipe.makes.amount()),
        lines: lines.collect(),
        created_at: entry.entry.created_at,
    })
}
