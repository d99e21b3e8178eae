//! What is left of dishes on the published menu, and the count of meals of limited ones.

use std::collections::BTreeMap;

use bk_kernel::{DishId, OrderWeekId};
use bk_persistence::store::*;
use uuid::Uuid;

use crate::menu::menu::{Availability, MenuState};

#[derive(FromQueryResult)]
struct Row {
    dish_id: Uuid,
    left: Option<i32>,
}

/// Those of `dishes` that are on the week's published menu.
pub(in crate::menu) async fn on_menu(
    tx: &TenantTx,
    week: OrderWeekId,
    dishes: impl IntoIterator<Item = DishId>,
) -> Result<BTreeMap<DishId, Availability>, DbError> {
    let select = tenant_sql(
        tx,
        "SELECT d.dish_id, d.capacity - d.ordered AS left
           FROM kitchen_menu_weeks m
           JOIN kitchen_menu_dishes d ON d.tenant_id = m.tenant_id AND d.menu_week_id = m.id
          WHERE m.tenant_id = $1 AND m.week_id = $2 AND m.state = $3 AND d.dish_id = ANY($4)",
    );
    availabilities(tx, select, week, dishes).await
}

/// The same for the limited ones among them, locked by dish until the transaction ends, so that two
/// orders over the same dishes never wait for each other crosswise.
pub(in crate::menu) async fn lock_limited(
    tx: &TenantTx,
    week: OrderWeekId,
    dishes: impl IntoIterator<Item = DishId>,
) -> Result<BTreeMap<DishId, Availability>, DbError> {
    let select = tenant_sql(
        tx,
        "SELECT d.dish_id, d.capacity - d.ordered AS left
           FROM kitchen_menu_weeks m
           JOIN kitchen_menu_dishes d ON d.tenant_id = m.tenant_id AND d.menu_week_id = m.id
          WHERE m.tenant_id = $1 AND m.week_id = $2 AND m.state = $3 AND d.dish_id = ANY($4)
            AND d.capacity IS NOT NULL
          ORDER BY d.dish_id FOR UPDATE OF d",
    );
    availabilities(tx, select, week, dishes).await
}

/// Runs either of them: `$2` is the week, `$3` the state of the menu, `$4` the dishes.
async fn availabilities(
    tx: &TenantTx,
    select: Sql,
    week: OrderWeekId,
    dishes: impl IntoIterator<Item = DishId>,
) -> Result<BTreeMap<DishId, Availability>, DbError> {
    let select = select.bind_id(week).bind_word(MenuState::Published).bind_ids(dishes);
    let rows: Vec<Row> = select.all(tx).await?;
    Ok(rows.into_iter().map(|row| (row.dish_id.into(), Availability { left: row.left })).collect())
}

/// Adds `meals` to the counts of limited dishes; negative returns them. A count beyond the
/// capacity is refused by the constraint `kitchen_menu_dishes_capacity`.
pub(in crate::menu) async fn count_meals(
    tx: &TenantTx,
    week: OrderWeekId,
    meals: &BTreeMap<DishId, i32>,
) -> Result<(), DbError> {
    if meals.is_empty() {
        return Ok(());
    }
    tenant_sql(
        tx,
        "UPDATE kitchen_menu_dishes d
            SET ordered = d.ordered + w.meals
           FROM kitchen_menu_weeks m, unnest($3::uuid[], $4::int[]) AS w (dish_id, meals)
          WHERE m.tenant_id = $1 AND m.week_id = $2
            AND d.tenant_id = m.tenant_id AND d.menu_week_id = m.id AND d.dish_id = w.dish_id
            AND d.capacity IS NOT NULL",
    )
    .bind_id(week)
    .bind_ids(meals.keys().copied())
    .bind(meals.values().copied().collect::<Vec<i32>>())
    .execute(tx)
    .await?;
    Ok(())
}
