//! Wire forms of orders.

use bk_kitchen_core::{MealCount, text};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::orders::{
    Order,
    allocation::{Allocation, Replacement},
    view::{OrderView, Warning},
};

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    pub id: Uuid,
    /// Whose order.
    pub account_id: Uuid,
    /// The order week.
    #[schema(example = "2026-W48")]
    pub week: String,
    /// `DRAFT`, `CONFIRMED`, `LOCKED`, `FULFILLED` or `CANCELLED`.
    #[schema(example = "DRAFT")]
    pub state: String,
    /// What was ordered.
    pub lines: Vec<OrderLineDto>,
    /// Meals this order needs, per size.
    pub meals_needed: MealCountDto,
    /// Meals left in the account's packs, per size; for a draft before this order takes any.
    pub meals_left: MealCountDto,
    /// What to look at before confirming.
    pub warnings: Vec<WarningDto>,
    /// What confirming would deal, or null when nothing can be dealt yet.
    pub allocation_preview: Option<AllocationDto>,
    /// What was dealt at confirm, or null before.
    pub allocation: Option<AllocationDto>,
    /// Whether it was confirmed after the window.
    pub late: bool,
    /// When it was confirmed, or null.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it was locked, or null.
    pub locked_at: Option<DateTime<Utc>>,
    /// When it was cancelled, or null.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why it was cancelled, or null.
    pub cancel_reason: Option<String>,
}

/// One line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderLineDto {
    /// The dish.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    pub dish_id: Uuid,
    /// Its name.
    #[schema(example = "Lemon myrtle chicken")]
    pub name: String,
    /// Grams per meal.
    #[schema(example = 300)]
    pub meal_size_g: i32,
    /// Meals.
    #[schema(example = 2)]
    pub quantity: i32,
}

/// Meals per size.
#[derive(Debug, Serialize, ToSchema)]
pub struct MealCountDto {
    /// Meals of 300 g.
    #[schema(example = 10)]
    pub g300: i32,
    /// Meals of 400 g.
    #[schema(example = 0)]
    pub g400: i32,
    /// Both.
    #[schema(example = 10)]
    pub total: i32,
}

impl From<MealCount> for MealCountDto {
    fn from(count: MealCount) -> Self {
        Self { g300: count.g300, g400: count.g400, total: count.total() }
    }
}

/// Something to look at before confirming.
#[derive(Debug, Serialize, ToSchema)]
pub struct WarningDto {
    /// `BLOCKED`, `DISLIKED`, `UNKNOWN_COMPOSITION`, `SOLD_OUT`, `NOT_ON_MENU`, `NOT_ENOUGH_MEALS`
    /// or `SIDE_BLOCKED`.
    #[schema(example = "DISLIKED")]
    pub code: String,
    /// The dish it is about, or null when it is about the whole order.
    pub dish_id: Option<Uuid>,
    /// What to know.
    #[schema(example = "This dish contains something this account does not like.")]
    pub message: String,
}

impl From<Warning> for WarningDto {
    fn from(warning: Warning) -> Self {
        Self {
            code: warning.kind.as_str().to_owned(),
            dish_id: warning.dish_id.map(Into::into),
            message: warning.message,
        }
    }
}

/// How meals are dealt to layouts of sides.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationDto {
    /// The lines, in order.
    pub lines: Vec<LineAllocationDto>,
    /// Sides above the account's tier and what stands in for them.
    pub replacements: Vec<ReplacementDto>,
}

/// The portions of one line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineAllocationDto {
    /// The dish.
    pub dish_id: Uuid,
    /// Grams per meal.
    #[schema(example = 300)]
    pub meal_size_g: i32,
    /// Its portions; their meals sum to the quantity of the line.
    pub portions: Vec<PortionDto>,
}

/// Some meals of a line that get the same sides.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortionDto {
    /// Position of the preset's layout, or null for a dish with a fixed side.
    #[schema(example = 0)]
    pub layout: Option<u16>,
    /// Vegetable sides.
    pub vegetable_ids: Vec<Uuid>,
    /// Carbohydrate sides.
    pub carbohydrate_ids: Vec<Uuid>,
    /// Meals.
    #[schema(example = 2)]
    pub meals: i32,
}

/// A side that was replaced because the account's tier does not include it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplacementDto {
    /// Position of the layout.
    #[schema(example = 0)]
    pub layout: u16,
    /// `VEGETABLE` or `CARBOHYDRATE`.
    #[schema(example = "VEGETABLE")]
    pub kind: String,
    /// What the layout names.
    pub component_id: Uuid,
    /// What is served.
    pub replaced_by: Uuid,
}

impl From<&Replacement> for ReplacementDto {
    fn from(replacement: &Replacement) -> Self {
        Self {
            layout: replacement.layout,
            kind: replacement.kind.as_str().to_owned(),
            component_id: replacement.component_id.uuid(),
            replaced_by: replacement.replaced_by.uuid(),
        }
    }
}

impl From<&Allocation> for AllocationDto {
    fn from(allocation: &Allocation) -> Self {
        let lines = allocation.lines.iter().map(|line| LineAllocationDto {
            dish_id: line.dish_id.uuid(),
            meal_size_g: line.size.grams(),
            portions: line
                .portions
                .iter()
                .map(|portion| PortionDto {
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

impl From<OrderView> for OrderDto {
    fn from(view: OrderView) -> Self {
        let order = view.order;
        let lines = order.lines.iter().map(|line| OrderLineDto {
            dish_id: line.dish_id.uuid(),
            name: view.names.get(&line.dish_id).cloned().unwrap_or_default(),
            meal_size_g: line.size.grams(),
            quantity: line.quantity,
        });
        Self {
            id: order.id.uuid(),
            account_id: order.account_id.uuid(),
            week: view.week.to_string(),
            state: order.state.as_str().to_owned(),
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
            cancel_reason: order.cancel_reason.map(|reason| reason.as_str().to_owned()),
        }
    }
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrdersDto {
    /// The orders, newest first.
    pub items: Vec<OrderSummaryDto>,
    /// Where the next page starts, or null.
    pub next_cursor: Option<String>,
}

/// An order in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderSummaryDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000020")]
    pub id: Uuid,
    /// Whose order.
    pub account_id: Uuid,
    /// The id of its order week.
    pub week_id: Uuid,
    /// Where it is in its life.
    #[schema(example = "CONFIRMED")]
    pub state: String,
    /// Meals ordered.
    pub meals: MealCountDto,
    /// Whether it was confirmed after the window.
    pub late: bool,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// When it was confirmed, or null.
    pub confirmed_at: Option<DateTime<Utc>>,
}

impl From<Order> for OrderSummaryDto {
    fn from(order: Order) -> Self {
        Self {
            id: order.id.uuid(),
            account_id: order.account_id.uuid(),
            week_id: order.week_id.uuid(),
            state: order.state.as_str().to_owned(),
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
pub struct ReplaceLinesDto {
    /// At most 60; a dish stands once per size.
    #[validate(length(max = 60), nested)]
    #[schema(max_items = 60)]
    pub lines: Vec<LineDto>,
}

/// One wished line.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineDto {
    /// A dish of this week's menu.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    pub dish_id: Uuid,
    /// 300 or 400.
    #[schema(example = 300, minimum = 300, maximum = 400, multiple_of = 100)]
    pub meal_size_g: i32,
    /// Meals, 1 to 50.
    #[validate(range(min = 1, max = 50, message = "between 1 and 50"))]
    #[schema(example = 2, minimum = 1, maximum = 50)]
    pub quantity: i32,
}

/// Nothing: confirming takes the draft as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmDto {}

/// Why an order is cancelled.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelDto {
    /// The reason.
    pub reason_code: CancelReasonDto,
    /// What to know besides, for the record.
    #[validate(length(min = 1, max = 500), custom(function = text::line))]
    #[schema(
        example = "Called on Saturday",
        min_length = 1,
        max_length = 500,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub note: Option<String>,
}

/// Reasons that staff may give.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(example = "CUSTOMER_REQUEST")]
pub enum CancelReasonDto {
    /// The customer asked for it.
    CustomerRequest,
    /// It was entered wrongly.
    StaffError,
    /// The account was suspended or closed.
    AccountClosed,
}
