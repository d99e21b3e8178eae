//! `/admin/presets`.

use actix_web::{get, web};
use bk_guard::{Allowed, ETag, Guarded, ListQuery, Page, Path, Policy, Problem, Routes, Versioned};
use bk_kernel::{Code, PresetId};
use bk_kitchen_core::permissions::MenuRead;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::listing;
use crate::{CataloguePreset, CatalogueSnapshot, CatalogueState, preset::Layout};

pub(super) fn routes(routes: &mut Routes<'_>) {
    routes.mount(list_presets).mount(get_preset);
}

/// A preset: layouts of sides with their shares of the configurable meals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preset {
    /// The id of the preset.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000060")]
    id: Uuid,
    /// The key of the preset.
    #[schema(example = "even_plate")]
    key: String,
    /// The name of the preset.
    #[schema(example = "Even plate")]
    name: String,
    /// Whether it can be chosen.
    #[schema(example = true)]
    active: bool,
    /// Its layouts in the order that breaks ties; the percentages sum to 100.
    layouts: Vec<PresetLayout>,
}

/// One layout.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PresetLayout {
    /// The place of the preset layout.
    #[schema(example = 0)]
    position: u16,
    /// The name of the preset layout.
    #[schema(example = "Greens and rice")]
    name: String,
    /// Its share in whole percent.
    #[schema(example = 50)]
    percent: i32,
    /// What fills the vegetable slot.
    vegetables: Vec<PresetSide>,
    /// What fills the carbohydrate slot.
    carbohydrates: Vec<PresetSide>,
}

/// A side of a layout.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PresetSide {
    /// The id of the side.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    component_id: Uuid,
    /// The name of the preset side.
    #[schema(example = "Steamed broccoli")]
    name: String,
}

/// List presets
#[utoipa::path(tag = "presets", params(ListQuery), responses(Page<Preset>))]
#[get("/admin/presets")]
pub(crate) async fn list_presets(
    who: Allowed<MenuRead>,
    query: ListQuery,
    catalogue: web::Data<CatalogueState>,
) -> Result<Page<Preset>, Problem> {
    let snapshot = catalogue.read_catalogue(&who).await?;
    let entries = snapshot.presets.iter().map(|(id, preset)| (id.uuid(), preset));
    let page = listing::page(entries, query.page());
    Ok(page.map(|(id, preset)| resource(&snapshot, id, preset)).into())
}

impl Guarded for list_presets {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

/// Get a preset
#[utoipa::path(tag = "presets", params(("id" = Uuid, Path, description = "The preset")), responses(Versioned<Preset>))]
#[get("/admin/presets/{id}")]
pub(crate) async fn get_preset(
    who: Allowed<MenuRead>,
    id: Path<Uuid>,
    catalogue: web::Data<CatalogueState>,
) -> Result<Versioned<Preset>, Problem> {
    let snapshot = catalogue.read_catalogue(&who).await?;
    let preset = snapshot.presets.get(&PresetId::from(id.0)).ok_or(Code::NotFound)?;
    let etag = ETag(preset.entry.version);
    Ok(Versioned { etag, body: resource(&snapshot, id.0, preset) })
}

impl Guarded for get_preset {
    const POLICY: Policy = Policy::admin::<MenuRead>();
}

fn resource(snapshot: &CatalogueSnapshot, id: Uuid, preset: &CataloguePreset) -> Preset {
    Preset {
        id,
        key: preset.entry.key.clone(),
        name: preset.name.clone(),
        active: preset.active,
        layouts: preset.preset.layouts().iter().map(|one| layout(snapshot, preset, one)).collect(),
    }
}

fn layout(snapshot: &CatalogueSnapshot, preset: &CataloguePreset, layout: &Layout) -> PresetLayout {
    let side = |id: &bk_kernel::ComponentId| PresetSide {
        component_id: id.uuid(),
        name: snapshot.sides.get(id).map(|side| side.side.name.clone()).unwrap_or_default(),
    };
    PresetLayout {
        position: layout.position,
        name: preset.layout_names.get(&layout.position).cloned().unwrap_or_default(),
        percent: layout.percent,
        vegetables: layout.vegetables.iter().map(side).collect(),
        carbohydrates: layout.carbohydrates.iter().map(side).collect(),
    }
}
