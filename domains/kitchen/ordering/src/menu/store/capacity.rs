//! What the published menu offers of the ordered dishes, and the count of meals of limited ones.

use std::collections::BTreeMap;

use bk_kernel::{DishId, OrderWeekId};
use bk_persistence::{
    DbError, TenantTx,
    sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement},
};
use uuid::Uuid;

use crate::menu::menu::Offered;

#[derive(FromQueryResult)]
struct Row {
    dish_id: Uuid,
    left: Option<i32>,
}

const OFFERED: &str = "
    SELECT d.dish_id, d.capacity - d.ordered AS left
      FROM kitchen_menu_weeks m
      JOIN kitchen_menu_dishes d ON d.tenant_id = m.tenant_id AND d.menu_week_id = m.id
     WHERE m.tenant_id = $1 AND m.week_id = $2 AND m.state = 'PUBLISHED' AND d.dish_id = ANY($3)";

/// Those of `dishes` that the week's published menu offers.
pub(in crate::menu) async fn offered(
    tx: &TenantTx,
    week: OrderWeekId,
    dishes: impl IntoIterator<Item = DishId>,
) -> Result<BTreeMap<DishId, Offered>, DbError> {
    read(tx, OFFERED, week, dishes).await
}

/// The same for the limited ones among them, locked by dish until the transaction ends, so that two
/// orders over the same dishes never wait for each other crosswise.
pub(in crate::menu) async fn lock_limited(
    tx: &TenantTx,
    week: OrderWeekId,
    dishes: impl IntoIterator<Item = DishId>,
) -> Result<BTreeMap<DishId, Offered>, DbError> {
    let locked = format!("{OFFERED} AND d.capacity IS NOT NULL ORDER BY d.dish_id FOR UPDATE OF d");
    read(tx, &locked, week, dishes).await
}

async fn read(
    tx: &TenantTx,
    sql: &str,
    week: OrderWeekId,
    dishes: impl IntoIterator<Item = DishId>,
) -> Result<BTreeMap<DishId, Offered>, DbError> {
    let dishes: Vec<Uuid> = dishes.into_iter().map(DishId::uuid).collect();
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        sql,
        [tx.tenant_id().uuid().into(), week.uuid().into(), dishes.into()],
    );
    let rows = tx.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let row = Row::from_query_result(row, "")?;
            Ok((row.dish_id.into(), Offered { left: row.left }))
        })
        .collect()
}

/// Adds `meals` to the counts of limited dishes; negative gives them back. A count beyond the
/// capacity is refused by the constraint `kitchen_menu_dishes_capacity`.
pub(in crate::menu) async fn count_meals(
    tx: &TenantTx,
    week: OrderWeekId,
    meals: &BTreeMap<DishId, i32>,
) -> Result<(), DbError> {
    if meals.is_empty() {
        return Ok(());
    }
    let (dishes, counts): (Vec<Uuid>, Vec<i32>) =
        meals.iter().map(|(dish, meals)| (dish.uuid(), *meals)).unzip();
    tx.execute_raw(Statement::from_sql_and_values(
        DbBackend::Postgres,
        "UPDATE kitchen_menu_dishes d
            SET ordered = d.ordered + w.meals
           FROM kitchen_menu_weeks m, unnest($3::uuid[], $4::int[]) AS w (dish_id, meals)
          WHERE m.tenant_id = $1 AND m.week_id = $2
            AND d.tenant_id = m.tenant_id AND d.menu_week_id = m.id AND d.dish_id = w.dish_id
            AND d.capacity IS NOT NULL",
        [tx.tenant_id().uuid().into(), week.uuid().into(), dishes.into(), counts.into()],
    ))
    .await?;
    Ok(())
}
