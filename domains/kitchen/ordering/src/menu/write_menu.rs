//! Putting a menu together and publishing it.

use bk_kernel::Permit;
use bk_kitchen_catalogue::{self as catalogue, CatalogueBook};
use bk_kitchen_core::{Author, permissions::MenuWrite};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    menu::{Menu, MenuFault, MenuState, OfferedDish},
    store::{self, Reading},
};
use crate::weeks::{self, OrderWeek, WeekName, WindowState};

/// New dishes for the menu of a week.
#[derive(Debug, Clone)]
pub struct ReplaceMenu {
    /// The week.
    pub week: WeekName,
    /// The version that was read; 0 for a menu that was never written.
    pub version: i64,
    /// The dishes in order, at most [`super::MAX_DISHES`].
    pub dishes: Vec<OfferedDish>,
}

/// Why the menu stayed as it was.
#[derive(Debug, Error)]
pub enum ReplaceMenuError {
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
        /// Which, from 0.
        index: usize,
    },
    /// A dish that would be published at once cannot be cooked.
    #[error("a dish is not active or lacks a recipe")]
    NotOfferable {
        /// Which, from 0.
        index: usize,
    },
    /// The dishes cannot replace those there are.
    #[error(transparent)]
    Menu(#[from] MenuFault),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Replaces the dishes of a menu: freely while it is a draft, within its promises once published.
pub async fn replace_menu(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    change: &ReplaceMenu,
) -> Result<Menu, ReplaceMenuError> {
    catalogue::lock_catalogue(tx).await?;
    let week = open_week(tx, change.week, author).await?.map_err(|refused| match refused {
        Refused::Unknown => ReplaceMenuError::NotFound,
        Refused::Locked => ReplaceMenuError::Locked,
    })?;
    let stored = store::menu_of_week(tx, week.id, Reading::ForUpdate).await?;
    let mut menu = stored.unwrap_or_else(|| Menu::draft(week.id));
    if menu.version != change.version {
        return Err(ReplaceMenuError::Stale);
    }
    check_dishes(&catalogue::load_book(tx).await?, &menu, &change.dishes)?;
    menu.dishes = menu.replace(&change.dishes)?;
    menu.version += 1;
    store::save_menu(tx, &menu, author.at).await?;
    store::save_dishes(tx, &menu).await?;
    tell(tx, author, "menu.changed", &menu, change.week).await?;
    Ok(menu)
}

fn check_dishes(
    book: &CatalogueBook,
    menu: &Menu,
    wished: &[OfferedDish],
) -> Result<(), ReplaceMenuError> {
    for (index, offered) in wished.iter().enumerate() {
        let dish = book.dishes.get(&offered.dish_id);
        let dish = dish.ok_or(ReplaceMenuError::UnknownDish { index })?;
        if menu.state == MenuState::Published && !dish.can_be_offered() {
            return Err(ReplaceMenuError::NotOfferable { index });
        }
    }
    Ok(())
}

/// The menu of a week to publish.
#[derive(Debug, Clone, Copy)]
pub struct PublishMenu {
    /// The week.
    pub week: WeekName,
}

/// Why the menu stayed a draft.
#[derive(Debug, Error)]
pub enum PublishMenuError {
    /// There is no such week.
    #[error("no such week")]
    NotFound,
    /// The week is locked.
    #[error("the week is locked")]
    Locked,
    /// It offers nothing.
    #[error("the menu is empty")]
    Empty,
    /// Some dishes are not active or lack a recipe for a size.
    #[error("some dishes cannot be offered")]
    NotOfferable {
        /// Their names.
        names: Vec<String>,
    },
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Publishes a menu. A menu that is published already stays as it is.
pub async fn publish_menu(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    publish: PublishMenu,
) -> Result<Menu, PublishMenuError> {
    catalogue::lock_catalogue(tx).await?;
    let week = weeks::week_by_name(tx, publish.week).await?.ok_or(PublishMenuError::NotFound)?;
    let stored = store::menu_of_week(tx, week.id, Reading::ForUpdate).await?;
    let mut menu = match stored {
        Some(menu) if menu.state == MenuState::Published => return Ok(menu),
        Some(menu) => menu,
        None => Menu::draft(week.id),
    };
    if is_locked(&week, author) {
        return Err(PublishMenuError::Locked);
    }
    if menu.dishes.is_empty() {
        return Err(PublishMenuError::Empty);
    }
    let book = catalogue::load_book(tx).await?;
    let offered = menu.dishes.iter().filter_map(|dish| book.dishes.get(&dish.offered.dish_id));
    let names: Vec<String> =
        offered.filter(|dish| !dish.can_be_offered()).map(|dish| dish.dish.name.clone()).collect();
    if !names.is_empty() {
        return Err(PublishMenuError::NotOfferable { names });
    }
    menu.state = MenuState::Published;
    menu.published_at = Some(author.at);
    menu.version += 1;
    store::save_menu(tx, &menu, author.at).await?;
    tell(tx, author, "menu.published", &menu, publish.week).await?;
    Ok(menu)
}

enum Refused {
    Unknown,
    Locked,
}

async fn open_week(
    tx: &TenantTx,
    name: WeekName,
    author: &Author,
) -> Result<Result<OrderWeek, Refused>, DbError> {
    Ok(match weeks::week_by_name(tx, name).await? {
        None => Err(Refused::Unknown),
        Some(week) if is_locked(&week, author) => Err(Refused::Locked),
        Some(week) => Ok(week),
    })
}

fn is_locked(week: &OrderWeek, author: &Author) -> bool {
    week.locked_at.is_some() || week.times.state_at(author.at) == WindowState::Locked
}

async fn tell(
    tx: &TenantTx,
    author: &Author,
    action: &'static str,
    menu: &Menu,
    week: WeekName,
) -> Result<(), DbError> {
    let details = json!({
        "week": week.to_string(),
        "state": menu.state.as_str(),
        "dishes": menu.dishes.len(),
    });
    bk_audit::append(tx, author.entry(action, "menu", menu.id.to_string()).details(details)).await
}
