//! `kitchen_components`.

use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    super::{
        entity::side::{ActiveModel, Entity, Model},
        recipe::ServingRecipe,
        side::Side,
        snapshot::{CatalogueSide, Computed, Entry},
    },
    lines::{AllLines, Owner, replace_lines},
};

/// Every side with its lines, nothing computed yet.
pub(super) async fn all_sides(
    tx: &TenantTx,
    lines: &mut AllLines,
) -> Result<Vec<CatalogueSide>, DbError> {
    let rows = in_tenant::<Entity>(tx).all(tx).await?;
    rows.into_iter()
        .map(|row| {
            let owner = Owner::Side(row.id.into());
            let recipe = lines.servings.remove(&owner).unwrap_or_default();
            from_row(row, recipe)
        })
        .collect()
}

fn from_row(row: Model, recipe: ServingRecipe) -> Result<CatalogueSide, DbError> {
    let invalid = || corrupt_row("component");
    Ok(CatalogueSide {
        entry: Entry { key: row.key, version: row.version, created_at: row.created_at },
        side: Side {
            id: row.id.into(),
            name: row.name,
            kind: row.kind.parse().map_err(|_| invalid())?,
            tier: row.tier.parse().map_err(|_| invalid())?,
        },
        slot_base: row.slot_base,
        status: row.status.parse().map_err(|_| invalid())?,
        recipe,
        computed: Computed::default(),
    })
}

fn content_columns(side: &CatalogueSide, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        name: Set(side.side.name.clone()),
        kind: Set(side.side.kind.as_str().to_owned()),
        tier: Set(side.side.tier.as_str().to_owned()),
        slot_base: Set(side.slot_base),
        status: Set(side.status.as_str().to_owned()),
        updated_at: Set(now),
        ..ActiveModel::default()
    }
}

/// Inserts a side with its lines.
pub(crate) async fn insert_side(
    tx: &TenantTx,
    side: &CatalogueSide,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(side.side.id.uuid()),
        key: Set(side.entry.key.clone()),
        version: Set(side.entry.version),
        created_at: Set(side.entry.created_at),
        ..content_columns(side, now)
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    write_lines(tx, side).await
}

/// Writes a side and its lines and raises its version. The catalogue must be locked.
pub(crate) async fn update_side(
    tx: &TenantTx,
    side: &CatalogueSide,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    touch::<Entity>(tx, side.side.id, content_columns(side, now)).await?;
    write_lines(tx, side).await
}

async fn write_lines(tx: &TenantTx, side: &CatalogueSide) -> Result<(), DbError> {
    let lists: Vec<_> =
        side.recipe.sizes.iter().map(|(size, lines)| (Some(*size), lines.as_slice())).collect();
    replace_lines(tx, Owner::Side(side.side.id), &lists).await
}
