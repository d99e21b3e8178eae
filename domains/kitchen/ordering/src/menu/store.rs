//! Rows of menus, to and from the model.

mod capacity;

use bk_kernel::{DishId, OrderWeekId};
use bk_persistence::store::*;
use chrono::{DateTime, Utc};

use super::{
    entity::{menu_dish, menu_week},
    menu::{Menu, MenuDish, MenuEntry, MenuState},
};
use crate::weeks::WeekName;

pub(super) use capacity::{count_meals, lock_limited, on_menu};

/// Whether to lock the menu and its dishes until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Plain,
    ForUpdate,
}

/// The menu of a week.
pub(super) async fn menu_of_week(
    tx: &TenantTx,
    week: OrderWeekId,
    reading: Reading,
) -> Result<Option<Menu>, DbError> {
    let mut query =
        in_tenant::<menu_week::Entity>(tx).filter(menu_week::Column::WeekId.eq(week.uuid()));
    if reading == Reading::ForUpdate {
        query = query.lock_exclusive();
    }
    let Some(row) = query.one(tx).await? else { return Ok(None) };
    // By dish id: the order in which every transaction locks them.
    let mut query = in_tenant::<menu_dish::Entity>(tx)
        .filter(menu_dish::Column::MenuWeekId.eq(row.id))
        .order_by_asc(menu_dish::Column::DishId);
    if reading == Reading::ForUpdate {
        query = query.lock_exclusive();
    }
    let mut dishes: Vec<MenuDish> = query
        .all(tx)
        .await?
        .into_iter()
        .map(|dish| MenuDish {
            entry: MenuEntry { dish_id: dish.dish_id.into(), capacity: dish.capacity },
            position: dish.position,
            ordered: dish.ordered,
        })
        .collect();
    dishes.sort_by_key(|dish| (dish.position, dish.entry.dish_id));
    Ok(Some(Menu {
        id: row.id.into(),
        week_id: row.week_id.into(),
        state: from_word(&row.state, "menu")?,
        published_at: row.published_at,
        version: row.version,
        dishes,
    }))
}

/// Writes the menu's row, new or not, with the version it has.
pub(super) async fn save_menu(
    tx: &TenantTx,
    menu: &Menu,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    use menu_week::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        tenant_id: Set(tx.tenant_id().uuid()),
        id: Set(menu.id.uuid()),
        week_id: Set(menu.week_id.uuid()),
        state: Set(menu.state.as_str().to_owned()),
        published_at: Set(menu.published_at),
        version: Set(menu.version),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let again = OnConflict::columns([Column::TenantId, Column::Id])
        .update_columns([Column::State, Column::PublishedAt, Column::Version, Column::UpdatedAt])
        .to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Puts the menu's dishes in the place of those that are stored. Counts of ordered meals stay: the
/// rows of dishes that stay are updated, never written anew.
pub(super) async fn save_dishes(tx: &TenantTx, menu: &Menu) -> Result<(), DbError> {
    use menu_dish::{ActiveModel, Column, Entity};
    let tenant_id = tx.tenant_id().uuid();
    let kept = menu.dishes.iter().map(|dish| dish.entry.dish_id.uuid());
    Entity::delete_many()
        .filter(Column::TenantId.eq(tenant_id))
        .filter(Column::MenuWeekId.eq(menu.id.uuid()))
        .filter(Column::DishId.is_not_in(kept))
        .exec(tx)
        .await?;
    if menu.dishes.is_empty() {
        return Ok(());
    }
    let rows = menu.dishes.iter().map(|dish| ActiveModel {
        tenant_id: Set(tenant_id),
        menu_week_id: Set(menu.id.uuid()),
        dish_id: Set(dish.entry.dish_id.uuid()),
        position: Set(dish.position),
        capacity: Set(dish.entry.capacity),
        ordered: Set(dish.ordered),
    });
    let again = OnConflict::columns([Column::TenantId, Column::MenuWeekId, Column::DishId])
        .update_columns([Column::Position, Column::Capacity])
        .to_owned();
    Entity::insert_many(rows).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// The first week that is not locked and whose published menu has the dish.
pub(super) async fn published_week_with(
    tx: &TenantTx,
    dish: DishId,
) -> Result<Option<WeekName>, DbError> {
    let week: Option<String> = tenant_sql(
        tx,
        "SELECT w.week
           FROM kitchen_menu_dishes d
           JOIN kitchen_menu_weeks m ON m.tenant_id = d.tenant_id AND m.id = d.menu_week_id
           JOIN kitchen_order_weeks w ON w.tenant_id = m.tenant_id AND w.id = m.week_id
          WHERE d.tenant_id = $1 AND d.dish_id = $2 AND m.state = $3 AND w.locked_at IS NULL
          ORDER BY w.cutoff_at LIMIT 1",
    )
    .bind_id(dish)
    .bind_word(MenuState::Published)
    .value_opt(tx)
    .await?;
    week.map(|week| week.parse().map_err(|_| corrupt_row("order week"))).transpose()
}
