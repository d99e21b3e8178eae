//! Reading menus.

use std::collections::BTreeMap;

use bk_kernel::{DishId, OrderWeekId, Permit};
use bk_kitchen_core::permissions::MenuRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    menu::{Menu, MenuState, Offered},
    store::{self, Reading},
};
use crate::weeks::{self, WeekName};

/// The published menu of a week, dishes by position; none while there is none or it is a draft.
pub async fn load_menu(tx: &TenantTx, week_id: OrderWeekId) -> Result<Option<Menu>, DbError> {
    let menu = store::menu_of_week(tx, week_id, Reading::Plain).await?;
    Ok(menu.filter(|menu| menu.state == MenuState::Published))
}

/// Those of `dishes` that the week's published menu offers.
pub async fn offered(
    tx: &TenantTx,
    week: OrderWeekId,
    dishes: impl IntoIterator<Item = DishId>,
) -> Result<BTreeMap<DishId, Offered>, DbError> {
    store::offered(tx, week, dishes).await
}

/// The menu of a week as staff see it: an empty draft where there is none yet; none when there is no
/// such week.
pub(super) async fn get_menu(
    tx: &TenantTx,
    _permit: Permit<MenuRead>,
    week: WeekName,
) -> Result<Option<Menu>, DbError> {
    let Some(week) = weeks::week_by_name(tx, week).await? else { return Ok(None) };
    let menu = store::menu_of_week(tx, week.id, Reading::Plain).await?;
    Ok(Some(menu.unwrap_or_else(|| Menu::draft(week.id))))
}

/// The first week that is not locked and whose published menu offers the dish.
pub(super) async fn published_week_with(
    tx: &TenantTx,
    dish: DishId,
) -> Result<Option<WeekName>, DbError> {
    store::published_week_with(tx, dish).await
}
