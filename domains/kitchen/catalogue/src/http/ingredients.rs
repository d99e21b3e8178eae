//! `/admin/ingredients`.

use actix_web::{HttpResponse, delete, get, http::header, post, put, web};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, RateClass,
    Routes, Versioned,
};
use bk_kernel::{Code, IngredientId};
use bk_kitchen_core::{
    Author,
    permissions::{MenuRead, MenuWrite},
    text,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use validator::Validate;

use super::{
    choice::AllergenStateChoice,
    ingredient_dto::{
        ConfirmAllergensDto, IngredientChangeDto, IngredientDto, IngredientsDto, NewIngredientDto,
    },
};
use crate::{
    CatalogueState,
    ingredient::{Ingredient, IngredientFilter},
    read_ingredients as reading, save_ingredient as saving,
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_ingredients)
        .mount(create_ingredient)
        .mount(get_ingredient)
        .mount(update_ingredient)
        .mount(deactivate_ingredient)
        .mount(confirm_ingredient_allergens);
}

/// Which ingredients to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IngredientQuery {
    /// Part of the name, in any case.
    #[validate(length(min = 1, max = 120), custom(function = text::line))]
    #[param(
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]+$",
        example = "milk"
    )]
    q: Option<String>,
    /// What is known of the allergens.
    #[param(inline)]
    allergen_state: Option<AllergenStateChoice>,
    /// Whether new recipes may use it.
    active: Option<bool>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    cursor: Option<String>,
}

/// List ingredients.
///
/// Oldest first. `allergen_state=PROPOSED` is what waits for a person.
#[utoipa::path(tag = "ingredients", params(IngredientQuery), responses((status = 200, description = "A page of ingredients", body = IngredientsDto)))]
#[get("/admin/ingredients")]
pub(crate) async fn list_ingredients(
    who: Allowed<MenuRead>,
    query: Query<IngredientQuery>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<IngredientsDto>, Problem> {
    let query = query.0;
    let (limit, after) = PageQuery { limit: query.limit, cursor: query.cursor }.page()?;
    let filter = IngredientFilter {
        name_contains: query.q,
        allergen_state: query.allergen_state.map(Into::into),
        active: query.active,
    };
    let page = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move {
            reading::list_ingredients(&tx, who.permit, filter, limit, after).await
        })
        .await?
        .map(IngredientDto::from);
    Ok(Json(IngredientsDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_ingredients {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Create an ingredient.
#[utoipa::path(tag = "ingredients", request_body = NewIngredientDto, responses((status = 201, description = "The ingredient", body = IngredientDto)))]
#[post("/admin/ingredients")]
pub(crate) async fn create_ingredient(
    who: Allowed<MenuWrite>,
    body: Json<NewIngredientDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let (key, content, allergens) = body.0.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let ingredient = kitchen
        .edit_catalogue(who.caller.tenant_id(), move |tx| async move {
            saving::create_ingredient(&tx, permit, &author, key, content, allergens).await
        })
        .await?;
    Ok(HttpResponse::Created()
        .insert_header((header::ETAG, ETag(ingredient.version).header()))
        .json(IngredientDto::from(ingredient)))
}

impl Guarded for create_ingredient {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

/// Read an ingredient.
#[utoipa::path(tag = "ingredients", params(("id" = Uuid, Path, description = "The ingredient")), responses((status = 200, description = "The ingredient", body = IngredientDto)))]
#[get("/admin/ingredients/{id}")]
pub(crate) async fn get_ingredient(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<IngredientDto>, Problem> {
    let id = IngredientId::from(id.0);
    let ingredient = kitchen
        .tenant(who.caller.tenant_id())
        .read(move |tx| async move { reading::get_ingredient(&tx, who.permit, id).await })
        .await?
        .ok_or(Code::NotFound)?;
    Ok(versioned(ingredient))
}

impl Guarded for get_ingredient {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Replace an ingredient.
///
/// Everything but its key and its allergens. Refused when a recipe uses a unit that would no longer
/// convert, or when it would go out of use while a recipe needs it.
#[utoipa::path(tag = "ingredients", params(("id" = Uuid, Path, description = "The ingredient")), request_body = IngredientChangeDto, responses((status = 200, description = "The ingredient as it is now", body = IngredientDto)))]
#[put("/admin/ingredients/{id}")]
pub(crate) async fn update_ingredient(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<IngredientChangeDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<IngredientDto>, Problem> {
    let (content, active) = body.0.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let which = (IngredientId::from(id.0), version.0.0);
    let ingredient = kitchen
        .edit_catalogue(who.caller.tenant_id(), move |tx| async move {
            saving::update_ingredient(&tx, permit, &author, which, content, active).await
        })
        .await?;
    Ok(versioned(ingredient))
}

impl Guarded for update_ingredient {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

/// Take an ingredient out of use.
///
/// It stays for history. Refused while a recipe that is cooked uses it.
#[utoipa::path(tag = "ingredients", params(("id" = Uuid, Path, description = "The ingredient")), responses((status = 204, description = "It is out of use")))]
#[delete("/admin/ingredients/{id}")]
pub(crate) async fn deactivate_ingredient(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let (permit, author, id) = (who.permit, Author::from(&who.caller), id.0.into());
    kitchen
        .edit_catalogue(who.caller.tenant_id(), move |tx| async move {
            saving::deactivate_ingredient(&tx, permit, &author, id).await
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Guarded for deactivate_ingredient {
    const POLICY: Policy = Policy::admin::<MenuWrite>().rate(RateClass::Write);
}

/// Confirm the allergens of an ingredient.
///
/// A person says what it contains, and that it contains nothing else. It holds at once for every
/// dish, draft and order that is confirmed from now on.
#[utoipa::path(tag = "ingredients", params(("id" = Uuid, Path, description = "The ingredient")), request_body = ConfirmAllergensDto, responses((status = 200, description = "The ingredient as it is now", body = IngredientDto)))]
#[post("/admin/ingredients/{id}/allergens")]
pub(crate) async fn confirm_ingredient_allergens(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    body: Json<ConfirmAllergensDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<IngredientDto>, Problem> {
    let (permit, author, id) = (who.permit, Author::from(&who.caller), id.0.into());
    let allergens = body.0.read();
    let ingredient = kitchen
        .edit_catalogue(who.caller.tenant_id(), move |tx| async move {
            saving::confirm_allergens(&tx, permit, &author, id, allergens).await
        })
        .await?;
    Ok(versioned(ingredient))
}

impl Guarded for confirm_ingredient_allergens {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

fn versioned(ingredient: Ingredient) -> Versioned<IngredientDto> {
    Versioned { etag: ETag(ingredient.version), body: ingredient.into() }
}
