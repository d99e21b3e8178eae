//! Wire forms of orders.

use bk_guard::{Problem, Word};
use bk_kitchen_catalogue::SideKind;
use bk_kitchen_core::text;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::orders::{
    CancelReason, LineRequest, OrderLines, OrderState, OrderView, Replacement, StaffCancelReason,
    Warning, WarningKind, allocation, order,
};

/// Where an order is in its life.
pub(super) type OrderStateWord = Word<OrderState>;
/// Why an order was cancelled.
pub(super) type CancelReasonWord = Word<CancelReason>;
/// Why staff cancel an order.
pub(super) type StaffCancelReasonWord = Word<StaffCancelReason>;
/// What kind of thing to look at before confirming.
pub(super) type WarningKindWord = Word<WarningKind>;
/// Which part of a meal a side is.
pub(super) type SideKindWord = Word<SideKind>;

/// An order of an account for one week.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Order {
    /// The id of the order.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// The id of the account whose order it is.
    account_id: Uuid,
    /// The ISO week of its cutoff.
    #[schema(example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")]
    week: String,
    /// Where the order is in its life.
    state: OrderStateWord,
    /// The dishes that were ordered.
    lines: Vec<OrderLine>,
    /// Meals this order needs, per size.
    meals_needed: MealCount,
    /// Meals left in the account's packs, per size; for a draft before this order takes any.
    meals_left: MealCount,
    /// What to look at before confirming.
    warnings: Vec<OrderWarning>,
    /// The sides that confirming would assign, or null when none can be assigned yet.
    allocation_preview: Option<Allocation>,
    /// The sides that were assigned at confirm, or null before.
    allocation: Option<Allocation>,
    /// Whether it was confirmed after the window.
    late: bool,
    /// When it was confirmed, or null.
    confirmed_at: Option<DateTime<Utc>>,
    /// When it was locked, or null.
    locked_at: Option<DateTime<Utc>>,
    /// When it was cancelled, or null.
    cancelled_at: Option<DateTime<Utc>>,
    /// Why it was cancelled, or null.
    cancel_reason: Option<CancelReasonWord>,
}

/// One line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderLine {
    /// The id of the dish.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    dish_id: Uuid,
    /// The name of the dish.
    #[schema(example = "Lemon myrtle chicken")]
    name: String,
    /// Grams per meal.
    #[schema(example = 300)]
    meal_size_g: i32,
    /// How many meals.
    #[schema(example = 2)]
    quantity: i32,
}

/// Meals per size.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MealCount {
    /// Meals of 300 g.
    #[schema(example = 10)]
    g300: i32,
    /// Meals of 400 g.
    #[schema(example = 0)]
    g400: i32,
    /// Meals of both sizes.
    #[schema(example = 10)]
    total: i32,
}

impl From<bk_kitchen_core::MealCount> for MealCount {
    fn from(count: bk_kitchen_core::MealCount) -> Self {
        Self { g300: count.g300, g400: count.g400, total: count.total() }
    }
}

/// Something to look at before confirming.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderWarning {
    /// What kind of warning.
    code: WarningKindWord,
    /// The dish it is about, or null when it is about the whole order.
    dish_id: Option<Uuid>,
    /// A sentence for the customer.
    #[schema(example = "This dish contains something this account does not like.")]
    message: String,
}

impl From<Warning> for OrderWarning {
    fn from(warning: Warning) -> Self {
        Self {
            code: warning.kind.into(),
            dish_id: warning.dish_id.map(Into::into),
            message: warning.message,
        }
    }
}

/// Which sides the meals of an order get.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Allocation {
    /// The lines, in order.
    lines: Vec<LineAllocation>,
    /// Sides above the account's tier and what stands in for them.
    replacements: Vec<SideReplacement>,
}

/// The portions of one line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineAllocation {
    /// The id of the dish.
    dish_id: Uuid,
    /// Grams per meal.
    #[schema(example = 300)]
    meal_size_g: i32,
    /// The portions; their meals sum to the quantity of the line.
    portions: Vec<Portion>,
}

/// Some meals of a line that get the same sides.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Portion {
    /// Position of the preset's layout, or null for a dish with a fixed side.
    #[schema(example = 0)]
    layout: Option<u16>,
    /// Vegetable sides.
    vegetable_ids: Vec<Uuid>,
    /// Carbohydrate sides.
    carbohydrate_ids: Vec<Uuid>,
    /// How many meals.
    #[schema(example = 2)]
    meals: i32,
}

/// A side that was replaced because the account's tier does not include it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SideReplacement {
    /// Position of the layout.
    #[schema(example = 0)]
    layout: u16,
    /// The kind of both sides.
    kind: SideKindWord,
    /// The side that the layout names.
    component_id: Uuid,
    /// The side that is served.
    replaced_by: Uuid,
}

impl From<&Replacement> for SideReplacement {
    fn from(replacement: &Replacement) -> Self {
        Self {
            layout: replacement.layout,
            kind: replacement.kind.into(),
            component_id: replacement.side_id.uuid(),
            replaced_by: replacement.replaced_by.uuid(),
        }
    }
}

impl From<&allocation::Allocation> for Allocation {
    fn from(allocation: &allocation::Allocation) -> Self {
        let lines = allocation.lines.iter().map(|line| LineAllocation {
            dish_id: line.dish_id.uuid(),
            meal_size_g: line.size.grams(),
            portions: line
                .portions
                .iter()
                .map(|portion| Portion {
                    layout: portion.layout,
                    vegetable_ids: portion.sides.vegetables.iter().map(|id| id.uuid()).collect(),
                    carbohydrate_ids: portion
                        .sides
                        .carbohydrates
                        .iter()
                        .map(|id| id.uuid())
                        .collect(),
                    meals: portion.meals,
                })
                .collect(),
        });
        Self {
            lines: lines.collect(),
            replacements: allocation.replacements.iter().map(Into::into).collect(),
        }
    }
}

impl From<OrderView> for Order {
    fn from(view: OrderView) -> Self {
        let order = view.order;
        let lines = order.lines.iter().map(|line| OrderLine {
            dish_id: line.dish_id.uuid(),
            name: view.names.get(&line.dish_id).cloned().unwrap_or_default(),
            meal_size_g: line.size.grams(),
            quantity: line.quantity,
        });
        Self {
            id: order.id.uuid(),
            account_id: order.account_id.uuid(),
            week: view.week.to_string(),
            state: order.state.into(),
            lines: lines.collect(),
            meals_needed: order.lines.meals_needed().into(),
            meals_left: view.meals_left.into(),
            warnings: view.warnings.into_iter().map(Into::into).collect(),
            allocation_preview: view.preview.as_ref().map(Into::into),
            allocation: view.allocation.as_ref().map(Into::into),
            late: order.late,
            confirmed_at: order.confirmed_at,
            locked_at: order.locked_at,
            cancelled_at: order.cancelled_at,
            cancel_reason: order.cancel_reason.map(Into::into),
        }
    }
}

/// An order in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderSummary {
    /// The id of the order.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    id: Uuid,
    /// The id of the account whose order it is.
    account_id: Uuid,
    /// The id of its order week.
    week_id: Uuid,
    /// Where the order is in its life.
    state: OrderStateWord,
    /// Meals ordered.
    meals: MealCount,
    /// Whether it was confirmed after the window.
    late: bool,
    /// When it was drafted.
    created_at: DateTime<Utc>,
    /// When it was confirmed, or null.
    confirmed_at: Option<DateTime<Utc>>,
}

impl From<order::Order> for OrderSummary {
    fn from(order: order::Order) -> Self {
        Self {
            id: order.id.uuid(),
            account_id: order.account_id.uuid(),
            week_id: order.week_id.uuid(),
            state: order.state.into(),
            meals: order.lines.meals_needed().into(),
            late: order.late,
            created_at: order.created_at,
            confirmed_at: order.confirmed_at,
        }
    }
}

/// The lines an order should have.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderForm {
    /// At most 60; a dish stands once per size.
    #[validate(length(max = 60), nested)]
    #[schema(max_items = 60)]
    lines: Vec<OrderLineForm>,
}

impl OrderForm {
    /// The requested lines, with each size checked. Fails with a problem at the line that is refused.
    pub(super) fn into_lines(self) -> Result<OrderLines, Problem> {
        let requests = self.lines.iter().enumerate().map(|(index, line)| {
            let size = line.meal_size_g.try_into().map_err(|_| {
                Problem::field(format!("/lines/{index}/meal_size_g"), "choice", "300 or 400")
            })?;
            Ok(LineRequest { dish_id: line.dish_id.into(), size, quantity: line.quantity })
        });
        Ok(OrderLines::new(&requests.collect::<Result<Vec<_>, Problem>>()?)?)
    }
}

/// One requested line.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderLineForm {
    /// A dish of this week's menu.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    dish_id: Uuid,
    /// 300 or 400.
    #[schema(example = 300, minimum = 300, maximum = 400, multiple_of = 100)]
    meal_size_g: i32,
    /// Meals, 1 to 50.
    #[validate(range(min = 1, max = 50, message = "between 1 and 50"))]
    #[schema(example = 2, minimum = 1, maximum = 50)]
    quantity: i32,
}

/// An empty object: confirming needs no more than the draft as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderConfirmation {}

/// Why an order is cancelled.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrderCancellation {
    /// Why the order is cancelled.
    pub(super) reason_code: StaffCancelReasonWord,
    /// What to know besides, for the record.
    #[validate(length(min = 1, max = 500), custom(function = text::line))]
    #[schema(
        example = "Called on Saturday",
        min_length = 1,
        max_length = 500,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub(super) note: Option<String>,
}
