//! Meals of the menu's dishes: reserved when an order is confirmed, released when it is cancelled.
//! Only dishes with a limit are counted.

use std::collections::BTreeMap;

use bk_kernel::{Authorized, DishId, OrderWeekId};
use bk_kitchen_core::permissions::{OrdersWrite, OwnOrdersWrite};
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::store;
use crate::weeks::OpenWindow;

/// Why meals could not be reserved. Nothing was counted.
#[derive(Debug, Error)]
pub(crate) enum ReserveMealsError {
    /// A dish is not on the published menu.
    #[error("a dish is not on the menu")]
    NotOnMenu {
        /// The id of the dish.
        dish_id: DishId,
    },
    /// Fewer meals of a dish are left than were asked for.
    #[error("{left} meals of a dish are left")]
    SoldOut {
        /// The id of the dish.
        dish_id: DishId,
        /// Meals left of it.
        left: i32,
    },
    /// The counts could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Counts the meals of an order against the limits of the published menu. Locks the limited dishes by
/// id until the transaction ends, so that two orders over the same dishes never wait for each other
/// crosswise.
pub(crate) async fn reserve_meals(
    _ctx: &Authorized<OwnOrdersWrite>,
    tx: &TenantTx,
    window: OpenWindow,
    meals: BTreeMap<DishId, i32>,
) -> Result<(), ReserveMealsError> {
    let week = window.week_id();
    let on_menu = store::on_menu(tx, week, meals.keys().copied()).await?;
    if let Some(dish_id) = meals.keys().copied().find(|dish| !on_menu.contains_key(dish)) {
        return Err(ReserveMealsError::NotOnMenu { dish_id });
    }
    let limited: BTreeMap<DishId, i32> = meals
        .into_iter()
        .filter(|(dish, _)| {
            on_menu.get(dish).is_some_and(|availability| availability.left.is_some())
        })
        .collect();
    if limited.is_empty() {
        return Ok(());
    }
    let locked = store::lock_limited(tx, week, limited.keys().copied()).await?;
    for (dish_id, meals) in &limited {
        let left = locked.get(dish_id).and_then(|availability| availability.left).unwrap_or(0);
        if left < *meals {
            return Err(ReserveMealsError::SoldOut { dish_id: *dish_id, left });
        }
    }
    store::count_meals(tx, week, &limited).await?;
    Ok(())
}

/// Returns the meals of a cancelled order to the menu. Locks the limited dishes as reserving does.
pub(crate) async fn release_meals(
    _ctx: &Authorized<OrdersWrite>,
    tx: &TenantTx,
    week: OrderWeekId,
    meals: BTreeMap<DishId, i32>,
) -> Result<(), DbError> {
    store::lock_limited(tx, week, meals.keys().copied()).await?;
    let returned = meals.into_iter().map(|(dish, meals)| (dish, -meals)).collect();
    store::count_meals(tx, week, &returned).await
}
