//! Reading menus.

use bk_kernel::{DishId, OrderWeekId};
use bk_persistence::{DbError, TenantTx};

use super::{
    menu::{Menu, MenuState},
    store::{self, Reading},
};
use crate::weeks::WeekName;

/// The published menu of a week, dishes by position; none while there is none or it is a draft.
pub async fn load_menu(tx: &TenantTx, week_id: OrderWeekId) -> Result<Option<Menu>, DbError> {
    let menu = store::menu_of_week(tx, week_id, Reading::Plain).await?;
    Ok(menu.filter(|menu| menu.state == MenuState::Published))
}

/// The menu of a week as staff see it: an empty draft where there is none yet.
pub(super) async fn menu_of_week(tx: &TenantTx, week_id: OrderWeekId) -> Result<Menu, DbError> {
    let menu = store::menu_of_week(tx, week_id, Reading::Plain).await?;
    Ok(menu.unwrap_or_else(|| Menu::draft(week_id)))
}

/// The first week that is not locked and whose published menu offers the dish.
pub(super) async fn published_week_with(
    tx: &TenantTx,
    dish: DishId,
) -> Result<Option<WeekName>, DbError> {
    store::published_week_with(tx, dish).await
}
