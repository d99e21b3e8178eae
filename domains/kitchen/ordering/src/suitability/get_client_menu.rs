//! Getting a week's menu for a customer.

use bk_kernel::{Authorized, DishId};
use bk_kitchen_accounts::{
    accounts,
    preferences::{self, Evaluation, RuleSet, evaluate},
};
use bk_kitchen_catalogue::{CatalogueDish, CatalogueSnapshot};
use bk_kitchen_core::permissions::OwnMenuRead;
use bk_persistence::{DbError, TenantTx};
use thiserror::Error;

use crate::{
    menu,
    weeks::{self, OrderWeek, WeekName},
};

/// Which week's menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichWeek {
    /// The week that is open, or the next.
    Current,
    /// The week of this name.
    Named(WeekName),
}

/// Why there is no menu to show.
#[derive(Debug, Error)]
pub enum ClientMenuError {
    /// No such week, no published menu, or a person without an account.
    #[error("no menu")]
    NotFound,
    /// The menu could not be read.
    #[error("database")]
    Db(#[from] DbError),
}

/// A dish of the menu and how it suits the account.
#[derive(Debug, Clone)]
pub struct ClientDish {
    /// The id of the dish.
    pub dish_id: DishId,
    /// All that is known of it.
    pub dish: CatalogueDish,
    /// Meals that can still be ordered; none is no limit.
    pub left: Option<i32>,
    /// How it suits the account.
    pub suitability: Evaluation,
}

/// A menu for a customer.
#[derive(Debug, Clone)]
pub struct ClientMenu {
    /// The week it is the menu of.
    pub week: OrderWeek,
    /// The dishes, by position.
    pub dishes: Vec<ClientDish>,
}

/// Returns the published menu of a week with the suitability of every dish for the caller's account.
pub async fn get_client_menu(
    ctx: &Authorized<OwnMenuRead>,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
    which: WhichWeek,
) -> Result<ClientMenu, ClientMenuError> {
    let user = ctx.user_id().ok_or(ClientMenuError::NotFound)?;
    let account = accounts::account_of_user(tx, user).await?;
    let account = account.ok_or(ClientMenuError::NotFound)?;
    let week = match which {
        WhichWeek::Current => weeks::orderable_week(ctx, tx).await?,
        WhichWeek::Named(name) => weeks::week_by_name(tx, name).await?,
    };
    let week = week.ok_or(ClientMenuError::NotFound)?;
    let menu = menu::published_menu(tx, week.id).await?.ok_or(ClientMenuError::NotFound)?;
    let rules: RuleSet = preferences::default_rules(tx, account).await?;
    let dishes = menu.dishes.iter().filter_map(|on_menu| {
        let dish_id = on_menu.entry.dish_id;
        let dish = snapshot.dishes.get(&dish_id)?.clone();
        let suitability = evaluate(&rules, &dish.computed.subject);
        Some(ClientDish { dish_id, dish, left: on_menu.left(), suitability })
    });
    Ok(ClientMenu { week, dishes: dishes.collect() })
}
