//! `/admin/sub-recipes`.

use actix_web::{get, post, put, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, Page, Path, Policy, Problem, Routes,
    Versioned,
};
use bk_kernel::{Code, RecipeId};
use bk_kitchen_core::{
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
    keys, listing,
    recipe_forms::{BatchLine, NamedRecipeLine, batch_lines},
};
use crate::{
    CatalogueSnapshot, CatalogueState,
    commands::{Create, Update},
    save_recipe::SubRecipeContent,
    snapshot::CatalogueSubRecipe,
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
pub(crate) struct SubRecipe {
    /// The id of the sub recipe.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000050")]
    id: Uuid,
    /// The key of the sub recipe.
    #[schema(example = "napoli_sauce")]
    key: String,
    /// The name of the sub recipe.
    #[schema(example = "Napoli sauce")]
    name: String,
    /// Cooked weight per raw weight, in percent.
    #[schema(example = 76)]
    yield_percent: i32,
    /// Cooked grams of one batch: the weight of the lines times the yield.
    output_g: Amount,
    /// One batch.
    lines: Vec<NamedRecipeLine>,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A sub-recipe to create or to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubRecipeForm {
    /// Its key; the name makes one when it is absent. It never changes: at a change it may only repeat
    /// the present one.
    #[validate(length(max = 50), custom(function = keys::key))]
    #[schema(
        example = "napoli_sauce",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// The name of the sub recipe form.
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
    lines: Vec<BatchLine>,
}

/// List sub-recipes
#[utoipa::path(tag = "recipes", params(ListQuery), responses(Page<SubRecipe>))]
#[get("/admin/sub-recipes")]
pub(crate) async fn list_sub_recipes(
    who: Allowed<MenuRead>,
    query: ListQuery,
    catalogue: web::Data<CatalogueState>,
) -> Result<Page<SubRecipe>, Problem> {
    let snapshot = catalogue.read_catalogue(&who).await?;
    let entries = snapshot
        .sub_recipes
        .iter()
        .filter_map(|(id, entry)| Some((id.uuid(), resource(&snapshot, *id, entry)?)));
    Ok(listing::page(entries, query.page()).map(|(_, sub_recipe)| sub_recipe).into())
}

impl Guarded for list_sub_recipes {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Create a sub-recipe
#[utoipa::path(tag = "recipes", request_body = SubRecipeForm, responses(Created<SubRecipe>))]
#[post("/admin/sub-recipes")]
pub(crate) async fn create_sub_recipe(
    who: Allowed<MenuWrite>,
    body: Json<SubRecipeForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Created<SubRecipe>, Problem> {
    let command = (who.clone(), body.0.into_create()?);
    let id = catalogue
        .change(&who, command, async |tx, (who, command)| {
            crate::create_sub_recipe(&who, &tx, command).await
        })
        .await?;
    let Versioned { etag, body } = versioned(&*catalogue.current(&who).await?, id)?;
    Ok(Created::below(id, etag, body))
}

impl Guarded for create_sub_recipe {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

/// Get a sub-recipe
#[utoipa::path(tag = "recipes", params(("id" = Uuid, Path, description = "The sub-recipe")), responses(Versioned<SubRecipe>))]
#[get("/admin/sub-recipes/{id}")]
pub(crate) async fn get_sub_recipe(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<SubRecipe>, Problem> {
    versioned(&*catalogue.read_catalogue(&who).await?, id.0.into())
}

impl Guarded for get_sub_recipe {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Update a sub-recipe
///
/// Refused when a recipe would contain itself or a line has no conversion to grams.
#[utoipa::path(tag = "recipes", params(("id" = Uuid, Path, description = "The sub-recipe")), request_body = SubRecipeForm, responses(Versioned<SubRecipe>))]
#[put("/admin/sub-recipes/{id}")]
pub(crate) async fn update_sub_recipe(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<SubRecipeForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<SubRecipe>, Problem> {
    let id = RecipeId::from(id.0);
    let command = (who.clone(), body.0.into_update(id, version.0.0)?);
    catalogue
        .change(&who, command, async |tx, (who, command)| {
            crate::update_sub_recipe(&who, &tx, command).await
        })
        .await?;
    versioned(&*catalogue.current(&who).await?, id)
}

impl Guarded for update_sub_recipe {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

fn versioned(snapshot: &CatalogueSnapshot, id: RecipeId) -> Result<Versioned<SubRecipe>, Problem> {
    let entry = snapshot.sub_recipes.get(&id).ok_or(Code::NotFound)?;
    let body = resource(snapshot, id, entry).ok_or(Code::NotFound)?;
    Ok(Versioned { etag: ETag(entry.entry.version), body })
}

fn resource(
    snapshot: &CatalogueSnapshot,
    id: RecipeId,
    entry: &CatalogueSubRecipe,
) -> Option<SubRecipe> {
    let recipe = snapshot.recipes.recipes.get(&id)?;
    let lines = recipe.lines.iter().map(|line| NamedRecipeLine::new(&snapshot.recipes, None, line));
    Some(SubRecipe {
        id: id.uuid(),
        key: entry.entry.key.clone(),
        name: recipe.name.clone(),
        yield_percent: entry.yield_percent,
        output_g: Amount(recipe.makes.amount()),
        lines: lines.collect(),
        created_at: entry.entry.created_at,
    })
}

impl SubRecipeForm {
    fn into_create(self) -> Result<Create<SubRecipeContent>, Problem> {
        let key = keys::key_of(self.key.clone(), &self.name)?;
        Ok(Create { key, content: self.into_content()? })
    }

    fn into_update(
        self,
        id: RecipeId,
        version: i64,
    ) -> Result<Update<RecipeId, SubRecipeContent>, Problem> {
        let key = keys::repeated(self.key.as_deref())?;
        Ok(Update { id, version, key, content: self.into_content()? })
    }

    fn into_content(self) -> Result<SubRecipeContent, Problem> {
        Ok(SubRecipeContent {
            name: self.name.trim().to_owned(),
            yield_percent: self.yield_percent,
            lines: batch_lines(self.lines)?,
        })
    }
}
