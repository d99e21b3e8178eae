//! Confirming the order of the week: the one transaction in which meals are consumed.

use std::collections::BTreeMap;

use bk_contracts::facts::{Fact, OrderConfirmed};
use bk_kernel::{Actor, DishId, OrderWeekId, Permit, RequestId};
use bk_kitchen_accounts::{
    accounts::{self, Account, AccountStatus},
    preferences,
};
use bk_kitchen_catalogue::book::CatalogueBook;
use bk_kitchen_core::permissions::OwnOrdersWrite;
use bk_kitchen_wallet::packs::{self, Cause, NotEnoughMeals, PacksError};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use fail::fail_point;
use thiserror::Error;

use super::{
    allocation::AllocationError,
    assess::{deal, evaluate_lines, is_cooked},
    order::{OrderEvent, OrderLines, OrderState},
    store::{self, Confirmation, OrderCause, StoredOrder},
    view::{self, OrderView, view_order},
};
use crate::weeks::window::OpenWindow;
use crate::{
    menu,
    weeks::{self, StoredWeek},
};

/// Why an order was not confirmed. Nothing was changed.
#[derive(Debug, Error)]
pub enum ConfirmOrderError {
    /// The person has no account, or the account no order this week.
    #[error("no order this week")]
    NotFound,
    /// The window is not open.
    #[error("the window is closed")]
    WindowClosed,
    /// The order is past being confirmed.
    #[error("the order is {0}")]
    State(OrderState),
    /// The account may not order.
    #[error("the account is {0}")]
    Account(AccountStatus),
    /// Nothing is ordered.
    #[error("the order is empty")]
    Empty,
    /// A dish is not on the published menu.
    #[error("{dish} is not on the menu")]
    NotOnMenu {
        /// Its name.
        dish: String,
    },
    /// Fewer meals of a dish are left than ordered.
    #[error("{left} meals of {dish} are left")]
    SoldOut {
        /// Its name.
        dish: String,
        /// Meals left.
        left: i32,
    },
    /// An allergen or exclusion of the account forbids a dish.
    #[error("{dish} is excluded by a preference")]
    DishBlocked {
        /// Its name.
        dish: String,
    },
    /// The preset cannot be served to this account.
    #[error(transparent)]
    Sides(#[from] AllocationError),
    /// The packs hold too few meals.
    #[error(transparent)]
    Meals(#[from] NotEnoughMeals),
    /// The database refused.
    #[error("database")]
    Db(#[from] DbError),
}

/// Who confirms, and when.
#[derive(Debug, Clone, Copy)]
pub struct ConfirmOrder<'a> {
    /// The customer.
    pub actor: &'a Actor,
    /// The request.
    pub request_id: RequestId,
    /// The caller's `Idempotency-Key`: tells a retry from somebody else's attempt.
    pub key: Option<&'a str>,
    /// When it arrived: what the window is checked against.
    pub at: DateTime<Utc>,
}

/// Confirms the caller's order of the current week. Confirming a confirmed order answers with it:
/// a retry after a lost reply consumes nothing. An attempt under another key than the one it was
/// confirmed under is no retry, and is told that the order is `CONFIRMED`.
///
/// Locks, in this order, which every change of orders and packs keeps: the account, limited dishes
/// by id, packs oldest first. The fail points between its steps are for tests, which end the process
/// or the connection there; without the feature `failpoints` they are nothing.
pub async fn confirm_order(
    tx: &TenantTx,
    _permit: Permit<OwnOrdersWrite>,
    book: &CatalogueBook,
    confirm: ConfirmOrder<'_>,
) -> Result<OrderView, ConfirmOrderError> {
    let account = accounts::lock_account_of(tx, confirm.actor.user_id)
        .await?
        .ok_or(ConfirmOrderError::NotFound)?;
    fail_point!("confirm_order::account_locked");
    let week = weeks::current_week(tx, confirm.at).await?.ok_or(ConfirmOrderError::WindowClosed)?;
    let order = store::live_order(tx, account.id, week.id).await?;
    if let Some(order) = &order
        && order.state == OrderState::Confirmed
    {
        if is_another_attempt(confirm.key, order.confirm_key.as_deref()) {
            return Err(ConfirmOrderError::State(OrderState::Confirmed));
        }
        return Ok(view_order(tx, &account, &week, order.clone(), book).await?);
    }
    OpenWindow::check(&week.week, confirm.at).map_err(|_| ConfirmOrderError::WindowClosed)?;
    if week.locked_at.is_some() {
        return Err(ConfirmOrderError::WindowClosed);
    }
    let order = order.ok_or(ConfirmOrderError::NotFound)?;
    let confirmed = order
        .state
        .apply(OrderEvent::Confirmed)
        .map_err(|conflict| ConfirmOrderError::State(conflict.state))?;
    if account.status != AccountStatus::Active {
        return Err(ConfirmOrderError::Account(account.status));
    }
    if order.lines.is_empty() {
        return Err(ConfirmOrderError::Empty);
    }
    take(tx, &account, &week, StoredOrder { state: confirmed, ..order }, book, &confirm).await
}

/// Whether both attempts are named and the names differ.
fn is_another_attempt(key: Option<&str>, confirmed_under: Option<&str>) -> bool {
    key.zip(confirmed_under).is_some_and(|(key, first)| key != first)
}

/// Checks what the order asks for and takes it.
async fn take(
    tx: &TenantTx,
    account: &Account,
    week: &StoredWeek,
    order: StoredOrder,
    book: &CatalogueBook,
    confirm: &ConfirmOrder<'_>,
) -> Result<OrderView, ConfirmOrderError> {
    let rules = preferences::default_rules(tx, account.id).await?;
    // What cannot be evaluated must not pass for harmless.
    if let Some(line) = order.lines.iter().find(|line| !is_cooked(line, book)) {
        return Err(ConfirmOrderError::NotOnMenu { dish: name(line.dish_id, book) });
    }
    for (line, evaluation) in evaluate_lines(&order.lines, &rules, book) {
        if evaluation.is_blocked() {
            return Err(ConfirmOrderError::DishBlocked { dish: name(line.dish_id, book) });
        }
    }
    let (preset_id, allocation) =
        deal(&order.lines, account.default_preset_id, account.tier, &rules, book)?;
    take_dishes(tx, week.id, &order.lines, book).await?;
    fail_point!("confirm_order::dishes_counted");
    let cause = Cause {
        order_id: Some(order.id),
        actor_id: Some(confirm.actor.user_id),
        reason: None,
        request_id: Some(confirm.request_id),
        at: confirm.at,
    };
    let meals_left = packs::consume(tx, account.id, order.lines.meals_needed(), &cause)
        .await
        .map_err(ConfirmOrderError::from_packs)?;
    fail_point!("confirm_order::meals_consumed");
    let confirmation =
        Confirmation { preset_id, allocation: &allocation, key: confirm.key, at: confirm.at };
    store::write_confirmation(tx, order.id, &confirmation).await?;
    fail_point!("confirm_order::allocation_stored");
    tell(tx, &order, confirm).await?;
    fail_point!("confirm_order::fact_published");
    let order = StoredOrder {
        preset_id,
        replacements: allocation.replacements.clone(),
        confirmed_at: Some(confirm.at),
        confirm_key: confirm.key.map(str::to_owned),
        version: order.version + 1,
        ..order
    };
    let mut view = view::shown(order, week.week.name, meals_left, book);
    view.allocation = Some(allocation);
    Ok(view)
}

/// Checks the menu and counts the meals of limited dishes.
async fn take_dishes(
    tx: &TenantTx,
    week: OrderWeekId,
    lines: &OrderLines,
    book: &CatalogueBook,
) -> Result<(), ConfirmOrderError> {
    let meals = lines.meals_per_dish();
    let offered = menu::offered(tx, week, meals.keys().copied()).await?;
    if let Some(dish) = meals.keys().find(|dish| !offered.contains_key(dish)) {
        return Err(ConfirmOrderError::NotOnMenu { dish: name(*dish, book) });
    }
    let limited: BTreeMap<DishId, i32> = meals
        .into_iter()
        .filter(|(dish, _)| offered.get(dish).is_some_and(|offered| offered.left.is_some()))
        .collect();
    if limited.is_empty() {
        return Ok(());
    }
    let locked = menu::lock_limited(tx, week, limited.keys().copied()).await?;
    for (dish, meals) in &limited {
        let left = locked.get(dish).and_then(|offered| offered.left).unwrap_or(0);
        if left < *meals {
            return Err(ConfirmOrderError::SoldOut { dish: name(*dish, book), left });
        }
    }
    menu::count_meals(tx, week, &limited).await?;
    Ok(())
}

async fn tell(
    tx: &TenantTx,
    order: &StoredOrder,
    confirm: &ConfirmOrder<'_>,
) -> Result<(), DbError> {
    let cause = OrderCause {
        actor_id: Some(confirm.actor.user_id),
        request_id: Some(confirm.request_id),
        at: confirm.at,
    };
    store::append_events(tx, &[(order.id, OrderEvent::Confirmed)], cause).await?;
    let fact = Fact::OrderConfirmed(OrderConfirmed {
        order_id: order.id,
        account_id: order.account_id,
        week_id: order.week_id,
        meals: order.lines.meals_needed().total(),
        confirmed_at: confirm.at,
    });
    fact.tell(tx, Some(confirm.request_id), confirm.at).await
}

fn name(dish: DishId, book: &CatalogueBook) -> String {
    book.dishes.get(&dish).map_or_else(|| "A dish".to_owned(), |dish| dish.dish.name.clone())
}

impl ConfirmOrderError {
    fn from_packs(error: PacksError) -> Self {
        match error {
            PacksError::NotEnough(short) => Self::Meals(short),
            PacksError::NotFound => Self::NotFound,
            PacksError::Pack(error) => Self::Db(DbError::other(error.to_string())),
            PacksError::Db(error) => Self::Db(error),
        }
    }
}
