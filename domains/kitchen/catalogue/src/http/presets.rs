//! `/admin/presets`.

use actix_web::{get, web};
use bk_guard::{
    Allowed, ETag, Guarded, Json, PageQuery, Path, Policy, Problem, Query, Routes, Versioned,
};
use bk_kernel::{Code, PresetId};
use bk_kitchen_core::permissions::MenuRead;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::listing;
use crate::{BookPreset, CatalogueBook, CatalogueState, preset::Layout};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_presets).mount(get_preset);
}

/// A preset: layouts of sides with their shares of the configurable meals.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Preset)]
pub(crate) struct PresetDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000060")]
    id: Uuid,
    /// Its key.
    #[schema(example = "even_plate")]
    key: String,
    /// Its name.
    #[schema(example = "Even plate")]
    name: String,
    /// Whether it can be chosen.
    #[schema(example = true)]
    active: bool,
    /// Its layouts in the order that breaks ties; the percentages sum to 100.
    layouts: Vec<LayoutDto>,
}

/// One layout.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PresetLayout)]
pub(crate) struct LayoutDto {
    /// Its place.
    #[schema(example = 0)]
    position: u16,
    /// Its name.
    #[schema(example = "Greens and rice")]
    name: String,
    /// Its share in whole percent.
    #[schema(example = 50)]
    percent: i32,
    /// What fills the vegetable slot.
    vegetables: Vec<SideDto>,
    /// What fills the carbohydrate slot.
    carbohydrates: Vec<SideDto>,
}

/// A side of a layout.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PresetSide)]
pub(crate) struct SideDto {
    /// The component.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    component_id: Uuid,
    /// Its name.
    #[schema(example = "Steamed broccoli")]
    name: String,
}

/// A page of presets.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PresetList)]
pub(crate) struct PresetsDto {
    /// The presets, oldest first.
    items: Vec<PresetDto>,
    /// Where the next page starts, or null.
    #[schema(example = "019ab0c27d1e7f008000000000000060")]
    next_cursor: Option<String>,
}

/// List presets.
#[utoipa::path(tag = "presets", params(PageQuery), responses((status = 200, description = "A page of presets", body = PresetsDto)))]
#[get("/admin/presets")]
pub(crate) async fn list_presets(
    who: Allowed<MenuRead>,
    page: Query<PageQuery>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Json<PresetsDto>, Problem> {
    let (limit, after) = page.0.page()?;
    let book = kitchen.book_now(who.caller.tenant_id()).await?;
    let entries = book.presets.iter().map(|(id, preset)| (id.uuid(), preset));
    let page = listing::page(entries, limit, after).map(|(id, preset)| dto(&book, id, &preset));
    Ok(Json(PresetsDto { items: page.items, next_cursor: page.next_cursor }))
}

impl Guarded for list_presets {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Read a preset.
#[utoipa::path(tag = "presets", params(("id" = Uuid, Path, description = "The preset")), responses((status = 200, description = "The preset", body = PresetDto)))]
#[get("/admin/presets/{id}")]
pub(crate) async fn get_preset(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    kitchen: web::Data<CatalogueState>,
) -> Result<Versioned<PresetDto>, Problem> {
    let book = kitchen.book_now(who.caller.tenant_id()).await?;
    let preset = book.presets.get(&PresetId::from(id.0)).ok_or(Code::NotFound)?;
    Ok(Versioned { etag: ETag(preset.entry.version), body: dto(&book, id.0, preset) })
}

impl Guarded for get_preset {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

fn dto(book: &CatalogueBook, id: Uuid, preset: &BookPreset) -> PresetDto {
    PresetDto {
        id,
        key: preset.entry.key.clone(),
        name: preset.name.clone(),
        active: preset.active,
        layouts: preset.preset.layouts().iter().map(|one| layout(book, preset, one)).collect(),
    }
}

fn layout(book: &CatalogueBook, preset: &BookPreset, layout: &Layout) -> LayoutDto {
    let side = |id: &bk_kernel::ComponentId| SideDto {
        component_id: id.uuid(),
        name: book.components.get(id).map(|side| side.component.name.clone()).unwrap_or_default(),
    };
    LayoutDto {
        position: layout.position,
        name: preset.layout_names.get(&layout.position).cloned().unwrap_or_default(),
        percent: layout.percent,
        vegetables: layout.vegetables.iter().map(side).collect(),
        carbohydrates: layout.carbohydrates.iter().map(side).collect(),
    }
}
