//! Sheets as JSON. Quantities are decimal text; what is not known is null.

use std::collections::BTreeMap;

use bk_kitchen_catalogue::Quantity;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{get_plans::WeekPlans, plan};

/// What every plan and delta begins with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanHeader {
    /// 0 for the plan frozen at lock; deltas count from 1.
    #[schema(example = 0)]
    number: u32,
    /// When it was frozen.
    #[schema(example = "2026-11-22T23:00:00Z")]
    frozen_at: DateTime<Utc>,
    /// The day the meals are cooked.
    #[schema(example = "2026-11-23")]
    production_date: NaiveDate,
    /// Number of meals in it.
    #[schema(example = 13)]
    total_meals: i64,
}

/// Meals of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlannedMeals {
    /// The id of the dish.
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
    /// Number of meals.
    #[schema(example = 4)]
    meals: i32,
}

impl From<&plan::PlannedMeals> for PlannedMeals {
    fn from(row: &plan::PlannedMeals) -> Self {
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
pub(crate) struct IngredientQuantity {
    /// The id of the ingredient.
    ingredient_id: Uuid,
    /// Its name when the plan was made.
    #[schema(example = "Parsley")]
    name: String,
    /// The amount, as decimal text.
    #[schema(example = "1.2")]
    quantity: String,
    /// The unit of the amount.
    #[schema(example = "bunch")]
    unit: String,
}

impl IngredientQuantity {
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
pub(crate) struct Label {
    /// Its number within the plan or delta, from 1.
    #[schema(example = 1)]
    number: u32,
    /// What it says instead of a name.
    #[schema(example = "A-0002")]
    customer_reference: String,
    /// The id of the order.
    order_id: Uuid,
    /// The name of the dish.
    #[schema(example = "Lemon and herb chicken")]
    dish: String,
    /// Grams per meal.
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

impl From<&plan::Label> for Label {
    fn from(label: &plan::Label) -> Self {
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
pub(crate) struct PackList {
    /// What the box says instead of a name.
    #[schema(example = "A-0002")]
    customer_reference: String,
    /// The id of the order.
    order_id: Uuid,
    /// The meals in the box.
    meals: Vec<PlannedMeals>,
}

impl From<&plan::PackList> for PackList {
    fn from(list: &plan::PackList) -> Self {
        Self {
            customer_reference: list.customer_reference.clone(),
            order_id: list.order_id.uuid(),
            meals: list.meals.iter().map(Into::into).collect(),
        }
    }
}

/// Declares the JSON of each sheet of a week: its plans, each with rows of one kind.
macro_rules! sheets {
    ($($(#[$doc:meta])* $sheet:ident of $sheet_plan:ident { $(#[$rows_doc:meta])* $rows:ident: $row:ty } from $plan:ident => $build:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct $sheet {
            /// The ISO week of the cutoff.
            #[schema(example = "2026-W48")]
            week: String,
            /// The zone of the kitchen's wall clock.
            #[schema(example = "Australia/Brisbane")]
            time_zone: String,
            /// The frozen plan, then its deltas.
            plans: Vec<$sheet_plan>,
        }

        /// A plan or delta in this sheet.
        #[derive(Debug, Serialize, ToSchema)]
        pub(crate) struct $sheet_plan {
            /// What the plan or delta begins with.
            #[serde(flatten)]
            header: PlanHeader,
            $(#[$rows_doc])*
            $rows: Vec<$row>,
        }

        impl From<&WeekPlans> for $sheet {
            fn from(found: &WeekPlans) -> Self {
                let plans = found.plans.iter().map(|frozen| {
                    let $plan: &plan::ProductionPlan = &frozen.plan;
                    let header = PlanHeader {
                        number: $plan.number,
                        frozen_at: frozen.frozen_at,
                        production_date: $plan.production_date,
                        total_meals: $plan.total_meals(),
                    };
                    $sheet_plan { header, $rows: $build }
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
    ProductionSheet of ProductionSheetPlan {
        /// Meals by dish, size and sides.
        meals: PlannedMeals
    } from plan => plan.meals.iter().map(Into::into).collect();

    /// What the recipes call for.
    IngredientSheet of IngredientSheetPlan {
        /// Exact, in the unit each ingredient is bought in.
        ingredients: IngredientQuantity
    } from plan => plan
        .requirements
        .iter()
        .map(|need| IngredientQuantity::new(need.ingredient_id.uuid(), &need.name, need.quantity))
        .collect();

    /// What to buy.
    PurchasingSheet of PurchasingSheetPlan {
        /// Whole purchasing units; a delta lists only what earlier purchases do not cover.
        purchases: IngredientQuantity
    } from plan => plan
        .purchasing
        .iter()
        .map(|line| IngredientQuantity::new(line.ingredient_id.uuid(), &line.name, line.buy))
        .collect();

    /// One label per meal.
    LabelSheet of LabelSheetPlan {
        /// By customer reference, then dish.
        labels: Label
    } from plan => plan.labels.iter().map(Into::into).collect();

    /// What goes into each box.
    PackingSheet of PackingSheetPlan {
        /// One per order, by customer reference.
        boxes: PackList
    } from plan => plan.packing.iter().map(Into::into).collect();
}
