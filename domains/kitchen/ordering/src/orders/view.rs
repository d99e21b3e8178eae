//! An order with all that a customer wants to know of it.

use std::collections::BTreeMap;

use bk_kernel::DishId;
use bk_kitchen_accounts::{
    accounts::Account,
    preferences::{self, Evaluation, RuleKind, RuleSet, Status},
};
use bk_kitchen_catalogue::book::CatalogueBook;
use bk_kitchen_core::{MealCount, MealSize, named};
use bk_kitchen_wallet::packs;
use bk_persistence::{DbError, TenantTx};

use super::{
    allocation::Allocation,
    assess::{deal, evaluate_lines},
    order::{Order, OrderState},
    store,
};
use crate::weeks::week_name::WeekName;
use crate::{
    menu::{self, Offered},
    weeks::OrderWeek,
};

/// What kind of thing to look at before confirming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WarningKind {
    /// An allergen or exclusion forbids the dish.
    Blocked,
    /// The account dislikes something in it.
    Disliked,
    /// Nobody declared what something in it contains.
    UnknownComposition,
    /// Fewer meals of it are left than ordered.
    SoldOut,
    /// The menu does not offer it.
    NotOnMenu,
    /// The packs hold too few meals.
    NotEnoughMeals,
    /// A side of the preset cannot be served to this account.
    SideBlocked,
}

named!(
    WarningKind,
    "a warning",
    "BLOCKED, DISLIKED, UNKNOWN_COMPOSITION, SOLD_OUT, NOT_ON_MENU, NOT_ENOUGH_MEALS, SIDE_BLOCKED",
    {
        Blocked = "BLOCKED",
        Disliked = "DISLIKED",
        UnknownComposition = "UNKNOWN_COMPOSITION",
        SoldOut = "SOLD_OUT",
        NotOnMenu = "NOT_ON_MENU",
        NotEnoughMeals = "NOT_ENOUGH_MEALS",
        SideBlocked = "SIDE_BLOCKED",
    }
);

/// Something to look at before confirming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What kind.
    pub kind: WarningKind,
    /// The dish it is about, if one.
    pub dish_id: Option<DishId>,
    /// What to know, without naming a preference.
    pub message: String,
}

/// An order as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// Its week.
    pub week: WeekName,
    /// Names of the ordered dishes.
    pub names: BTreeMap<DishId, String>,
    /// Meals left in the packs.
    pub meals_left: MealCount,
    /// What to look at; empty unless it is a draft.
    pub warnings: Vec<Warning>,
    /// What confirming would deal; only of a draft.
    pub preview: Option<Allocation>,
    /// What was dealt; none of a draft.
    pub allocation: Option<Allocation>,
}

/// Shows an order of an account.
pub async fn view_order(
    tx: &TenantTx,
    account: &Account,
    week: &OrderWeek,
    order: Order,
    book: &CatalogueBook,
) -> Result<OrderView, DbError> {
    let meals_left = packs::meals_left(tx, account.id).await?;
    let mut view = shown(order, week.times.name, meals_left, book);
    if view.order.state == OrderState::Draft {
        let rules = preferences::default_rules(tx, account.id).await?;
        let dishes = view.order.lines.iter().map(|line| line.dish_id);
        let offered = menu::offered(tx, week.id, dishes).await?;
        preview(&mut view, account, &rules, &offered, book);
    } else {
        let order = std::slice::from_ref(&view.order);
        view.allocation = store::allocations(tx, order).await?.remove(&view.order.id);
    }
    Ok(view)
}

/// The parts of a view that need no more reading.
pub(super) fn shown(
    order: Order,
    week: WeekName,
    meals_left: MealCount,
    book: &CatalogueBook,
) -> OrderView {
    let names = order
        .lines
        .iter()
        .filter_map(|line| Some((line.dish_id, book.dishes.get(&line.dish_id)?.dish.name.clone())))
        .collect();
    OrderView {
        order,
        week,
        names,
        meals_left,
        warnings: Vec::new(),
        preview: None,
        allocation: None,
    }
}

/// Adds what a draft's owner should know.
fn preview(
    view: &mut OrderView,
    account: &Account,
    rules: &RuleSet,
    offered: &BTreeMap<DishId, Offered>,
    book: &CatalogueBook,
) {
    let lines = &view.order.lines;
    let mut warnings = menu_warnings(lines.meals_per_dish(), offered);
    for (line, evaluation) in evaluate_lines(lines, rules, book) {
        warnings.extend(evaluation_warning(line.dish_id, &evaluation));
    }
    warnings.extend(meals_warnings(lines.meals_needed(), view.meals_left));
    match deal(lines, account.default_preset_id, account.tier, rules, book) {
        Ok((_, allocation)) => view.preview = Some(allocation),
        Err(error) => warnings.push(Warning {
            kind: WarningKind::SideBlocked,
            dish_id: None,
            message: format!("The sides cannot be dealt: {error}."),
        }),
    }
    warnings.dedup();
    view.warnings = warnings;
}

fn menu_warnings(
    meals: BTreeMap<DishId, i32>,
    offered: &BTreeMap<DishId, Offered>,
) -> Vec<Warning> {
    let warn = |dish, kind, message: String| Some(Warning { kind, dish_id: Some(dish), message });
    meals
        .into_iter()
        .filter_map(|(dish, meals)| match offered.get(&dish) {
            None => warn(
                dish,
                WarningKind::NotOnMenu,
                "This dish is not on the menu of this week.".to_owned(),
            ),
            Some(Offered { left: Some(left) }) if *left < meals => {
                warn(dish, WarningKind::SoldOut, format!("{left} meals of this dish are left."))
            }
            Some(_) => None,
        })
        .collect()
}

fn evaluation_warning(dish: DishId, evaluation: &Evaluation) -> Option<Warning> {
    let (kind, message) = match evaluation.status {
        Status::Ok => return None,
        Status::Blocked => {
            (WarningKind::Blocked, "A preference of this account excludes this dish.")
        }
        Status::Warn if evaluation.of_kind(RuleKind::Dislike).next().is_some() => {
            (WarningKind::Disliked, "This dish contains something this account does not like.")
        }
        Status::Warn => (
            WarningKind::UnknownComposition,
            "Not everything in this dish has confirmed allergens.",
        ),
    };
    Some(Warning { kind, dish_id: Some(dish), message: message.to_owned() })
}

fn meals_warnings(needed: MealCount, left: MealCount) -> impl Iterator<Item = Warning> {
    MealSize::ALL.into_iter().filter(move |size| needed.of(*size) > left.of(*size)).map(
        move |size| Warning {
            kind: WarningKind::NotEnoughMeals,
            dish_id: None,
            message: format!(
                "The order needs {} meals of {size} and {} are left.",
                needed.of(size),
                left.of(size)
            ),
        },
    )
}
