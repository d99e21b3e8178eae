//! The production plan: meals to cook, ingredients, purchasing, labels and pack lists, computed
//! from locked orders and the recipes of the moment (docs/product.md, section 7).
//!
//! Invariants: for every dish and size, ordered = planned = labelled = packed ([`ProductionPlan::check`]);
//! everything is sorted, so the order of the input changes nothing; a delta is the plan of the orders
//! that came later and touches nothing that was printed before.

use std::collections::BTreeMap;

use bk_kernel::{AccountId, ComponentId, DishId, OrderId};
use bk_kitchen_catalogue::{
    Nutrition, ShelfLife,
    recipe::{Composition, RecipeError, RecipeIndex, ServingRecipe},
};
use bk_kitchen_core::MealSize;
use bk_kitchen_ordering::orders::{Allocation, OrderLines, Sides};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::requirement::{Needs, PurchaseLine, Requirement, purchasing};

/// A locked order as production sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedOrder {
    /// The id of the order.
    pub order_id: OrderId,
    /// The account whose order it is.
    pub account_id: AccountId,
    /// What the label says instead of a name.
    pub customer_reference: String,
    /// The meals that were ordered.
    pub lines: OrderLines,
    /// The sides, as stored at confirm.
    pub allocation: Allocation,
}

/// A dish as it is cooked and labelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookedDish {
    /// The name on the label.
    pub name: String,
    /// The ingredients and sub-recipes per serving.
    pub recipe: ServingRecipe,
    /// How long the cooked dish keeps.
    pub shelf_life: ShelfLife,
}

/// A side as it is cooked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CookedSide {
    /// The name on sheets and labels.
    pub name: String,
    /// What goes into a full serving of it. Sides that share a slot share the serving equally.
    pub recipe: ServingRecipe,
}

/// The recipes of the moment: everything needed to cook the orders of a week.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeSnapshot {
    /// The ingredients and sub-recipes.
    pub recipes: RecipeIndex,
    /// The dishes that may be ordered.
    pub dishes: BTreeMap<DishId, CookedDish>,
    /// The sides that dishes are plated with.
    pub sides: BTreeMap<ComponentId, CookedSide>,
}

/// Why a plan cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// An order names a dish that the recipes lack.
    #[error("a locked order names a dish without a recipe")]
    UnknownDish(DishId),
    /// An allocation names a side that the recipes lack.
    #[error("a locked order names a side without a recipe")]
    UnknownSide(ComponentId),
    /// A recipe cannot be computed.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// Meals ordered, planned, labelled and packed are not the same.
    #[error("the meals of the plan do not match those of the orders")]
    NotConserved,
    /// An order stands twice, or is already in an earlier plan.
    #[error("an order stands twice in production")]
    OrderTwice(OrderId),
}

/// A dish in a size with its sides: what meals are cooked alike by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MealKind {
    /// The dish that is cooked.
    pub dish_id: DishId,
    /// The size of the serving.
    pub size: MealSize,
    /// The sides on the plate.
    pub sides: Sides,
}

/// Meals of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedMeals {
    /// The kind of the meals.
    #[serde(flatten)]
    pub kind: MealKind,
    /// The dish's name when the plan was made.
    pub dish_name: String,
    /// The sides' names, vegetables first.
    pub side_names: Vec<String>,
    /// Number of meals.
    pub meals: i32,
}

/// The label of one meal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Its number within the plan or delta, from 1.
    pub number: u32,
    /// The order it belongs to.
    pub order_id: OrderId,
    /// What it says instead of a name.
    pub customer_reference: String,
    /// What is in the box.
    #[serde(flatten)]
    pub kind: MealKind,
    /// The name of the dish.
    pub dish_name: String,
    /// The sides' names, vegetables first.
    pub side_names: Vec<String>,
    /// Allergens of dish and sides, with the paths that brought them.
    pub composition: Composition,
    /// Facts of this meal, rounded for print; null is unknown.
    pub nutrition: Nutrition,
    /// Production date plus shelf life.
    pub use_by: NaiveDate,
}

/// What goes into one account's box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackList {
    /// The account that gets the box.
    pub account_id: AccountId,
    /// The order that is packed.
    pub order_id: OrderId,
    /// What the box says instead of a name.
    pub customer_reference: String,
    /// The meals in the box.
    pub meals: Vec<PlannedMeals>,
}

/// A frozen plan (number 0) or one of its deltas (1, 2, …).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductionPlan {
    /// 0 for the plan made at lock.
    pub number: u32,
    /// The day the meals are cooked.
    pub production_date: NaiveDate,
    /// Meals by dish, size and sides.
    pub meals: Vec<PlannedMeals>,
    /// What the recipes call for.
    pub requirements: Vec<Requirement>,
    /// What to buy, in whole purchasing units.
    pub purchasing: Vec<PurchaseLine>,
    /// The labels, one per meal.
    pub labels: Vec<Label>,
    /// The pack lists, one per order.
    pub packing: Vec<PackList>,
}

impl ProductionPlan {
    /// Makes the plan of the orders locked at the cutoff.
    pub fn freeze(
        orders: &[LockedOrder],
        snapshot: &RecipeSnapshot,
        production_date: NaiveDate,
    ) -> Result<Self, PlanError> {
        Self::build(orders, snapshot, production_date, &[])
    }

    /// Makes the next delta: the plan of orders locked after `earlier` (the frozen plan and its deltas, in
    /// any order). It buys only what the earlier purchases do not cover.
    pub fn delta(
        earlier: &[Self],
        orders: &[LockedOrder],
        snapshot: &RecipeSnapshot,
        production_date: NaiveDate,
    ) -> Result<Self, PlanError> {
        Self::build(orders, snapshot, production_date, earlier)
    }

    fn build(
        orders: &[LockedOrder],
        snapshot: &RecipeSnapshot,
        production_date: NaiveDate,
        earlier: &[Self],
    ) -> Result<Self, PlanError> {
        let orders = in_label_order(orders, earlier)?;
        let mut builder = PlanBuilder { snapshot, labels: BTreeMap::new() };
        let mut totals: BTreeMap<MealKind, i32> = BTreeMap::new();
        let mut packing = Vec::with_capacity(orders.len());
        for order in &orders {
            let counted = counted(order);
            for (kind, meals) in &counted {
                *totals.entry(kind.clone()).or_insert(0) += meals;
            }
            packing.push(PackList {
                account_id: order.account_id,
                order_id: order.order_id,
                customer_reference: order.customer_reference.clone(),
                meals: builder.planned(counted)?,
            });
        }
        let requirements = builder.needs(&totals)?.requirements(&snapshot.recipes)?;
        let before: Vec<&[Requirement]> =
            earlier.iter().map(|plan| plan.requirements.as_slice()).collect();
        let plan = Self {
            number: earlier.iter().map(|plan| plan.number + 1).max().unwrap_or(0),
            production_date,
            meals: builder.planned(totals)?,
            purchasing: purchasing(&requirements, &before),
            requirements,
            labels: builder.labels(&packing, production_date)?,
            packing,
        };
        plan.check(&orders.into_iter().cloned().collect::<Vec<_>>())?;
        Ok(plan)
    }

    /// Checks conservation: the lines of these orders, the planned meals, the labels and the packed meals are
    /// the same meals per dish and size, and the labels per order are that order's meals.
    pub fn check(&self, orders: &[LockedOrder]) -> Result<(), PlanError> {
        type PerOrder = BTreeMap<(OrderId, DishId, MealSize), i64>;
        let mut ordered = PerOrder::new();
        for order in orders {
            for line in &order.lines {
                let key = (order.order_id, line.dish_id, line.size);
                *ordered.entry(key).or_insert(0) += i64::from(line.quantity);
            }
        }
        let mut labelled = PerOrder::new();
        for label in &self.labels {
            let key = (label.order_id, label.kind.dish_id, label.kind.size);
            *labelled.entry(key).or_insert(0) += 1;
        }
        let mut packed = PerOrder::new();
        for list in &self.packing {
            for row in &list.meals {
                let key = (list.order_id, row.kind.dish_id, row.kind.size);
                *packed.entry(key).or_insert(0) += i64::from(row.meals);
            }
        }
        let mut planned = BTreeMap::new();
        for row in &self.meals {
            *planned.entry((row.kind.dish_id, row.kind.size)).or_insert(0) += i64::from(row.meals);
        }
        let mut wanted = BTreeMap::new();
        for ((_, dish_id, size), meals) in &ordered {
            *wanted.entry((*dish_id, *size)).or_insert(0) += meals;
        }
        let same = ordered == labelled && ordered == packed && wanted == planned;
        if same { Ok(()) } else { Err(PlanError::NotConserved) }
    }

    /// The number of meals in the plan.
    #[must_use]
    pub fn total_meals(&self) -> i64 {
        self.meals.iter().map(|row| i64::from(row.meals)).sum()
    }
}

/// Orders by customer reference and id, each once and in no earlier plan.
fn in_label_order<'a>(
    orders: &'a [LockedOrder],
    earlier: &[ProductionPlan],
) -> Result<Vec<&'a LockedOrder>, PlanError> {
    let mut seen: std::collections::BTreeSet<OrderId> =
        earlier.iter().flat_map(|plan| &plan.packing).map(|list| list.order_id).collect();
    for order in orders {
        if !seen.insert(order.order_id) {
            return Err(PlanError::OrderTwice(order.order_id));
        }
    }
    let mut sorted: Vec<&LockedOrder> = orders.iter().collect();
    sorted.sort_by_key(|order| (&order.customer_reference, order.order_id));
    Ok(sorted)
}

/// The meals of one order by kind.
fn counted(order: &LockedOrder) -> BTreeMap<MealKind, i32> {
    let mut meals = BTreeMap::new();
    for line in &order.allocation.lines {
        for portion in &line.portions {
            let kind =
                MealKind { dish_id: line.dish_id, size: line.size, sides: portion.sides.clone() };
            *meals.entry(kind).or_insert(0) += portion.meals;
        }
    }
    meals
}

/// What a label says about a kind of meal.
#[derive(Clone)]
struct LabelContent {
    dish_name: String,
    side_names: Vec<String>,
    composition: Composition,
    nutrition: Nutrition,
    shelf_life: ShelfLife,
}

/// A plan with the instant it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrozenPlan {
    /// The plan or delta that was frozen.
    pub plan: ProductionPlan,
    /// The instant at which it was frozen.
    pub frozen_at: DateTime<Utc>,
}

/// Builds a plan; what labels say is computed once per kind of meal.
struct PlanBuilder<'a> {
    snapshot: &'a RecipeSnapshot,
    labels: BTreeMap<MealKind, LabelContent>,
}

impl PlanBuilder<'_> {
    /// Rows sorted by dish name, size and sides.
    fn planned(&mut self, meals: BTreeMap<MealKind, i32>) -> Result<Vec<PlannedMeals>, PlanError> {
        let mut rows = Vec::with_capacity(meals.len());
        for (kind, meals) in meals {
            let LabelContent { dish_name, side_names, .. } = self.label_content(&kind)?;
            rows.push(PlannedMeals { kind, dish_name, side_names, meals });
        }
        rows.sort_by(|a, b| (&a.dish_name, &a.kind).cmp(&(&b.dish_name, &b.kind)));
        Ok(rows)
    }

    fn labels(
        &mut self,
        packing: &[PackList],
        production_date: NaiveDate,
    ) -> Result<Vec<Label>, PlanError> {
        let mut labels = Vec::new();
        for list in packing {
            for row in &list.meals {
                let content = self.label_content(&row.kind)?;
                for _ in 0..row.meals {
                    labels.push(Label {
                        number: u32::try_from(labels.len() + 1).unwrap_or(u32::MAX),
                        order_id: list.order_id,
                        customer_reference: list.customer_reference.clone(),
                        kind: row.kind.clone(),
                        dish_name: content.dish_name.clone(),
                        side_names: content.side_names.clone(),
                        composition: content.composition.clone(),
                        nutrition: content.nutrition.rounded(),
                        use_by: content.shelf_life.use_by(production_date),
                    });
                }
            }
        }
        Ok(labels)
    }

    fn needs(&self, totals: &BTreeMap<MealKind, i32>) -> Result<Needs, PlanError> {
        let recipes = &self.snapshot.recipes;
        let mut needs = Needs::default();
        for (kind, meals) in totals {
            needs.add(recipes.flatten(&self.dish(kind.dish_id)?.recipe, kind.size)?, *meals, 1)?;
            for (side, sharing) in self.sides(&kind.sides)? {
                needs.add(recipes.flatten(&side.recipe, kind.size)?, *meals, sharing)?;
            }
        }
        Ok(needs)
    }

    fn label_content(&mut self, kind: &MealKind) -> Result<LabelContent, PlanError> {
        if let Some(label) = self.labels.get(kind) {
            return Ok(label.clone());
        }
        let recipes = &self.snapshot.recipes;
        let dish = self.dish(kind.dish_id)?;
        let mut label = LabelContent {
            dish_name: dish.name.clone(),
            side_names: Vec::new(),
            composition: recipes.composition(&dish.recipe, kind.size)?,
            nutrition: recipes.nutrition(&dish.recipe, kind.size)?,
            shelf_life: dish.shelf_life,
        };
        for (side, sharing) in self.sides(&kind.sides)? {
            let facts = recipes.nutrition(&side.recipe, kind.size)?;
            let share = rust_decimal::Decimal::ONE / rust_decimal::Decimal::from(sharing);
            label.side_names.push(side.name.clone());
            label.composition =
                label.composition.merge(recipes.composition(&side.recipe, kind.size)?);
            label.nutrition = label.nutrition.plus(facts.times(share));
        }
        self.labels.insert(kind.clone(), label.clone());
        Ok(label)
    }

    fn dish(&self, id: DishId) -> Result<&CookedDish, PlanError> {
        self.snapshot.dishes.get(&id).ok_or(PlanError::UnknownDish(id))
    }

    /// The sides of a meal, vegetables first, each with how many share its slot.
    fn sides(&self, sides: &Sides) -> Result<Vec<(&CookedSide, u32)>, PlanError> {
        let mut found = Vec::new();
        for slot in [&sides.vegetables, &sides.carbohydrates] {
            let sharing = u32::try_from(slot.len()).unwrap_or(u32::MAX).max(1);
            for id in slot {
                let side = self.snapshot.sides.get(id).ok_or(PlanError::UnknownSide(*id))?;
                found.push((side, sharing));
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
