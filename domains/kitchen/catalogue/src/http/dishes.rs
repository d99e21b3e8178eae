//! `/admin/dishes`.

use actix_web::{delete, get, post, put, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, NoContent, Page, Path, Policy,
    Problem, RateClass, Routes, Versioned,
};
use bk_kernel::{Code, DishId};
use bk_kitchen_core::{
    permissions::{MenuRead, MenuWrite},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{
    keys, listing,
    recipe_forms::{ComputedRecipe, NamedRecipeLine, ServingLine, serving_lines},
    words::{AllergenWord, DishCategoryWord, DishStatusWord},
};
use crate::{
    CatalogueDish, CatalogueSnapshot, CatalogueState, ShelfLife,
    commands::{Create, Update},
    save_recipe::DishContent,
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
pub(crate) struct DishSummary {
    /// The id of the dish summary.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// The key of the dish summary.
    #[schema(example = "beef_cheek_ragu")]
    key: String,
    /// The name of the dish summary.
    #[schema(example = "Beef cheek ragu")]
    name: String,
    /// What it is sold as.
    category: DishCategoryWord,
    /// Whether it can be offered.
    status: DishStatusWord,
    /// Whether presets choose its sides.
    #[schema(example = true)]
    configurable: bool,
    /// What it contains, in any size.
    allergens: Vec<AllergenWord>,
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
pub(crate) struct Dish {
    /// The id of the dish.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// The key of the dish.
    #[schema(example = "beef_cheek_ragu")]
    key: String,
    /// The name of the dish.
    #[schema(example = "Beef cheek ragu")]
    name: String,
    /// What it is sold as.
    category: DishCategoryWord,
    /// Whether it can be offered.
    status: DishStatusWord,
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
    lines: Vec<NamedRecipeLine>,
    /// What the recipe comes to.
    computed: ComputedRecipe,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A dish to create or to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DishForm {
    /// Its key; the name makes one when it is absent. It never changes: at a change it may only repeat
    /// the present one.
    #[validate(length(max = 50), custom(function = keys::key))]
    #[schema(
        example = "beef_cheek_ragu",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// The name of the dish form.
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
    category: DishCategoryWord,
    /// Days a meal keeps.
    #[validate(range(min = 1, max = 30, message = "between 1 and 30"))]
    #[schema(minimum = 1, maximum = 30, example = 5)]
    shelf_life_days: i32,
    /// Whether presets choose its sides; if not, the recipe is the whole meal.
    #[schema(example = true)]
    configurable: bool,
    /// Whether it can be offered; absent keeps it, and a new dish is then `ACTIVE`.
    status: Option<DishStatusWord>,
    /// One serving of each size: quantities of what is on the plate.
    #[validate(length(max = 200, message = "at most 200 lines"))]
    #[schema(max_items = 200)]
    lines: Vec<ServingLine>,
}

/// Which dishes to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DishFilter {
    /// Whether it can be offered.
    #[param(inline)]
    status: Option<DishStatusWord>,
}

/// List dishes
#[utoipa::path(tag = "dishes", params(ListQuery<DishFilter>), responses(Page<DishSummary>))]
#[get("/admin/dishes")]
pub(crate) async fn list_dishes(
    who: Allowed<MenuRead>,
    query: ListQuery<DishFilter>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Page<DishSummary>, Problem> {
    let snapshot = catalogue.read_catalogue(&who).await?;
    let status = query.filter.status.map(|word| word.0);
    let entries = snapshot
        .dishes
        .iter()
        .filter(|(_, entry)| status.is_none_or(|status| entry.dish.status == status))
        .map(|(id, entry)| (id.uuid(), entry));
    let page = listing::page(entries, query.page());
    Ok(page.map(|(_, entry)| DishSummary::from(entry)).into())
}

impl Guarded for list_dishes {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Create a dish
#[utoipa::path(tag = "dishes", request_body = DishForm, responses(Created<Dish>))]
#[post("/admin/dishes")]
pub(crate) async fn create_dish(
    who: Allowed<MenuWrite>,
    body: Json<DishForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Created<Dish>, Problem> {
    let command = (who.clone(), body.0.into_create()?);
    let id = catalogue
        .change(&who, command, async |tx, (who, command)| {
            crate::create_dish(&who, &tx, command).await
        })
        .await?;
    let Versioned { etag, body } = versioned(&*catalogue.current(&who).await?, id)?;
    Ok(Created::below(id, etag, body))
}

impl Guarded for create_dish {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

/// Get a dish
///
/// With its recipe, the allergens that brings and through what, and the facts of a serving.
#[utoipa::path(tag = "dishes", params(("id" = Uuid, Path, description = "The dish")), responses(Versioned<Dish>))]
#[get("/admin/dishes/{id}")]
pub(crate) async fn get_dish(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Dish>, Problem> {
    versioned(&*catalogue.read_catalogue(&who).await?, id.0.into())
}

impl Guarded for get_dish {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Update a dish
///
/// Everything but its key. While a published menu offers it, it stays active with a recipe for both
/// sizes.
#[utoipa::path(tag = "dishes", params(("id" = Uuid, Path, description = "The dish")), request_body = DishForm, responses(Versioned<Dish>))]
#[put("/admin/dishes/{id}")]
pub(crate) async fn update_dish(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<DishForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Dish>, Problem> {
    let id = DishId::from(id.0);
    let command = (who.clone(), catalogue.menus(), body.0.into_update(id, version.0.0)?);
    catalogue
        .change(&who, command, async |tx, (who, menus, command)| {
            crate::update_dish(&who, &tx, &*menus, command).await
        })
        .await?;
    versioned(&*catalogue.current(&who).await?, id)
}

impl Guarded for update_dish {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

/// Retire a dish
///
/// Menus can no longer offer it. Refused while a published menu of a week that is not locked does.
#[utoipa::path(tag = "dishes", params(("id" = Uuid, Path, description = "The dish")), responses(NoContent))]
#[delete("/admin/dishes/{id}")]
pub(crate) async fn retire_dish(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<NoContent, Problem> {
    let command = (who.clone(), catalogue.menus(), DishId::from(id.0));
    catalogue
        .change(&who, command, async |tx, (who, menus, id)| {
            crate::retire_dish(&who, &tx, &*menus, id).await
        })
        .await?;
    Ok(NoContent)
}

impl Guarded for retire_dish {
    const POLICY: Policy = Policy::admin::<MenuWrite>().rate(RateClass::Write);
}

fn versioned(snapshot: &CatalogueSnapshot, id: DishId) -> Result<Versioned<Dish>, Problem> {
    let entry = snapshot.dishes.get(&id).ok_or(Code::NotFound)?;
    let body = Dish {
        id: id.uuid(),
        key: entry.entry.key.clone(),
        name: entry.dish.name.clone(),
        category: entry.dish.category.into(),
        status: entry.dish.status.into(),
        configurable: entry.dish.configurable,
        description: entry.description.clone(),
        shelf_life_days: entry.dish.shelf_life.into(),
        lines: NamedRecipeLine::of_servings(&snapshot.recipes, &entry.recipe),
        computed: (&entry.computed).into(),
        created_at: entry.entry.created_at,
    };
    Ok(Versioned { etag: ETag(entry.entry.version), body })
}

impl From<&CatalogueDish> for DishSummary {
    fn from(entry: &CatalogueDish) -> Self {
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

impl DishForm {
    fn into_create(self) -> Result<Create<DishContent>, Problem> {
        let key = keys::key_of(self.key.clone(), &self.name)?;
        Ok(Create { key, content: self.into_content()? })
    }

    fn into_update(self, id: DishId, version: i64) -> Result<Update<DishId, DishContent>, Problem> {
        let key = keys::repeated(self.key.as_deref())?;
        Ok(Update { id, version, key, content: self.into_content()? })
    }

    fn into_content(self) -> Result<DishContent, Problem> {
        let shelf_life = ShelfLife::try_from(self.shelf_life_days)
            .map_err(|error| Problem::field("/shelf_life_days", "range", error.to_string()))?;
        Ok(DishContent {
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            category: self.category.0,
            shelf_life,
            configurable: self.configurable,
            status: self.status.map(|word| word.0),
            lines: serving_lines(self.lines)?,
        })
    }
}
