//! Publishing a menu.

use bk_kernel::Authorized;
use bk_kitchen_catalogue as catalogue;
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{
    menu::{Menu, MenuState},
    record::{is_locked, record},
    store::{self, Reading},
};
use crate::weeks::{self, WeekName};

/// Why the menu stayed a draft.
#[derive(Debug, Error)]
pub enum PublishMenuError {
    /// There is no such week.
    #[error("no such week")]
    NotFound,
    /// The week is locked.
    #[error("the week is locked")]
    Locked,
    /// There is no dish on it.
    #[error("the menu is empty")]
    Empty,
    /// Some dishes are not active or lack a recipe for a size.
    #[error("some dishes cannot be cooked")]
    NotCookable {
        /// The names of those dishes.
        names: Vec<String>,
    },
    /// The menu could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Publishes the menu of a week. A menu that is published already stays as it is.
pub async fn publish_menu(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    name: WeekName,
) -> Result<Menu, PublishMenuError> {
    catalogue::lock_catalogue(tx).await?;
    let week = weeks::week_by_name(tx, name).await?.ok_or(PublishMenuError::NotFound)?;
    let stored = store::menu_of_week(tx, week.id, Reading::ForUpdate).await?;
    let mut menu = match stored {
        Some(menu) if menu.state == MenuState::Published => return Ok(menu),
        Some(menu) => menu,
        None => Menu::draft(week.id),
    };
    if is_locked(ctx, &week) {
        return Err(PublishMenuError::Locked);
    }
    if menu.dishes.is_empty() {
        return Err(PublishMenuError::Empty);
    }
    let snapshot = catalogue::load_snapshot(tx).await?;
    let dishes = menu.dishes.iter().filter_map(|dish| snapshot.dishes.get(&dish.entry.dish_id));
    let names: Vec<String> =
        dishes.filter(|dish| !dish.can_be_on_menu()).map(|dish| dish.dish.name.clone()).collect();
    if !names.is_empty() {
        return Err(PublishMenuError::NotCookable { names });
    }
    menu.state = MenuState::Published;
    menu.published_at = Some(ctx.at());
    menu.version += 1;
    store::save_menu(tx, &menu, ctx.at()).await?;
    record(ctx, tx, "menu.published", &menu, name).await?;
    Ok(menu)
}
