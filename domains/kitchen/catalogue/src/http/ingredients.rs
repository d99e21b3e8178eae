//! `/admin/ingredients`.

use actix_web::{delete, get, post, put, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, NoContent, Page, Path, Policy,
    Problem, RateClass, Routes, Versioned,
};
use bk_kernel::{Code, IngredientId};
use bk_kitchen_core::{
    permissions::{MenuRead, MenuWrite},
    text,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;
use validator::Validate;

use super::{
    ingredient_forms::{AllergenConfirmation, Ingredient, IngredientForm},
    words::AllergenStateWord,
};
use crate::{
    CatalogueState,
    confirm_allergens::ConfirmAllergens,
    ingredient::{self as model, IngredientFilter},
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
    allergen_state: Option<AllergenStateWord>,
    /// Whether new recipes may use it.
    active: Option<bool>,
}

/// List ingredients
///
/// Oldest first. `allergen_state=PROPOSED` are those that wait for a person to confirm.
#[utoipa::path(tag = "ingredients", params(ListQuery<IngredientQuery>), responses(Page<Ingredient>))]
#[get("/admin/ingredients")]
pub(crate) async fn list_ingredients(
    who: Allowed<MenuRead>,
    query: ListQuery<IngredientQuery>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Page<Ingredient>, Problem> {
    let page = query.page();
    let filter = IngredientFilter {
        name_contains: query.filter.q,
        allergen_state: query.filter.allergen_state.map(|word| word.0),
        active: query.filter.active,
    };
    let page = catalogue
        .db()
        .read(&who, (who.clone(), filter, page), async |tx, (who, filter, page)| {
            crate::list_ingredients(&who, &tx, filter, page).await
        })
        .await?;
    Ok(page.map(Ingredient::from).into())
}

impl Guarded for list_ingredients {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Create an ingredient
#[utoipa::path(tag = "ingredients", request_body = IngredientForm, responses(Created<Ingredient>))]
#[post("/admin/ingredients")]
pub(crate) async fn create_ingredient(
    who: Allowed<MenuWrite>,
    body: Json<IngredientForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Created<Ingredient>, Problem> {
    let command = (who.clone(), body.0.into_create()?);
    let ingredient = catalogue
        .change(&who, command, async |tx, (who, command)| {
            crate::create_ingredient(&who, &tx, command).await
        })
        .await?;
    let (id, etag) = (ingredient.id, ETag(ingredient.version));
    Ok(Created::below(id, etag, ingredient.into()))
}

impl Guarded for create_ingredient {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

/// Get an ingredient
#[utoipa::path(tag = "ingredients", params(("id" = Uuid, Path, description = "The ingredient")), responses(Versioned<Ingredient>))]
#[get("/admin/ingredients/{id}")]
pub(crate) async fn get_ingredient(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Ingredient>, Problem> {
    let command = (who.clone(), IngredientId::from(id.0));
    let ingredient = catalogue
        .db()
        .read(&who, command, async |tx, (who, id)| crate::get_ingredient(&who, &tx, id).await)
        .await?
        .ok_or(Code::NotFound)?;
    Ok(versioned(ingredient))
}

impl Guarded for get_ingredient {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Update an ingredient
///
/// Everything but its key and its allergens. Refused when a recipe uses a unit that would no longer
/// convert, or when it would go out of use while a recipe needs it.
#[utoipa::path(tag = "ingredients", params(("id" = Uuid, Path, description = "The ingredient")), request_body = IngredientForm, responses(Versioned<Ingredient>))]
#[put("/admin/ingredients/{id}")]
pub(crate) async fn update_ingredient(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<IngredientForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Ingredient>, Problem> {
    let command = (who.clone(), body.0.into_update(id.0.into(), version.0.0)?);
    let ingredient = catalogue
        .change(&who, command, async |tx, (who, command)| {
            crate::update_ingredient(&who, &tx, command).await
        })
        .await?;
    Ok(versioned(ingredient))
}

impl Guarded for update_ingredient {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

/// Deactivate an ingredient
///
/// It stays for history. Refused while a recipe that is cooked uses it.
#[utoipa::path(tag = "ingredients", params(("id" = Uuid, Path, description = "The ingredient")), responses(NoContent))]
#[delete("/admin/ingredients/{id}")]
pub(crate) async fn deactivate_ingredient(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<NoContent, Problem> {
    let command = (who.clone(), IngredientId::from(id.0));
    catalogue
        .change(&who, command, async |tx, (who, id)| {
            crate::deactivate_ingredient(&who, &tx, id).await
        })
        .await?;
    Ok(NoContent)
}

impl Guarded for deactivate_ingredient {
    const POLICY: Policy = Policy::admin::<MenuWrite>().rate(RateClass::Write);
}

/// Confirm the allergens of an ingredient
///
/// A person says what it contains, and that it contains nothing else. It holds at once for every
/// dish, draft and order that is confirmed from now on.
#[utoipa::path(tag = "ingredients", params(("id" = Uuid, Path, description = "The ingredient")), request_body = AllergenConfirmation, responses(Versioned<Ingredient>))]
#[post("/admin/ingredients/{id}/allergens")]
pub(crate) async fn confirm_ingredient_allergens(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    body: Json<AllergenConfirmation>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Ingredient>, Problem> {
    let command = ConfirmAllergens { id: id.0.into(), allergens: body.0.into_set() };
    let ingredient = catalogue
        .change(&who, (who.clone(), command), async |tx, (who, command)| {
            crate::confirm_allergens(&who, &tx, command).await
        })
        .await?;
    Ok(versioned(ingredient))
}

impl Guarded for confirm_ingredient_allergens {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

fn versioned(ingredient: model::Ingredient) -> Versioned<Ingredient> {
    Versioned { etag: ETag(ingredient.version), body: ingredient.into() }
}
