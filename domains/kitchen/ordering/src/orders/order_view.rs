//! An order with all that is shown of it: names of dishes, meals left, warnings, sides.

use std::collections::BTreeMap;

use bk_kernel::DishId;
use bk_kitchen_accounts::{
    accounts::Account,
    preferences::{self, Evaluation, RuleKind, RuleSet, SuitabilityStatus},
};
use bk_kitchen_catalogue::snapshot::CatalogueSnapshot;
use bk_kitchen_core::{MealCount, MealSize};
use bk_kitchen_wallet::packs;
use bk_persistence::{DbError, TenantTx};

use super::{
    allocation::Allocation,
    evaluate_order::{assign_sides, evaluate_lines},
    order::{Order, OrderState},
    store,
};
use crate::{
    menu::{self, Availability},
    weeks::{OrderWeek, WeekName},
};

bk_kernel::string_enum! {
    /// What kind of thing to look at before confirming.
    pub enum WarningKind: "a warning" {
        /// An allergen or exclusion forbids the dish.
        Blocked = "BLOCKED",
        /// The account dislikes something in it.
        Disliked = "DISLIKED",
        /// It is not confirmed what something in it contains.
        UnknownComposition = "UNKNOWN_COMPOSITION",
        /// Fewer meals of it are left than ordered.
        SoldOut = "SOLD_OUT",
        /// It is not on the menu.
        NotOnMenu = "NOT_ON_MENU",
        /// The packs hold too few meals.
        NotEnoughMeals = "NOT_ENOUGH_MEALS",
        /// A side of the preset cannot be served to this account.
        SideBlocked = "SIDE_BLOCKED",
    }
}

/// Something to look at before confirming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What kind of warning.
    pub kind: WarningKind,
    /// The dish it is about, if one.
    pub dish_id: Option<DishId>,
    /// What to know, without naming a preference.
    pub message: String,
}

/// An order as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderView {
    /// The order itself.
    pub order: Order,
    /// The name of its week.
    pub week: WeekName,
    /// Names of the ordered dishes.
    pub names: BTreeMap<DishId, String>,
    /// Meals left in the packs.
    pub meals_left: MealCount,
    /// What to look at; empty unless it is a draft.
    pub warnings: Vec<Warning>,
    /// The sides that confirming would assign; only of a draft.
    pub preview: Option<Allocation>,
    /// The sides that were assigned; none of a draft.
    pub allocation: Option<Allocation>,
}

/// Returns the view of an order of an account.
pub(super) async fn view_order(
    tx: &TenantTx,
    account: &Account,
    week: &OrderWeek,
    order: Order,
    snapshot: &CatalogueSnapshot,
) -> Result<OrderView, DbError> {
    let meals_left = packs::meals_left(tx, account.id).await?;
    let mut view = base_view(order, week.times.name, meals_left, snapshot);
    if view.order.state == OrderState::Draft {
        let rules = preferences::default_rules(tx, account.id).await?;
        let dishes = view.order.lines.iter().map(|line| line.dish_id);
        let on_menu = menu::on_menu(tx, week.id, dishes).await?;
        add_preview(&mut view, account, &rules, &on_menu, snapshot);
    } else {
        let order = std::slice::from_ref(&view.order);
        view.allocation = store::allocations(tx, order).await?.remove(&view.order.id);
    }
    Ok(view)
}

/// The parts of a view that need no statement.
pub(super) fn base_view(
    order: Order,
    week: WeekName,
    meals_left: MealCount,
    snapshot: &CatalogueSnapshot,
) -> OrderView {
    let names = order
        .lines
        .iter()
        .filter_map(|line| {
            Some((line.dish_id, snapshot.dishes.get(&line.dish_id)?.dish.name.clone()))
        })
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

/// Adds what is shown of a draft: warnings, and the sides that confirming would assign.
fn add_preview(
    view: &mut OrderView,
    account: &Account,
    rules: &RuleSet,
    on_menu: &BTreeMap<DishId, Availability>,
    snapshot: &CatalogueSnapshot,
) {
    let lines = &view.order.lines;
    let mut warnings = menu_warnings(lines.meals_per_dish(), on_menu);
    for (line, evaluation) in evaluate_lines(lines, rules, snapshot) {
        warnings.extend(evaluation_warning(line.dish_id, &evaluation));
    }
    warnings.extend(meals_warnings(lines.meals_needed(), view.meals_left));
    match assign_sides(lines, account.default_preset_id, account.tier, rules, snapshot) {
        Ok((_, allocation)) => view.preview = Some(allocation),
        Err(error) => warnings.push(Warning {
            kind: WarningKind::SideBlocked,
            dish_id: None,
            message: format!("The sides cannot be assigned: {error}."),
        }),
    }
    warnings.dedup();
    view.warnings = warnings;
}

fn menu_warnings(
    meals: BTreeMap<DishId, i32>,
    on_menu: &BTreeMap<DishId, Availability>,
) -> Vec<Warning> {
    let warn = |dish, kind, message: String| Some(Warning { kind, dish_id: Some(dish), message });
    meals
        .into_iter()
        .filter_map(|(dish, meals)| match on_menu.get(&dish) {
            None => warn(
                dish,
                WarningKind::NotOnMenu,
                "This dish is not on the menu of this week.".to_owned(),
            ),
            Some(Availability { left: Some(left) }) if *left < meals => {
                warn(dish, WarningKind::SoldOut, format!("{left} meals of this dish are left."))
            }
            Some(_) => None,
        })
        .collect()
}

fn evaluation_warning(dish: DishId, evaluation: &Evaluation) -> Option<Warning> {
    let (kind, message) = match evaluation.status {
        SuitabilityStatus::Ok => return None,
        SuitabilityStatus::Blocked => {
            (WarningKind::Blocked, "A preference of this account excludes this dish.")
        }
        SuitabilityStatus::Warn if evaluation.of_kind(RuleKind::Dislike).next().is_some() => {
            (WarningKind::Disliked, "This dish contains something this account does not like.")
        }
        SuitabilityStatus::Warn => (
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
