//! Meals of the menu's dishes: reserved when an order is confirmed, released when it is cancelled.
//! Only dishes with a limit are counted.

use std::collections::BTreeMap;

use bk_kernel::{DishId, OrderWeekId};
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::store;
use crate::weeks::OpenWindow;

/// Why meals could not be reserved. Nothing was counted.
#[derive(Debug, Error)]
pub enum ReserveMealsError {
    /// The published menu does not offer a dish.
    #[error("a dish is not on the menu")]
    NotOnMenu {
        /// The dish.
        dish_id: DishId,
    },
    /// Fewer meals of a dish are left than were asked for.
    #[error("{left} meals of a dish are left")]
    SoldOut {
        /// The dish.
        dish_id: DishId,
        /// Meals left of it.
        left: i32,
    },
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Counts the meals of an order against the limits of the published menu. Locks the limited dishes by
/// id until the transaction ends, so that two orders over the same dishes never wait for each other
/// crosswise.
pub async fn reserve_meals(
    tx: &TenantTx,
    window: OpenWindow,
    meals: BTreeMap<DishId, i32>,
) -> Result<(), ReserveMealsError> {
    let week = window.week_id();
    let offered = store::offered(tx, week, meals.keys().copied()).await?;
    if let Some(dish_id) = meals.keys().copied().find(|dish| !offered.contains_key(dish)) {
        return Err(ReserveMealsError::NotOnMenu { dish_id });
    }
    let limited: BTreeMap<DishId, i32> = meals
        .into_iter()
        .filter(|(dish, _)| offered.get(dish).is_some_and(|offered| offered.left.is_some()))
        .collect();
    if limited.is_empty() {
        return Ok(());
    }
    let locked = store::lock_limited(tx, week, limited.keys().copied()).await?;
    for (dish_id, meals) in &limited {
        let left = locked.get(dish_id).and_then(|offered| offered.left).unwrap_or(0);
        if left < *meals {
            return Err(ReserveMealsError::SoldOut { dish_id: *dish_id, left });
        }
    }
    store::count_meals(tx, week, &limited).await?;
    Ok(())
}

/// Gives back the meals of an order that held them. Locks the limited dishes as reserving does.
pub async fn release_meals(
    tx: &TenantTx,
    week: OrderWeekId,
    meals: BTreeMap<DishId, i32>,
) -> Result<(), DbError> {
    store::lock_limited(tx, week, meals.keys().copied()).await?;
    let returned = meals.into_iter().map(|(dish, meals)| (dish, -meals)).collect();
    store::count_meals(tx, week, &returned).await
}
