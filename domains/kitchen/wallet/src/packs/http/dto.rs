//! Wire forms of packs and what is on offer.

use bk_kernel::Money;
use bk_kitchen_core::text;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    packs::{Pack, TitledPack},
    products::offer::{PackProduct, Plan},
};

/// A pack of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000040")]
    pub id: Uuid,
    /// What it was bought as.
    #[schema(example = "20 meals of 300 g")]
    pub title: String,
    /// Meals bought.
    #[schema(example = 20)]
    pub meals_total: i32,
    /// Meals left.
    #[schema(example = 14, minimum = 0)]
    pub meals_remaining: i32,
    /// Grams per meal.
    #[schema(example = 300)]
    pub meal_size_g: i32,
    /// `ACTIVE`, `EXHAUSTED` or `CANCELLED`.
    #[schema(example = "ACTIVE")]
    pub status: String,
    /// When it was bought; meals leave the oldest pack first.
    pub purchased_at: DateTime<Utc>,
}

impl PackDto {
    fn new(title: String, pack: Pack) -> Self {
        Self {
            id: pack.id.uuid(),
            title,
            meals_total: pack.meals_total,
            meals_remaining: pack.meals_remaining,
            meal_size_g: pack.size.grams(),
            status: pack.status.as_str().to_owned(),
            purchased_at: pack.purchased_at,
        }
    }
}

impl From<TitledPack> for PackDto {
    fn from(titled: TitledPack) -> Self {
        Self::new(titled.title, titled.pack)
    }
}

/// The packs of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct PacksDto {
    /// The packs, oldest purchase first.
    pub items: Vec<PackDto>,
    /// Always null: an account's packs are few.
    pub next_cursor: Option<String>,
}

/// An amount of money in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceDto {
    /// Minor units.
    #[schema(example = 13000)]
    pub amount: i64,
    /// ISO 4217.
    #[schema(example = "AUD")]
    pub currency: String,
}

impl From<Money> for PriceDto {
    fn from(money: Money) -> Self {
        Self { amount: money.amount_minor, currency: money.currency.to_string() }
    }
}

/// A pack on offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedPackDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000050")]
    pub id: Uuid,
    /// Its SKU.
    #[schema(example = "meals-10-300")]
    pub sku: String,
    /// What it is.
    #[schema(example = "10 meals of 300 g")]
    pub title: String,
    /// Meals in it.
    #[schema(example = 10)]
    pub meals: i32,
    /// Grams per meal.
    #[schema(example = 300)]
    pub meal_size_g: i32,
    /// What it costs.
    pub price: PriceDto,
}

impl From<PackProduct> for OfferedPackDto {
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

/// Packs on offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedPacksDto {
    /// The packs.
    pub items: Vec<OfferedPackDto>,
    /// Where the next page starts, or null.
    pub next_cursor: Option<String>,
}

/// A plan on offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedPlanDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000060")]
    pub id: Uuid,
    /// Its key.
    #[schema(example = "steady")]
    pub key: String,
    /// What it is.
    #[schema(example = "Steady")]
    pub title: String,
    /// `BASE`, `MID` or `HIGH`.
    #[schema(example = "MID")]
    pub tier: String,
    /// `WEEK`, `FORTNIGHT` or `MONTH`.
    #[schema(example = "MONTH")]
    pub billing_interval: String,
    /// What a period costs.
    pub price: PriceDto,
}

impl From<Plan> for OfferedPlanDto {
    fn from(plan: Plan) -> Self {
        Self {
            id: plan.id.uuid(),
            key: plan.key,
            title: plan.content.title,
            tier: plan.content.tier.as_str().to_owned(),
            billing_interval: plan.content.billing_interval.as_str().to_owned(),
            price: plan.content.price.into(),
        }
    }
}

/// Plans on offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedPlansDto {
    /// The plans.
    pub items: Vec<OfferedPlanDto>,
    /// Where the next page starts, or null.
    pub next_cursor: Option<String>,
}

/// Where the payment page returns to.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartCheckoutDto {
    /// After paying; on one of the kitchen's return origins.
    #[validate(url, length(max = 500))]
    #[schema(example = "http://localhost:3000/packs/thanks", format = "uri", max_length = 500)]
    pub success_url: String,
    /// After leaving without paying; likewise.
    #[validate(url, length(max = 500))]
    #[schema(example = "http://localhost:3000/packs", format = "uri", max_length = 500)]
    pub cancel_url: String,
}

/// A started checkout.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartedCheckoutDto {
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
pub struct AdjustPackDto {
    /// Meals to add (positive) or take (negative); not zero.
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
