//! Packs, and what is for sale, on the wire.

use bk_guard::Word;
use bk_kernel::Money;
use bk_kitchen_core::{Tier, text};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    packs::{self as model, PackStatus, TitledPack},
    products::product::{BillingInterval, PackProduct, Plan},
};

/// Whether a pack holds meals.
pub(crate) type PackStatusWord = Word<PackStatus>;
/// A service level.
pub(crate) type TierWord = Word<Tier>;
/// How often a plan is paid.
pub(crate) type BillingIntervalWord = Word<BillingInterval>;

/// A pack of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pack {
    /// The id of the pack.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000040")]
    pub id: Uuid,
    /// What it was bought as.
    #[schema(example = "20 meals of 300 g")]
    pub title: String,
    /// Number of meals bought.
    #[schema(example = 20)]
    pub meals_total: i32,
    /// Number of meals left.
    #[schema(example = 14, minimum = 0)]
    pub meals_remaining: i32,
    /// Grams per meal.
    #[schema(example = 300)]
    pub meal_size_g: i32,
    /// Whether it holds meals.
    pub status: PackStatusWord,
    /// When it was bought; meals leave the oldest pack first.
    pub purchased_at: DateTime<Utc>,
}

impl Pack {
    fn new(title: String, pack: model::Pack) -> Self {
        Self {
            id: pack.id.uuid(),
            title,
            meals_total: pack.meals_total,
            meals_remaining: pack.meals_remaining,
            meal_size_g: pack.size.grams(),
            status: pack.status.into(),
            purchased_at: pack.purchased_at,
        }
    }
}

impl From<TitledPack> for Pack {
    fn from(titled: TitledPack) -> Self {
        Self::new(titled.title, titled.pack)
    }
}

/// An amount of money in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackPrice {
    /// The amount in minor units.
    #[schema(example = 13000)]
    pub amount: i64,
    /// The currency, ISO 4217.
    #[schema(example = "AUD")]
    pub currency: String,
}

impl From<Money> for PackPrice {
    fn from(money: Money) -> Self {
        Self { amount: money.amount_minor, currency: money.currency.to_string() }
    }
}

/// A pack for sale.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackForSale {
    /// The id of the pack for sale.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000050")]
    pub id: Uuid,
    /// The SKU of the product.
    #[schema(example = "meals-10-300")]
    pub sku: String,
    /// The title that customers read.
    #[schema(example = "10 meals of 300 g")]
    pub title: String,
    /// Number of meals in the pack.
    #[schema(example = 10)]
    pub meals: i32,
    /// Grams per meal.
    #[schema(example = 300)]
    pub meal_size_g: i32,
    /// The price of the pack.
    pub price: PackPrice,
}

impl From<PackProduct> for PackForSale {
    fn from(product: PackProduct) -> Self {
        Self {
            id: product.id.uuid(),
            sku: product.sku,
            title: product.content.title,
            meals: product.content.meals,
            meal_size_g: product.content.meal_size.grams(),
            price: product.content.price.into(),
        }
    }
}

/// A plan for sale.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanForSale {
    /// The id of the plan for sale.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000060")]
    pub id: Uuid,
    /// The key of the plan.
    #[schema(example = "steady")]
    pub key: String,
    /// The title that customers read.
    #[schema(example = "Steady")]
    pub title: String,
    /// The service level it gives.
    pub tier: TierWord,
    /// How often it is paid.
    pub billing_interval: BillingIntervalWord,
    /// What a period costs.
    pub price: PackPrice,
}

impl From<Plan> for PlanForSale {
    fn from(plan: Plan) -> Self {
        Self {
            id: plan.id.uuid(),
            key: plan.key,
            title: plan.content.title,
            tier: plan.content.tier.into(),
            billing_interval: plan.content.billing_interval.into(),
            price: plan.content.price.into(),
        }
    }
}

/// Where the payment page returns to.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutForm {
    /// Where to return after paying; on one of the kitchen's return origins.
    #[validate(url, length(max = 500))]
    #[schema(example = "http://localhost:3000/packs/thanks", format = "uri", max_length = 500)]
    pub success_url: String,
    /// Where to return after leaving without paying; likewise.
    #[validate(url, length(max = 500))]
    #[schema(example = "http://localhost:3000/packs", format = "uri", max_length = 500)]
    pub cancel_url: String,
}

/// A started checkout.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartedCheckout {
    /// The purchase, `PENDING` until the payment is verified.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000070")]
    pub purchase_id: Uuid,
    /// The payment page.
    #[schema(example = "http://127.0.0.1:8090/c/pay/cs_test_a1")]
    pub checkout_url: String,
}

/// A correction of a pack.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackAdjustment {
    /// Meals to add (positive) or reservation (negative); not zero.
    #[validate(range(min = -1000, max = 1000, message = "between -1000 and 1000"))]
    #[schema(example = 2, minimum = -1000, maximum = 1000)]
    pub delta: i32,
    /// Why, for the record.
    #[validate(length(min = 3, max = 500), custom(function = text::line))]
    #[schema(
        example = "Two meals arrived damaged",
        min_length = 3,
        max_length = 500,
        pattern = "^[^\\x00-\\x1f\\x7f]+$"
    )]
    pub reason: String,
}
