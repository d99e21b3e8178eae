//! What is sold: pack products and subscription plans. Prices are integer minor units.

use bk_kernel::{Money, PackProductId, PlanId};
use bk_kitchen_core::{MealSize, Tier};
use chrono::{DateTime, Utc};

/// A pack SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackProduct {
    /// The id of the pack product.
    pub id: PackProductId,
    /// Names it in the kitchen's snapshots; never changes.
    pub sku: String,
    /// What it sells.
    pub content: PackProductContent,
    /// For `If-Match`.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// What may change of a pack product. Packs that were bought keep what they were bought as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackProductContent {
    /// What customers read.
    pub title: String,
    /// Meals in a pack, 10 to 80.
    pub meals: i32,
    /// The size of the meals.
    pub meal_size: MealSize,
    /// What a pack costs; more than zero.
    pub price: Money,
    /// The price object at the payment provider.
    pub stripe_price_id: Option<String>,
    /// Whether it is on offer.
    pub active: bool,
}

bk_kernel::string_enum! {
    /// How often a plan is paid.
    pub enum BillingInterval: "a billing interval" {
        /// Every week.
        Week = "WEEK",
        /// Every two weeks.
        Fortnight = "FORTNIGHT",
        /// Every month.
        Month = "MONTH",
    }
}

bk_kernel::string_enum! {
    /// How much an account manager does for the account.
    pub enum AccountManagerLevel: "an account-manager level" {
        /// Nothing beyond what every account gets.
        None = "NONE",
        /// Some help of an account manager.
        Partial = "PARTIAL",
        /// All of an account manager's help.
        Full = "FULL",
    }
}

/// What a plan allows in one billing period (docs/product.md, section 3).
#[expect(
    clippy::struct_excessive_bools,
    reason = "entitlements are flags (docs/product.md, section 3)"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlements {
    /// Whether presets can be chosen.
    pub preset_access: bool,
    /// Whether meals can be overridden.
    pub override_access: bool,
    /// How many overrides.
    pub override_allowance: i32,
    /// The tier of ingredients and sides.
    pub ingredient_tier: Tier,
    /// Unlocked credits granted per paid period.
    pub promo_unlocked_credits: i32,
    /// What the account manager does.
    pub account_manager_level: AccountManagerLevel,
    /// Whether late orders are possible.
    pub late_order: bool,
    /// Whether urgent deliveries are possible.
    pub urgent_delivery: bool,
}

/// A subscription plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The id of the plan.
    pub id: PlanId,
    /// Its key; never changes.
    pub key: String,
    /// What it sells.
    pub content: PlanContent,
    /// For `If-Match`.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// What may change of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanContent {
    /// What customers read.
    pub title: String,
    /// The tier of the plan content.
    pub tier: Tier,
    /// How often it is paid.
    pub billing_interval: BillingInterval,
    /// What a period costs.
    pub price: Money,
    /// The price object at the payment provider.
    pub stripe_price_id: Option<String>,
    /// What it allows.
    pub entitlements: Entitlements,
    /// Whether it is on offer.
    pub active: bool,
}
