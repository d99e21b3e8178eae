//! `kitchen_presets`, their layouts and the sides of those.

use std::collections::BTreeMap;

use bk_kernel::{ComponentId, PresetId};
use bk_persistence::{
    DbError, TenantTx,
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter},
};

use super::{
    super::{
        book::{BookComponent, BookPreset, Entry},
        component::ComponentKind,
        entity::{preset, preset_layout, preset_side},
    },
    corrupt,
};
use crate::preset::{Layout, Preset};

/// Every preset of the tenant.
pub(super) async fn all_presets(
    tx: &TenantTx,
    components: &[BookComponent],
) -> Result<BTreeMap<PresetId, BookPreset>, DbError> {
    let tenant_id = tx.tenant_id().uuid();
    let presets =
        preset::Entity::find().filter(preset::Column::TenantId.eq(tenant_id)).all(tx).await?;
    let layouts = preset_layout::Entity::find()
        .filter(preset_layout::Column::TenantId.eq(tenant_id))
        .all(tx)
        .await?;
    let sides = preset_side::Entity::find()
        .filter(preset_side::Column::TenantId.eq(tenant_id))
        .all(tx)
        .await?;
    let layouts = read_layouts(layouts, sides, components)?;
    presets
        .into_iter()
        .map(|row| {
            let mine = layouts.get(&row.id.into()).cloned().unwrap_or_default();
            let layout_names =
                mine.iter().map(|(name, layout)| (layout.position, name.clone())).collect();
            let all = mine.into_iter().map(|(_, layout)| layout).collect();
            let preset = Preset::new(all).map_err(corrupt("preset"))?;
            let entry = Entry { key: row.key, version: row.version, created_at: row.created_at };
            let active = row.active;
            Ok((row.id.into(), BookPreset { entry, name: row.name, active, preset, layout_names }))
        })
        .collect()
}

type Named = Vec<(String, Layout)>;

fn read_layouts(
    layouts: Vec<preset_layout::Model>,
    sides: Vec<preset_side::Model>,
    components: &[BookComponent],
) -> Result<BTreeMap<PresetId, Named>, DbError> {
    let kinds: BTreeMap<ComponentId, ComponentKind> =
        components.iter().map(|side| (side.component.id, side.component.kind)).collect();
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
            position: u16::try_from(row.position).map_err(corrupt("layout"))?,
            vegetables: of_kind(ComponentKind::Vegetable),
            carbohydrates: of_kind(ComponentKind::Carbohydrate),
            percent: row.percent,
        };
        all.entry(row.preset_id.into()).or_default().push((row.name, layout));
    }
    Ok(all)
}
