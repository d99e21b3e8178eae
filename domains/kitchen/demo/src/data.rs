//! The files, as types. They say how each of their fields is meant.

use std::{collections::BTreeMap, sync::LazyLock};

use bk_contracts::tenants::ScheduleSettings;
use bk_kitchen_accounts::{accounts::AccountStatus, preferences::RuleKind};
use bk_kitchen_catalogue::{Allergen, DishCategory, SideKind, Unit};
use bk_kitchen_core::Tier;
use bk_kitchen_wallet::products::product::BillingInterval;
use rust_decimal::Decimal;
use serde::Deserialize;

/// Everything the files say.
pub(super) struct Demo {
    pub(super) tenants: Vec<DemoTenant>,
    pub(super) ingredients: Vec<Ingredient>,
    pub(super) sub_recipes: Vec<SubRecipe>,
    pub(super) dishes: Vec<Dish>,
    pub(super) sides: Vec<Side>,
    pub(super) presets: Vec<Preset>,
}

static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let TenantsFile { tenant: tenants } = parse(include_str!("../data/tenants.toml"));
    let IngredientsFile { ingredient: ingredients } =
        parse(include_str!("../data/ingredients.toml"));
    let DishesFile { sub_recipe: sub_recipes, dish: dishes } =
        parse(include_str!("../data/dishes.toml"));
    let SidesFile { component: sides, preset: presets } =
        parse(include_str!("../data/components.toml"));
    Demo { tenants, ingredients, sub_recipes, dishes, sides, presets }
});

#[expect(
    clippy::expect_used,
    reason = "the files are compiled in and every test of the demo reads them"
)]
fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    toml::from_str(text).expect("the demo files can be parsed")
}

/// The demo data.
pub(super) fn demo() -> &'static Demo {
    &DEMO
}

/// The demo kitchens, in the order of the file.
#[must_use]
pub fn tenants() -> &'static [DemoTenant] {
    &DEMO.tenants
}

/// The demo kitchen of a slug.
pub(super) fn tenant(slug: &str) -> Option<&'static DemoTenant> {
    tenants().iter().find(|tenant| tenant.slug == slug)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantsFile {
    tenant: Vec<DemoTenant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IngredientsFile {
    ingredient: Vec<Ingredient>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DishesFile {
    sub_recipe: Vec<SubRecipe>,
    dish: Vec<Dish>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SidesFile {
    component: Vec<Side>,
    preset: Vec<Preset>,
}

/// A demo kitchen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoTenant {
    /// The slug of the tenant.
    pub slug: String,
    /// The name of the business.
    pub name: String,
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// The currency, by ISO 4217.
    pub currency: String,
    /// The country, by ISO 3166-1 alpha-2.
    pub country: String,
    schedule: WallTimes,
    #[serde(rename = "pack_product")]
    pub(super) pack_products: Vec<PackProduct>,
    #[serde(rename = "plan")]
    pub(super) plans: Vec<Plan>,
    #[serde(rename = "account")]
    pub(super) accounts: Vec<Account>,
    pub(super) menu: MenuRotation,
}

impl DemoTenant {
    /// When its weeks open, close and are cut off.
    #[must_use]
    pub fn schedule(&self) -> ScheduleSettings {
        ScheduleSettings {
            time_zone: self.time_zone.clone(),
            window_opens: self.schedule.window_opens.clone(),
            window_closes: self.schedule.window_closes.clone(),
            cutoff: self.schedule.cutoff.clone(),
        }
    }

    /// Returns the local part of the login of each of its accounts, `client1` and on, with the account's
    /// name.
    pub fn clients(&self) -> impl Iterator<Item = (&str, &str)> {
        self.accounts.iter().map(|account| (account.login.as_str(), account.name.as_str()))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WallTimes {
    window_opens: String,
    window_closes: String,
    cutoff: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackProduct {
    pub(super) sku: String,
    pub(super) title: String,
    pub(super) meals: i32,
    pub(super) meal_size_g: i32,
    pub(super) price_minor: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub(super) key: String,
    pub(super) title: String,
    pub(super) tier: Tier,
    pub(super) interval: BillingInterval,
    pub(super) price_minor: i64,
    pub(super) entitlements: Entitlements,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "entitlements are granted one by one")]
pub(super) struct Entitlements {
    pub(super) preset_access: bool,
    pub(super) override_access: bool,
    pub(super) override_allowance: i32,
    pub(super) ingredient_tier: Tier,
    pub(super) promo_unlocked_credits: i32,
    pub(super) account_manager_level: String,
    pub(super) late_order: bool,
    pub(super) urgent_delivery: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) login: String,
    pub(super) status: AccountStatus,
    pub(super) tier: Tier,
    pub(super) default_preset: String,
    pub(super) address: Address,
    pub(super) postcode: String,
    pub(super) delivery_notes: String,
    pub(super) packs: Vec<BoughtPack>,
    pub(super) preferences: Vec<Preference>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Address {
    pub(super) line1: String,
    pub(super) line2: String,
    pub(super) city: String,
    pub(super) region: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BoughtPack {
    pub(super) sku: String,
    pub(super) bought_days_ago: i64,
    pub(super) used: i32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preference {
    pub(super) kind: RuleKind,
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct MenuRotation {
    pub(super) rotation: Vec<String>,
    pub(super) capacity: Vec<Capacity>,
    /// The lists, by name.
    #[serde(flatten)]
    pub(super) lists: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Capacity {
    pub(super) dish: String,
    pub(super) meals: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ingredient {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) category: String,
    pub(super) allergens: Vec<Allergen>,
    pub(super) purchase_unit: Unit,
    pub(super) energy_kj: Option<Decimal>,
    pub(super) protein_g: Option<Decimal>,
    pub(super) fat_g: Option<Decimal>,
    pub(super) saturated_fat_g: Option<Decimal>,
    pub(super) carbohydrate_g: Option<Decimal>,
    pub(super) sugars_g: Option<Decimal>,
    pub(super) sodium_mg: Option<Decimal>,
    #[serde(default)]
    pub(super) conversions: Vec<Weight>,
    pub(super) density_g_per_ml: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Weight {
    pub(super) from: Unit,
    pub(super) grams: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) ingredient: Option<String>,
    pub(super) sub_recipe: Option<String>,
    pub(super) quantity: String,
    pub(super) unit: Unit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubRecipe {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) yield_percent: i32,
    pub(super) output_g: String,
    pub(super) lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dish {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) category: DishCategory,
    pub(super) shelf_life_days: i32,
    pub(super) configurable: bool,
    pub(super) tenants: Vec<String>,
    pub(super) lines_300: Vec<Line>,
    pub(super) lines_400: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Side {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) kind: SideKind,
    pub(super) tier: Tier,
    pub(super) lines_300: Vec<Line>,
    pub(super) lines_400: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preset {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) layouts: Vec<Layout>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layout {
    pub(super) name: String,
    pub(super) vegetable: String,
    pub(super) carbohydrate: String,
    pub(super) percent: i32,
}
