//! `kitchen_presets`, their layouts and the sides of those.

use std::collections::BTreeMap;

use bk_kernel::{ComponentId, PresetId};
use bk_persistence::store::*;

use super::super::{
    entity::{preset, preset_layout, preset_side},
    side::SideKind,
    snapshot::{CataloguePreset, CatalogueSide, Entry},
};
use crate::preset::{Layout, Preset};

/// Every preset of the tenant.
pub(super) async fn all_presets(
    tx: &TenantTx,
    all_sides: &[CatalogueSide],
) -> Result<BTreeMap<PresetId, CataloguePreset>, DbError> {
    let presets = in_tenant::<preset::Entity>(tx).all(tx).await?;
    let layouts = in_tenant::<preset_layout::Entity>(tx).all(tx).await?;
    let sides = in_tenant::<preset_side::Entity>(tx).all(tx).await?;
    let layouts = layouts_from_rows(layouts, sides, all_sides)?;
    presets
        .into_iter()
        .map(|row| {
            let mine = layouts.get(&row.id.into()).cloned().unwrap_or_default();
            let layout_names =
                mine.iter().map(|(name, layout)| (layout.position, name.clone())).collect();
            let all = mine.into_iter().map(|(_, layout)| layout).collect();
            let preset = Preset::new(all).map_err(|_| corrupt_row("preset"))?;
            let entry = Entry { key: row.key, version: row.version, created_at: row.created_at };
            let active = row.active;
            Ok((
                row.id.into(),
                CataloguePreset { entry, name: row.name, active, preset, layout_names },
            ))
        })
        .collect()
}

type Named = Vec<(String, Layout)>;

fn layouts_from_rows(
    layouts: Vec<preset_layout::Model>,
    sides: Vec<preset_side::Model>,
    all_sides: &[CatalogueSide],
) -> Result<BTreeMap<PresetId, Named>, DbError> {
    let kinds: BTreeMap<ComponentId, SideKind> =
        all_sides.iter().map(|side| (side.side.id, side.side.kind)).collect();
    let mut of_layout: BTreeMap<_, Vec<ComponentId>> = BTreeMap::new();
    for side in sides {
        let place = (side.preset_id, side.position);
        of_layout.entry(place).or_default().push(side.component_id.into());
    }
    let mut all: BTreeMap<PresetId, Named> = BTreeMap::new();
    for row in layouts {
        let named = of_layout.remove(&(row.preset_id, row.position)).unwrap_or_default();
        let of_kind =
            |kind| named.iter().copied().filter(|id| kinds.get(id) == Some(&kind)).collect();
        let layout = Layout {
            position: u16::try_from(row.position).map_err(|_| corrupt_row("layout"))?,
            vegetables: of_kind(SideKind::Vegetable),
            carbohydrates: of_kind(SideKind::Carbohydrate),
            percent: row.percent,
        };
        all.entry(row.preset_id.into()).or_default().push((row.name, layout));
    }
    Ok(all)
}
