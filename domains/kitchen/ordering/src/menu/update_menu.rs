//! Replacing the dishes of a menu.

use bk_kernel::Authorized;
use bk_kitchen_catalogue::{self as catalogue, CatalogueSnapshot};
use bk_kitchen_core::permissions::MenuWrite;
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use super::{
    menu::{Menu, MenuEntry, MenuFault, MenuState},
    record::{is_locked, record},
    store::{self, Reading},
};
use crate::weeks::{self, WeekName};

/// New dishes for the menu of a week.
#[derive(Debug, Clone)]
pub struct UpdateMenu {
    /// The week it is the menu of.
    pub week: WeekName,
    /// The version that was read; 0 for a menu that was never written.
    pub version: i64,
    /// The dishes, in the order customers see them.
    pub dishes: Vec<MenuEntry>,
}

/// Why the menu stayed as it was.
#[derive(Debug, Error)]
pub enum UpdateMenuError {
    /// There is no such week.
    #[error("no such week")]
    NotFound,
    /// The week is locked.
    #[error("the week is locked")]
    Locked,
    /// It changed since it was read.
    #[error("the menu changed since it was read")]
    Stale,
    /// A dish does not exist.
    #[error("no such dish")]
    UnknownDish {
        /// The place of the dish in the list, from 0.
        index: usize,
    },
    /// A dish that would be published at once cannot be cooked.
    #[error("a dish is not active or lacks a recipe")]
    NotCookable {
        /// The place of the dish in the list, from 0.
        index: usize,
    },
    /// The dishes cannot replace those there are.
    #[error(transparent)]
    Menu(#[from] MenuFault),
    /// The menu could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// Replaces the dishes of a menu: freely while it is a draft, within its promises once published.
pub async fn update_menu(
    ctx: &Authorized<MenuWrite>,
    tx: &TenantTx,
    UpdateMenu { week: name, version, dishes }: UpdateMenu,
) -> Result<Menu, UpdateMenuError> {
    catalogue::lock_catalogue(tx).await?;
    let week = weeks::week_by_name(tx, name).await?.ok_or(UpdateMenuError::NotFound)?;
    if is_locked(ctx, &week) {
        return Err(UpdateMenuError::Locked);
    }
    let stored = store::menu_of_week(tx, week.id, Reading::ForUpdate).await?;
    let mut menu = stored.unwrap_or_else(|| Menu::draft(week.id));
    if menu.version != version {
        return Err(UpdateMenuError::Stale);
    }
    check_dishes(&catalogue::load_snapshot(tx).await?, &menu, &dishes)?;
    menu.dishes = menu.replace(&dishes)?;
    menu.version += 1;
    store::save_menu(tx, &menu, ctx.at()).await?;
    store::save_dishes(tx, &menu).await?;
    record(ctx, tx, "menu.changed", &menu, name).await?;
    Ok(menu)
}

fn check_dishes(
    snapshot: &CatalogueSnapshot,
    menu: &Menu,
    requested: &[MenuEntry],
) -> Result<(), UpdateMenuError> {
    for (index, entry) in requested.iter().enumerate() {
        let dish = snapshot.dishes.get(&entry.dish_id);
        let dish = dish.ok_or(UpdateMenuError::UnknownDish { index })?;
        if menu.state == MenuState::Published && !dish.can_be_on_menu() {
            return Err(UpdateMenuError::NotCookable { index });
        }
    }
    Ok(())
}
