//! Confirming the order of the week: the one transaction in which meals are consumed.

use bk_contracts::facts::{Fact, OrderConfirmed};
use bk_kernel::{Actor, DishId, Permit, RequestId};
use bk_kitchen_accounts::{
    accounts::{self, Account, AccountStatus},
    preferences,
};
use bk_kitchen_catalogue::book::CatalogueBook;
use bk_kitchen_core::permissions::OwnOrdersWrite;
use bk_kitchen_wallet::packs::{self, NotEnoughMeals, PacksError};
use bk_persistence::{DbError, TenantTx};
use chrono::{DateTime, Utc};
use fail::fail_point;
use thiserror::Error;

use super::{
    allocation::AllocationError,
    assess::{deal, evaluate_lines, is_cooked},
    cause::OrderCause,
    order::{Order, OrderEvent, OrderState, Transition},
    store::{self, Confirmation},
    view::{self, OrderView, view_order},
};
use crate::weeks::window::OpenWindow;
use crate::{
    menu::{self, ReserveMealsError},
    weeks::{self, OrderWeek},
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
    let window = OpenWindow::check(&week, confirm.at);
    let window = window.map_err(|_| ConfirmOrderError::WindowClosed)?;
    let order = order.ok_or(ConfirmOrderError::NotFound)?;
    let confirmed = order
        .apply(OrderEvent::Confirmed)
        .map_err(|conflict| ConfirmOrderError::State(conflict.state))?;
    if account.status != AccountStatus::Active {
        return Err(ConfirmOrderError::Account(account.status));
    }
    if order.lines.is_empty() {
        return Err(ConfirmOrderError::Empty);
    }
    let taking = Taking { window, confirmed, account: &account, week: &week, order };
    take(tx, taking, book, &confirm).await
}

/// Whether both attempts are named and the names differ.
fn is_another_attempt(key: Option<&str>, confirmed_under: Option<&str>) -> bool {
    key.zip(confirmed_under).is_some_and(|(key, first)| key != first)
}

/// An order that may be confirmed, with the proofs of it.
struct Taking<'a> {
    window: OpenWindow,
    confirmed: Transition,
    account: &'a Account,
    week: &'a OrderWeek,
    order: Order,
}

/// Checks what the order asks for and takes it.
async fn take(
    tx: &TenantTx,
    Taking { window, confirmed, account, week, order }: Taking<'_>,
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
    menu::reserve_meals(tx, window, order.lines.meals_per_dish())
        .await
        .map_err(|error| ConfirmOrderError::from_menu(error, book))?;
    fail_point!("confirm_order::dishes_counted");
    let actor = std::sync::Arc::new(confirm.actor.clone());
    let ctx = bk_kernel::OperationContext::of_actor(actor, confirm.request_id, confirm.at);
    let needed = order.lines.meals_needed();
    let meals_left = packs::consume_meals(&ctx, tx, account.id, order.id, needed)
        .await
        .map_err(ConfirmOrderError::from_packs)?;
    fail_point!("confirm_order::meals_consumed");
    let confirmation =
        Confirmation { preset_id, allocation: &allocation, key: confirm.key, at: confirm.at };
    store::write_confirmation(tx, window, &confirmed, &confirmation).await?;
    fail_point!("confirm_order::allocation_stored");
    tell(tx, &order, &confirmed, confirm).await?;
    fail_point!("confirm_order::fact_published");
    let order = Order {
        state: confirmed.to(),
        preset_id,
        replacements: allocation.replacements.clone(),
        confirmed_at: Some(confirm.at),
        confirm_key: confirm.key.map(str::to_owned),
        version: order.version + 1,
        ..order
    };
    let mut view = view::shown(order, week.times.name, meals_left, book);
    view.allocation = Some(allocation);
    Ok(view)
}

async fn tell(
    tx: &TenantTx,
    order: &Order,
    confirmed: &Transition,
    confirm: &ConfirmOrder<'_>,
) -> Result<(), DbError> {
    let cause = OrderCause {
        actor_id: Some(confirm.actor.user_id),
        request_id: Some(confirm.request_id),
        at: confirm.at,
    };
    store::append_events(tx, std::slice::from_ref(confirmed), cause, None).await?;
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
    fn from_menu(error: ReserveMealsError, book: &CatalogueBook) -> Self {
        match error {
            ReserveMealsError::NotOnMenu { dish_id } => {
                Self::NotOnMenu { dish: name(dish_id, book) }
            }
            ReserveMealsError::SoldOut { dish_id, left } => {
                Self::SoldOut { dish: name(dish_id, book), left }
            }
            ReserveMealsError::Db(error) => Self::Db(error),
        }
    }

    fn from_packs(error: PacksError) -> Self {
        match error {
            PacksError::NotEnough(short) => Self::Meals(short),
            PacksError::NotFound => Self::NotFound,
            PacksError::Pack(error) => Self::Db(DbError::other(error.to_string())),
            PacksError::Db(error) => Self::Db(error),
        }
    }
}
