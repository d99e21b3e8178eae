//! Reading menus.

use std::collections::BTreeMap;

use bk_kernel::{Authorized, DishId, OrderWeekId};
use bk_kitchen_core::permissions::MenuRead;
use bk_persistence::{DbError, TenantTx};

use super::{
    menu::{Availability, Menu, MenuState},
    store::{self, Reading},
};
use crate::weeks::{self, WeekName};

/// Returns the published menu of a week, dishes by position; none while there is none or it is a
/// draft. Use cases of other slices ask here under a permission of their own.
pub async fn published_menu(tx: &TenantTx, week_id: OrderWeekId) -> Result<Option<Menu>, DbError> {
    let menu = store::menu_of_week(tx, week_id, Reading::Plain).await?;
    Ok(menu.filter(|menu| menu.state == MenuState::Published))
}

/// Returns those of `dishes` that are on the week's published menu, with what is left of them.
pub(crate) async fn on_menu(
    tx: &TenantTx,
    week: OrderWeekId,
    dishes: impl IntoIterator<Item = DishId>,
) -> Result<BTreeMap<DishId, Availability>, DbError> {
    store::on_menu(tx, week, dishes).await
}

/// Returns the menu of a week as staff see it: an empty draft where there is none yet; none when there
/// is no such week.
pub async fn get_menu(
    _ctx: &Authorized<MenuRead>,
    tx: &TenantTx,
    week: WeekName,
) -> Result<Option<Menu>, DbError> {
    let Some(week) = weeks::week_by_name(tx, week).await? else { return Ok(None) };
    let menu = store::menu_of_week(tx, week.id, Reading::Plain).await?;
    Ok(Some(menu.unwrap_or_else(|| Menu::draft(week.id))))
}
