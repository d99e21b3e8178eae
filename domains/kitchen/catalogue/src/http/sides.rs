//! `/admin/components`.

use actix_web::{delete, get, post, put, web};
use bk_guard::{
    Allowed, Created, ETag, Guarded, IfMatch, Json, ListQuery, NoContent, Page, Path, Policy,
    Problem, RateClass, Routes, Versioned,
};
use bk_kernel::{Code, ComponentId};
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
    words::{AllergenWord, SideKindWord, SideStatusWord, TierWord},
};
use crate::{
    CatalogueSide, CatalogueSnapshot, CatalogueState,
    commands::{Create, Update},
    save_recipe::SideContent,
};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(list_sides)
        .mount(create_side)
        .mount(get_side)
        .mount(update_side)
        .mount(retire_side);
}

/// A side without its recipe.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SideSummary {
    /// The id of the side summary.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// The key of the side summary.
    #[schema(example = "steamed_broccoli")]
    key: String,
    /// The name of the side summary.
    #[schema(example = "Steamed broccoli")]
    name: String,
    /// The slot it fills.
    kind: SideKindWord,
    /// The lowest account tier that may have it.
    tier: TierWord,
    /// Whether it stands in for sides above an account's tier.
    #[schema(example = false)]
    slot_base: bool,
    /// Whether it can be offered.
    status: SideStatusWord,
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

/// A side with its recipe and what that comes to. Allergens are computed, never typed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Side {
    /// The id of the side.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// The key of the side.
    #[schema(example = "steamed_broccoli")]
    key: String,
    /// The name of the side.
    #[schema(example = "Steamed broccoli")]
    name: String,
    /// The slot it fills.
    kind: SideKindWord,
    /// The lowest account tier that may have it.
    tier: TierWord,
    /// Whether it stands in for sides above an account's tier.
    #[schema(example = false)]
    slot_base: bool,
    /// Whether it can be offered.
    status: SideStatusWord,
    /// One serving of each size.
    lines: Vec<NamedRecipeLine>,
    /// What the recipe comes to.
    computed: ComputedRecipe,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

/// A side to create or to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SideForm {
    /// Its key; the name makes one when it is absent. It never changes: at a change it may only repeat
    /// the present one.
    #[validate(length(max = 50), custom(function = keys::key))]
    #[schema(
        example = "steamed_broccoli",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// The name of the side form.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Steamed broccoli",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// The slot it fills.
    kind: SideKindWord,
    /// The lowest account tier that may have it.
    tier: TierWord,
    /// Whether it stands in for sides above an account's tier: one per kind, active, of tier `BASE`.
    #[serde(default)]
    #[schema(example = false)]
    slot_base: bool,
    /// Whether it can be offered; absent keeps it, and a new side is then `ACTIVE`.
    status: Option<SideStatusWord>,
    /// One serving of each size: quantities of what is on the plate.
    #[validate(length(max = 200, message = "at most 200 lines"))]
    #[schema(max_items = 200)]
    lines: Vec<ServingLine>,
}

/// Which sides to list.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SideFilter {
    /// Whether it can be offered.
    #[param(inline)]
    status: Option<SideStatusWord>,
}

/// List sides
#[utoipa::path(tag = "components", params(ListQuery<SideFilter>), responses(Page<SideSummary>))]
#[get("/admin/components")]
pub(crate) async fn list_sides(
    who: Allowed<MenuRead>,
    query: ListQuery<SideFilter>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Page<SideSummary>, Problem> {
    let snapshot = catalogue.read_catalogue(&who).await?;
    let status = query.filter.status.map(|word| word.0);
    let entries = snapshot
        .sides
        .iter()
        .filter(|(_, entry)| status.is_none_or(|status| entry.status == status))
        .map(|(id, entry)| (id.uuid(), entry));
    let page = listing::page(entries, query.page());
    Ok(page.map(|(_, entry)| SideSummary::from(entry)).into())
}

impl Guarded for list_sides {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Create a side
#[utoipa::path(tag = "components", request_body = SideForm, responses(Created<Side>))]
#[post("/admin/components")]
pub(crate) async fn create_side(
    who: Allowed<MenuWrite>,
    body: Json<SideForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Created<Side>, Problem> {
    let command = (who.clone(), body.0.into_create()?);
    let id = catalogue
        .change(&who, command, async |tx, (who, command)| {
            crate::create_side(&who, &tx, command).await
        })
        .await?;
    let Versioned { etag, body } = versioned(&*catalogue.current(&who).await?, id)?;
    Ok(Created::below(id, etag, body))
}

impl Guarded for create_side {
    const POLICY: Policy = Policy::admin::<MenuWrite>().writes();
}

/// Get a side
///
/// With its recipe, the allergens that brings and through what, and the facts of a serving.
#[utoipa::path(tag = "components", params(("id" = Uuid, Path, description = "The side")), responses(Versioned<Side>))]
#[get("/admin/components/{id}")]
pub(crate) async fn get_side(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Side>, Problem> {
    versioned(&*catalogue.read_catalogue(&who).await?, id.0.into())
}

impl Guarded for get_side {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Update a side
///
/// Everything but its key. A side that active presets name stays active and of its kind.
#[utoipa::path(tag = "components", params(("id" = Uuid, Path, description = "The side")), request_body = SideForm, responses(Versioned<Side>))]
#[put("/admin/components/{id}")]
pub(crate) async fn update_side(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    version: IfMatch,
    body: Json<SideForm>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Side>, Problem> {
    let id = ComponentId::from(id.0);
    let command = (who.clone(), body.0.into_update(id, version.0.0)?);
    catalogue
        .change(&who, command, async |tx, (who, command)| {
            crate::update_side(&who, &tx, command).await
        })
        .await?;
    versioned(&*catalogue.current(&who).await?, id)
}

impl Guarded for update_side {
    const POLICY: Policy = Policy::admin::<MenuWrite>().updates();
}

/// Retire a side
///
/// Presets can no longer name it. Refused while an active preset does, or while it stands in for others.
#[utoipa::path(tag = "components", params(("id" = Uuid, Path, description = "The side")), responses(NoContent))]
#[delete("/admin/components/{id}")]
pub(crate) async fn retire_side(
    who: Allowed<MenuWrite>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<NoContent, Problem> {
    let command = (who.clone(), ComponentId::from(id.0));
    catalogue
        .change(&who, command, async |tx, (who, id)| crate::retire_side(&who, &tx, id).await)
        .await?;
    Ok(NoContent)
}

impl Guarded for retire_side {
    const POLICY: Policy = Policy::admin::<MenuWrite>().rate(RateClass::Write);
}

fn versioned(snapshot: &CatalogueSnapshot, id: ComponentId) -> Result<Versioned<Side>, Problem> {
    let entry = snapshot.sides.get(&id).ok_or(Code::NotFound)?;
    let body = Side {
        id: id.uuid(),
        key: entry.entry.key.clone(),
        name: entry.side.name.clone(),
        kind: entry.side.kind.into(),
        tier: entry.side.tier.into(),
        slot_base: entry.slot_base,
        status: entry.status.into(),
        lines: NamedRecipeLine::of_servings(&snapshot.recipes, &entry.recipe),
        computed: (&entry.computed).into(),
        created_at: entry.entry.created_at,
    };
    Ok(Versioned { etag: ETag(entry.entry.version), body })
}

impl From<&CatalogueSide> for SideSummary {
    fn from(entry: &CatalogueSide) -> Self {
        let composition = &entry.computed.composition;
        Self {
            id: entry.side.id.uuid(),
            key: entry.entry.key.clone(),
            name: entry.side.name.clone(),
            kind: entry.side.kind.into(),
            tier: entry.side.tier.into(),
            slot_base: entry.slot_base,
            status: entry.status.into(),
            allergens: composition.allergens.keys().copied().map(Into::into).collect(),
            allergens_known: composition.unknown.is_empty(),
            recipe_complete: entry.recipe.is_complete(),
            created_at: entry.entry.created_at,
        }
    }
}

impl SideForm {
    fn into_create(self) -> Result<Create<SideContent>, Problem> {
        let key = keys::key_of(self.key.clone(), &self.name)?;
        Ok(Create { key, content: self.into_content()? })
    }

    fn into_update(
        self,
        id: ComponentId,
        version: i64,
    ) -> Result<Update<ComponentId, SideContent>, Problem> {
        let key = keys::repeated(self.key.as_deref())?;
        Ok(Update { id, version, key, content: self.into_content()? })
    }

    fn into_content(self) -> Result<SideContent, Problem> {
        Ok(SideContent {
            name: self.name.trim().to_owned(),
            kind: self.kind.0,
            tier: self.tier.0,
            slot_base: self.slot_base,
            status: self.status.map(|word| word.0),
            lines: serving_lines(self.lines)?,
        })
    }
}
