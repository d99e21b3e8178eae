//! Confirming the order of the week: the one transaction in which meals are consumed.

use bk_contracts::facts::{Fact, OrderConfirmed};
use bk_kernel::{Authorized, DishId};
use bk_kitchen_accounts::{
    accounts::{self, Account, AccountStatus},
    preferences,
};
use bk_kitchen_catalogue::snapshot::CatalogueSnapshot;
use bk_kitchen_core::permissions::OwnOrdersWrite;
use bk_kitchen_wallet::packs::{self, NotEnoughMeals, PacksError};
use bk_persistence::{DbError, TenantTx};
use fail::fail_point;
use thiserror::Error;

use super::{
    allocation::AllocationError,
    evaluate_order::{assign_sides, evaluate_lines, is_cooked},
    order::{Order, OrderEvent, OrderState, Transition},
    order_view::{OrderView, base_view, view_order},
    store::{self, Confirmation},
};
use crate::{
    menu::{self, ReserveMealsError},
    weeks::{self, OpenWindow, OrderWeek},
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
        /// The name of the dish.
        dish: String,
    },
    /// Fewer meals of a dish are left than ordered.
    #[error("{left} meals of {dish} are left")]
    SoldOut {
        /// The name of the dish.
        dish: String,
        /// Meals left of it.
        left: i32,
    },
    /// An allergen or exclusion of the account forbids a dish.
    #[error("{dish} is excluded by a preference")]
    DishBlocked {
        /// The name of the dish.
        dish: String,
    },
    /// The preset cannot be served to this account.
    #[error(transparent)]
    Sides(#[from] AllocationError),
    /// The packs hold too few meals.
    #[error(transparent)]
    Meals(#[from] NotEnoughMeals),
    /// The order could not be read or stored.
    #[error("database")]
    Db(#[from] DbError),
}

/// One attempt to confirm the order of the current week.
#[derive(Debug, Clone, Default)]
pub struct ConfirmOrder {
    /// The caller's `Idempotency-Key`: distinguishes a retry from another attempt.
    pub key: Option<String>,
}

/// Confirms the caller's order of the current week. Confirming a confirmed order answers with it:
/// a retry after a lost reply consumes nothing. An attempt under another key than the one it was
/// confirmed under is no retry, and fails because the order is `CONFIRMED`.
///
/// Locks, in this order, which every change of orders and packs keeps: the account, limited dishes
/// by id, packs oldest first. The fail points between its steps are for tests, which end the process
/// or the connection there; without the feature `failpoints` they are nothing.
pub async fn confirm_order(
    ctx: &Authorized<OwnOrdersWrite>,
    tx: &TenantTx,
    snapshot: &CatalogueSnapshot,
    confirm: ConfirmOrder,
) -> Result<OrderView, ConfirmOrderError> {
    let user = ctx.user_id().ok_or(ConfirmOrderError::NotFound)?;
    let account = accounts::lock_account_of(tx, user).await?.ok_or(ConfirmOrderError::NotFound)?;
    fail_point!("confirm_order::account_locked");
    let week = weeks::current_week(ctx, tx).await?.ok_or(ConfirmOrderError::WindowClosed)?;
    let order = store::live_order(tx, account.id, week.id).await?;
    if let Some(order) = &order
        && order.state == OrderState::Confirmed
    {
        if is_another_attempt(confirm.key.as_deref(), order.confirm_key.as_deref()) {
            return Err(ConfirmOrderError::State(OrderState::Confirmed));
        }
        return Ok(view_order(tx, &account, &week, order.clone(), snapshot).await?);
    }
    let window = OpenWindow::check(&week, ctx.at());
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
    let checked = CheckedOrder { window, confirmed, account: &account, week: &week, order };
    confirm_checked(ctx, tx, checked, snapshot, confirm.key).await
}

/// Whether both attempts are named and the names differ.
fn is_another_attempt(key: Option<&str>, confirmed_under: Option<&str>) -> bool {
    key.zip(confirmed_under).is_some_and(|(key, first)| key != first)
}

/// An order that may be confirmed, with the proofs of it.
struct CheckedOrder<'a> {
    window: OpenWindow,
    confirmed: Transition,
    account: &'a Account,
    week: &'a OrderWeek,
    order: Order,
}

/// Checks what the order asks for, reserves and consumes its meals and stores it as confirmed.
async fn confirm_checked(
    ctx: &Authorized<OwnOrdersWrite>,
    tx: &TenantTx,
    CheckedOrder { window, confirmed, account, week, order }: CheckedOrder<'_>,
    snapshot: &CatalogueSnapshot,
    key: Option<String>,
) -> Result<OrderView, ConfirmOrderError> {
    let rules = preferences::default_rules(tx, account.id).await?;
    // What cannot be evaluated must not pass for harmless.
    if let Some(line) = order.lines.iter().find(|line| !is_cooked(line, snapshot)) {
        return Err(ConfirmOrderError::NotOnMenu { dish: name(line.dish_id, snapshot) });
    }
    for (line, evaluation) in evaluate_lines(&order.lines, &rules, snapshot) {
        if evaluation.is_blocked() {
            return Err(ConfirmOrderError::DishBlocked { dish: name(line.dish_id, snapshot) });
        }
    }
    let (preset_id, allocation) =
        assign_sides(&order.lines, account.default_preset_id, account.tier, &rules, snapshot)?;
    menu::reserve_meals(ctx, tx, window, order.lines.meals_per_dish())
        .await
        .map_err(|error| ConfirmOrderError::from_menu(error, snapshot))?;
    fail_point!("confirm_order::dishes_counted");
    let needed = order.lines.meals_needed();
    let meals_left = packs::consume_meals(ctx, tx, account.id, order.id, needed)
        .await
        .map_err(ConfirmOrderError::from_packs)?;
    fail_point!("confirm_order::meals_consumed");
    let confirmation =
        Confirmation { preset_id, allocation: &allocation, key: key.as_deref(), at: ctx.at() };
    store::write_confirmation(tx, window, &confirmed, &confirmation).await?;
    fail_point!("confirm_order::allocation_stored");
    publish(ctx, tx, &order, &confirmed).await?;
    fail_point!("confirm_order::fact_published");
    let order = Order {
        state: confirmed.to(),
        preset_id,
        replacements: allocation.replacements.clone(),
        confirmed_at: Some(ctx.at()),
        confirm_key: key,
        version: order.version + 1,
        ..order
    };
    let mut view = base_view(order, week.times.name, meals_left, snapshot);
    view.allocation = Some(allocation);
    Ok(view)
}

/// Appends the event of the order and publishes the fact that it was confirmed.
async fn publish(
    ctx: &Authorized<OwnOrdersWrite>,
    tx: &TenantTx,
    order: &Order,
    confirmed: &Transition,
) -> Result<(), DbError> {
    store::append_events(ctx, tx, std::slice::from_ref(confirmed), None).await?;
    let fact = Fact::OrderConfirmed(OrderConfirmed {
        order_id: order.id,
        account_id: order.account_id,
        week_id: order.week_id,
        meals: order.lines.meals_needed().total(),
        confirmed_at: ctx.at(),
    });
    fact.publish(ctx, tx).await
}

fn name(dish: DishId, snapshot: &CatalogueSnapshot) -> String {
    snapshot.dishes.get(&dish).map_or_else(|| "A dish".to_owned(), |dish| dish.dish.name.clone())
}

impl ConfirmOrderError {
    fn from_menu(error: ReserveMealsError, snapshot: &CatalogueSnapshot) -> Self {
        match error {
            ReserveMealsError::NotOnMenu { dish_id } => {
                Self::NotOnMenu { dish: name(dish_id, snapshot) }
            }
            ReserveMealsError::SoldOut { dish_id, left } => {
                Self::SoldOut { dish: name(dish_id, snapshot), left }
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
