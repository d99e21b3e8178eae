//! Sheets on the wire. Quantities are decimal text; what is not known is null.

use std::collections::BTreeMap;

use bk_kitchen_catalogue::Quantity;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::{
    lock_week::LockedWeek,
    plan::{Label, PackList, PlannedMeals, ProductionPlan},
    read_plans::WeekPlans,
};

/// Nothing to say: the week is in the path.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub(crate) struct LockWeekDto {}

/// A locked week.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LockedWeekDto {
    /// The week.
    #[schema(example = "2026-W48")]
    week: String,
    /// When it was locked.
    #[schema(example = "2026-11-22T23:00:00Z")]
    locked_at: DateTime<Utc>,
    /// Orders in the frozen plan.
    #[schema(example = 2)]
    orders: u64,
    /// Meals in it.
    #[schema(example = 13)]
    meals: i64,
}

impl From<LockedWeek> for LockedWeekDto {
    fn from(locked: LockedWeek) -> Self {
        Self {
            week: locked.week.times.name.to_string(),
            locked_at: locked.locked_at,
            orders: u64::try_from(locked.orders).unwrap_or(u64::MAX),
            meals: locked.meals,
        }
    }
}

/// What every plan and delta begins with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanHeadDto {
    /// 0 for the plan frozen at lock; deltas count from 1.
    #[schema(example = 0)]
    number: u32,
    /// When it was frozen.
    #[schema(example = "2026-11-22T23:00:00Z")]
    frozen_at: DateTime<Utc>,
    /// The day the meals are cooked.
    #[schema(example = "2026-11-23")]
    production_date: NaiveDate,
    /// Meals in it.
    #[schema(example = 13)]
    total_meals: i64,
}

/// Meals of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlannedMealsDto {
    /// The dish.
    dish_id: Uuid,
    /// Its name when the plan was made.
    #[schema(example = "Lemon and herb chicken")]
    dish: String,
    /// Grams per meal.
    #[schema(example = 300)]
    meal_size_g: i32,
    /// The sides, vegetables first.
    #[schema(example = json!(["Steamed broccoli", "Steamed jasmine rice"]))]
    sides: Vec<String>,
    /// How many.
    #[schema(example = 4)]
    meals: i32,
}

impl From<&PlannedMeals> for PlannedMealsDto {
    fn from(row: &PlannedMeals) -> Self {
        Self {
            dish_id: row.kind.dish_id.uuid(),
            dish: row.dish_name.clone(),
            meal_size_g: row.kind.size.grams(),
            sides: row.side_names.clone(),
            meals: row.meals,
        }
    }
}

/// How much of an ingredient.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NeedDto {
    /// The ingredient.
    ingredient_id: Uuid,
    /// Its name when the plan was made.
    #[schema(example = "Parsley")]
    name: String,
    /// How much, as decimal text.
    #[schema(example = "1.2")]
    quantity: String,
    /// Of what.
    #[schema(example = "bunch")]
    unit: String,
}

impl NeedDto {
    fn new(ingredient_id: Uuid, name: &str, quantity: Quantity) -> Self {
        Self {
            ingredient_id,
            name: name.to_owned(),
            quantity: quantity.amount().to_string(),
            unit: quantity.unit().to_string(),
        }
    }
}

/// The label of one meal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelDto {
    /// Its number within the plan or delta, from 1.
    #[schema(example = 1)]
    number: u32,
    /// What it says instead of a name.
    #[schema(example = "A-0002")]
    customer_reference: String,
    /// The order.
    order_id: Uuid,
    /// The dish.
    #[schema(example = "Lemon and herb chicken")]
    dish: String,
    /// Grams.
    #[schema(example = 300)]
    meal_size_g: i32,
    /// The sides, vegetables first.
    #[schema(example = json!(["Steamed broccoli", "Steamed jasmine rice"]))]
    sides: Vec<String>,
    /// Allergens of dish and sides.
    #[schema(example = json!(["milk"]))]
    allergens: Vec<String>,
    /// Whether everything in it has confirmed allergens; if not, `allergens` may lack some.
    #[schema(example = true)]
    allergens_confirmed: bool,
    /// Facts of the meal, rounded for print: `energy_kj`, `protein_g` and so on; null is not known.
    #[schema(example = json!({ "energy_kj": "1850", "protein_g": "38.2" }))]
    nutrition: BTreeMap<&'static str, Option<String>>,
    /// The last day it may be eaten.
    #[schema(example = "2026-11-27")]
    use_by: NaiveDate,
}

impl From<&Label> for LabelDto {
    fn from(label: &Label) -> Self {
        let allergens = label.composition.allergens.keys();
        let facts = label.nutrition.facts().into_iter();
        Self {
            number: label.number,
            customer_reference: label.customer_reference.clone(),
            order_id: label.order_id.uuid(),
            dish: label.dish_name.clone(),
            meal_size_g: label.kind.size.grams(),
            sides: label.side_names.clone(),
            allergens: allergens.map(|allergen| allergen.as_str().to_owned()).collect(),
            allergens_confirmed: label.composition.unknown.is_empty(),
            nutrition: facts.map(|(name, fact)| (name, fact.map(|f| f.to_string()))).collect(),
            use_by: label.use_by,
        }
    }
}

/// What goes into one box.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PackListDto {
    /// What the box says instead of a name.
    #[schema(example = "A-0002")]
    customer_reference: String,
    /// The order.
    order_id: Uuid,
    /// The meals.
    meals: Vec<PlannedMealsDto>,
}

impl From<&PackList> for PackListDto {
    fn from(list: &PackList) -> Self {
        Self {
            customer_reference: list.customer_reference.clone(),
            order_id: list.order_id.uuid(),
            meals: list.meals.iter().map(Into::into).collect(),
        }
    }
}

/// A sheet of a week: its plans, each with rows of one kind.
macro_rules! sheets {
    ($($(#[$doc:meta])* $sheet:ident of $part:ident { $(#[$rows_doc:meta])* $rows:ident: $row:ty } from $plan:ident => $build:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct $sheet {
            /// The week.
            #[schema(example = "2026-W48")]
            week: String,
            /// The zone of the kitchen's wall clock.
            #[schema(example = "Australia/Brisbane")]
            time_zone: String,
            /// The frozen plan, then its deltas.
            plans: Vec<$part>,
        }

        /// A plan or delta in this sheet.
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct $part {
            /// Which.
            #[serde(flatten)]
            head: PlanHeadDto,
            $(#[$rows_doc])*
            $rows: Vec<$row>,
        }

        impl From<&WeekPlans> for $sheet {
            fn from(found: &WeekPlans) -> Self {
                let plans = found.plans.iter().map(|frozen| {
                    let $plan: &ProductionPlan = &frozen.plan;
                    let head = PlanHeadDto {
                        number: $plan.number,
                        frozen_at: frozen.frozen_at,
                        production_date: $plan.production_date,
                        total_meals: $plan.total_meals(),
                    };
                    $part { head, $rows: $build }
                });
                Self {
                    week: found.week.times.name.to_string(),
                    time_zone: found.week.time_zone.clone(),
                    plans: plans.collect(),
                }
            }
        }
    )+};
}

sheets! {
    /// Meals to cook.
    ProductionSheetDto of ProductionPartDto {
        /// Meals by dish, size and sides.
        meals: PlannedMealsDto
    } from plan => plan.meals.iter().map(Into::into).collect();

    /// What the recipes call for.
    IngredientSheetDto of IngredientPartDto {
        /// Exact, in the unit each ingredient is bought in.
        ingredients: NeedDto
    } from plan => plan
        .requirements
        .iter()
        .map(|need| NeedDto::new(need.ingredient_id.uuid(), &need.name, need.quantity))
        .collect();

    /// What to buy.
    PurchasingSheetDto of PurchasingPartDto {
        /// Whole purchasing units; a delta lists only what earlier purchases do not cover.
        purchases: NeedDto
    } from plan => plan
        .purchasing
        .iter()
        .map(|line| NeedDto::new(line.ingredient_id.uuid(), &line.name, line.buy))
        .collect();

    /// One label per meal.
    LabelSheetDto of LabelPartDto {
        /// By customer reference, then dish.
        labels: LabelDto
    } from plan => plan.labels.iter().map(Into::into).collect();

    /// What goes into each box.
    PackingSheetDto of PackingPartDto {
        /// One per order, by customer reference.
        boxes: PackListDto
    } from plan => plan.packing.iter().map(Into::into).collect();
}
