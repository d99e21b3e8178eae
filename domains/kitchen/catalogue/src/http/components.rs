//! `/admin/components`.

use actix_web::{HttpResponse, delete, get, http::header, post, put, web};
use bk_guard::{
    Allowed, ETag, Guarded, IfMatch, Json, PageQuery, Path, Policy, Problem, Query, RateClass,
    Routes, Versioned,
};
use bk_kernel::{Code, ComponentId};
use bk_kitchen_core::{
    Author,
    http::TierChoice,
    permissions::{MenuRead, MenuWrite},
    text,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::{
    choice::{AllergenChoice, ComponentKindChoice, ComponentStatusChoice},
    listing,
    recipe_dto::{ComputedDto, NamedLineDto, ServingLineDto, serving_lines},
};
use crate::{
    BookComponent, CatalogueBook, CatalogueState, key_form,
    save_recipe::{self as saving, ComponentContent},
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_components)
        .mount(create_component)
        .mount(get_component)
        .mount(update_component)
        .mount(retire_component);
}

/// A side without its recipe.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComponentSummary)]
pub(crate) struct ComponentSummaryDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// Its key.
    #[schema(example = "steamed_broccoli")]
    key: String,
    /// Its name.
    #[schema(example = "Steamed broccoli")]
    name: String,
    /// The slot it fills.
    kind: ComponentKindChoice,
    /// The lowest account tier that may have it.
    tier: TierChoice,
    /// Whether it stands in for sides above an account's tier.
    #[schema(example = false)]
    slot_base: bool,
    /// Whether it can be offered.
    status: ComponentStatusChoice,
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

/// A side with its recipe and what that comes to. Allergens are computed, never typed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Component)]
pub(crate) struct ComponentDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// Its key.
    #[schema(example = "steamed_broccoli")]
    key: String,
    /// Its name.
    #[schema(example = "Steamed broccoli")]
    name: String,
    /// The slot it fills.
    kind: ComponentKindChoice,
    /// The lowest account tier that may have it.
    tier: TierChoice,
    /// Whether it stands in for sides above an account's tier.
    #[schema(example = false)]
    slot_base: bool,
    /// Whether it can be offered.
    status: ComponentStatusChoice,
    /// One serving of each size.
    lines: Vec<NamedLineDto>,
    /// What the recipe comes to.
    computed: ComputedDto,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A page of sides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ComponentList)]
pub(crate) struct ComponentsDto {
    /// The sides, oldest first.
    items: Vec<ComponentSummaryDto>,
    /// Where the next page starts, or null.
    #[schema(example = "019ab0c27d1e7f008000000000000020")]
    next_cursor: Option<String>,
}

/// A side to create.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComponent)]
pub(crate) struct NewComponentDto {
    /// Its key; the name makes one when it is absent. It never changes.
    #[validate(length(max = 50), custom(function = key_form::key))]
    #[schema(
        example = "steamed_broccoli",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Steamed broccoli",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// The slot it fills.
    kind: ComponentKindChoice,
    /// The lowest account tier that may have it.
    tier: TierChoice,
    /// Whether it stands in for sides above an account's tier: one per kind, active, of tier `BASE`.
    #[serde(default)]
    #[schema(example = false)]
    slot_base: bool,
    /// Whether it can be offered; absent keeps it, and a new side is then `ACTIVE`.
    status: Option<ComponentStatusChoice>,
    /// One serving of each size: quantities of what is on the plate.
    #[validate(length(max = 200, message = "at most 200 lines"))]
    #[schema(max_items = 200)]
    lines: Vec<ServingLineDto>,
}

/// What it is to be. Its key stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ComponentChange)]
pub(crate) struct ComponentChangeDto {
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Steamed broccoli",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// The slot it fills.
    kind: ComponentKindChoice,
    /// The lowest account tier that may have it.
    tier: TierChoice,
    /// Whether it stands in for sides above an account's tier: one per kind, active, of tier `BASE`.
    #[serde(default)]
    #[schema(example = false)]
    slot_base: bool,
    /// Whether it can be offered; absent keeps it, and a new side is then `ACTIVE`.
    status: Option<ComponentStatusChoice>,
    /// One serving of each size: quantities of what is on the plate.
    #[validate(length(max = 200, message = "at most 200 lines"))]
    #[schema(max_items = 200)]
    lines: Vec<ServingLineDto>,
}

/// Which sides to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ComponentQuery {
    /// Whether it can be offered.
    #[param(inline)]
    status: Option<ComponentStatusChoice>,
    /// Rows per page.
    #[validate(range(min = 1, max = 100, message = "between 1 and 100"))]
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    cursor: Option<String>,
}

/// List sides.
#[utoipa::path(tag = "components", params(ComponentQuery), responses((status = 200, description = "A page of sides", body = ComponentsDto)))]
#[get("/admin/components")]
pub(crate) async fn list_components(
    who: Allowed<MenuRead>,
    query: Query<ComponentQuery>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<ComponentsDto>, Problem> {
    let query = query.0;
    let (limit, after) = PageQuery { limit: query.limit, cursor: query.cursor }.page()?;
    let book = kitchen.book_now(who.caller.tenant_id()).await?;
    let wished = query.status.map(|status| status.0);
    let entries = book
        .components
        .iter()
        .filter(|(_, entry)| wished.is_none_or(|status| entry.status == status))
        .map(|(id, entry)| (id.uuid(), entry));
    let page =
        listing::page(entries, limit, after).map(|(_, entry)| ComponentSummaryDto::from(&entry));
    Ok(Json(ComponentsDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_components {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Create a side.
#[utoipa::path(tag = "components", request_body = NewComponentDto, responses((status = 201, description = "The side", body = ComponentDto)))]
#[post("/admin/components")]
pub(crate) async fn create_component(
    who: Allowed<MenuWrite>,
    body: Json<NewComponentDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let (key, content) = body.0.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let tenant = who.caller.tenant_id();
    let id = kitchen
        .edit_catalogue(tenant, move |tx| async move {
            saving::create_component(&tx, permit, &author, key, content).await
        })
        .await?;
    let (etag, body) = read(&*kitchen.book_now(tenant).await?, id)?;
    Ok(HttpResponse::Created().insert_header((header::ETAG, etag.header())).json(body))
}

impl Guarded for create_component {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

/// Read a side.
///
/// With its recipe, the allergens that brings and through what, and the facts of a serving.
#[utoipa::path(tag = "components", params(("id" = Uuid, Path, description = "The side")), responses((status = 200, description = "The side", body = ComponentDto)))]
#[get("/admin/components/{id}")]
pub(crate) async fn get_component(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<ComponentDto>, Problem> {
    let (etag, body) = read(&*kitchen.book_now(who.caller.tenant_id()).await?, id.0.into())?;
    Ok(Versioned { etag, body })
}

impl Guarded for get_component {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Replace a side.
///
/// Everything but its key. A side that active presets name stays active and of its kind.
#[utoipa::path(tag = "components", params(("id" = Uuid, Path, description = "The side")), request_body = ComponentChangeDto, responses((status = 200, description = "The side as it is now", body = ComponentDto)))]
#[put("/admin/components/{id}")]
pub(crate) async fn update_component(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<ComponentChangeDto>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<ComponentDto>, Problem> {
    let content = body.0.read()?;
    let (permit, author) = (who.permit, Author::from(&who.caller));
    let (tenant, id) = (who.caller.tenant_id(), ComponentId::from(id.0));
    let which = (id, version.0.0);
    kitchen
        .edit_catalogue(tenant, move |tx| async move {
            saving::update_component(&tx, permit, &author, which, content).await
        })
        .await?;
    let (etag, body) = read(&*kitchen.book_now(tenant).await?, id)?;
    Ok(Versioned { etag, body })
}

impl Guarded for update_component {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

/// Retire a side.
///
/// Presets can no longer name it. Refused while an active preset does, or while it stands in for others.
#[utoipa::path(tag = "components", params(("id" = Uuid, Path, description = "The side")), responses((status = 204, description = "It is retired")))]
#[delete("/admin/components/{id}")]
pub(crate) async fn retire_component(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<HttpResponse, Problem> {
    let (permit, author, id) = (who.permit, Author::from(&who.caller), id.0.into());
    kitchen
        .edit_catalogue(who.caller.tenant_id(), move |tx| async move {
            saving::retire_component(&tx, permit, &author, id).await
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

impl Guarded for retire_component {
    const POLICY: Policy = Policy::admin::<MenuWrite>().rate(RateClass::Write);
}

fn read(book: &CatalogueBook, id: ComponentId) -> Result<(ETag, ComponentDto), Problem> {
    let entry = book.components.get(&id).ok_or(Code::NotFound)?;
    let body = ComponentDto {
        id: id.uuid(),
        key: entry.entry.key.clone(),
        name: entry.component.name.clone(),
        kind: entry.component.kind.into(),
        tier: entry.component.tier.into(),
        slot_base: entry.slot_base,
        status: entry.status.into(),
        lines: NamedLineDto::of_servings(&book.recipes, &entry.recipe),
        computed: (&entry.computed).into(),
        created_at: entry.entry.created_at,
    };
    Ok((ETag(entry.entry.version), body))
}

impl From<&BookComponent> for ComponentSummaryDto {
    fn from(entry: &BookComponent) -> Self {
        let composition = &entry.computed.composition;
        Self {
            id: entry.component.id.uuid(),
            key: entry.entry.key.clone(),
            name: entry.component.name.clone(),
            kind: entry.component.kind.into(),
            tier: entry.component.tier.into(),
            slot_base: entry.slot_base,
            status: entry.status.into(),
            allergens: composition.allergens.keys().copied().map(Into::into).collect(),
            allergens_known: composition.unknown.is_empty(),
            recipe_complete: entry.recipe.is_complete(),
            created_at: entry.entry.created_at,
        }
    }
}

impl NewComponentDto {
    fn read(self) -> Result<(String, ComponentContent), Problem> {
        let key = key_form::key_of(self.key, &self.name)?.as_str().to_owned();
        let content = ComponentChangeDto {
            name: self.name,
            kind: self.kind,
            tier: self.tier,
            slot_base: self.slot_base,
            status: self.status,
            lines: self.lines,
        };
        Ok((key, content.read()?))
    }
}

impl ComponentChangeDto {
    fn read(self) -> Result<ComponentContent, Problem> {
        Ok(ComponentContent {
            name: self.name.trim().to_owned(),
            kind: self.kind.into(),
            tier: self.tier.into(),
            slot_base: self.slot_base,
            status: self.status.map(Into::into),
            lines: serving_lines(self.lines)?,
        })
    }
}
