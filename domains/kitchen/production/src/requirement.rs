//! Ingredients a plan needs and what to buy for them.
//!
//! Each use is summed in the unit of its recipe line, so nothing is rounded before the end; the
//! sums are then converted into the unit the ingredient is bought in and rounded up once: three
//! orders of 0.4 bunch need 2 bunches, not 3 (docs/cases.md, "Production").

use std::collections::BTreeMap;

use bk_kernel::IngredientId;
use bk_kitchen_catalogue::{
    Quantity, Unit, UnitError,
    recipe::{FlatLine, RecipeError, RecipeIndex},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::plan::PlanError;

/// How much of an ingredient the recipes call for, before rounding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// The id of the ingredient.
    pub ingredient_id: IngredientId,
    /// Its name when the plan was made.
    pub name: String,
    /// The exact amount, in the unit it is bought in.
    pub quantity: Quantity,
}

/// How much of an ingredient to buy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseLine {
    /// The id of the ingredient.
    pub ingredient_id: IngredientId,
    /// Its name when the plan was made.
    pub name: String,
    /// The amount to buy, in whole purchasing units.
    pub buy: Quantity,
}

/// Sums of uses, exact, per ingredient and unit.
#[derive(Debug, Default)]
pub(super) struct Needs(BTreeMap<IngredientId, BTreeMap<Unit, Decimal>>);

impl Needs {
    /// Adds `meals` servings of flattened recipe lines, each divided among `sharing` sides of a slot.
    pub(super) fn add(
        &mut self,
        lines: Vec<FlatLine>,
        meals: i32,
        sharing: u32,
    ) -> Result<(), PlanError> {
        for line in lines {
            let quantity = line.quantity?;
            let overflow = || overflow(&line.path);
            let amount = quantity
                .amount()
                .checked_mul(Decimal::from(meals))
                .and_then(|amount| amount.checked_div(Decimal::from(sharing)))
                .ok_or_else(overflow)?;
            let sum = self
                .0
                .entry(line.ingredient_id)
                .or_default()
                .entry(quantity.unit())
                .or_insert(Decimal::ZERO);
            *sum = sum.checked_add(amount).ok_or_else(overflow)?;
        }
        Ok(())
    }

    /// The requirement per ingredient, sorted by name and id.
    pub(super) fn requirements(self, recipes: &RecipeIndex) -> Result<Vec<Requirement>, PlanError> {
        let mut all = Vec::with_capacity(self.0.len());
        for (ingredient_id, sums) in self.0 {
            let facts = recipes.ingredient(ingredient_id)?;
            let failed = |source| RecipeError::Unit { name: facts.name.clone(), source };
            let mut total = Decimal::ZERO;
            for (unit, amount) in sums {
                let converted = Quantity::new(amount, unit)
                    .and_then(|sum| sum.convert(facts.purchase_unit, &facts.conversions))
                    .map_err(failed)?;
                total = total
                    .checked_add(converted.amount())
                    .ok_or(UnitError::Overflow)
                    .map_err(failed)?;
            }
            let quantity =
                Quantity::new(without_residue(total), facts.purchase_unit).map_err(failed)?;
            all.push(Requirement { ingredient_id, name: facts.name.clone(), quantity });
        }
        all.sort_by(|a, b| (&a.name, a.ingredient_id).cmp(&(&b.name, b.ingredient_id)));
        Ok(all)
    }
}

/// What to buy for `wanted` when `earlier` requirements of the same week have been bought for already:
/// the rounded-up total less the rounded-up earlier total. What an earlier purchase left over is used
/// first, and an ingredient that is covered by it is not listed. If an ingredient's purchasing unit
/// changed between plans, its earlier purchases count for nothing.
#[must_use]
pub fn purchasing(wanted: &[Requirement], earlier: &[&[Requirement]]) -> Vec<PurchaseLine> {
    wanted
        .iter()
        .filter_map(|need| {
            let unit = need.quantity.unit();
            let bought: Decimal = earlier
                .iter()
                .flat_map(|plan| plan.iter())
                .filter(|old| {
                    old.ingredient_id == need.ingredient_id && old.quantity.unit() == unit
                })
                .try_fold(Decimal::ZERO, |sum, old| sum.checked_add(old.quantity.amount()))?;
            let total = bought.checked_add(need.quantity.amount())?;
            let buy = Quantity::positive(
                without_residue(total).ceil() - without_residue(bought).ceil(),
                unit,
            )
            .ok()?;
            Some(PurchaseLine { ingredient_id: need.ingredient_id, name: need.name.clone(), buy })
        })
        .collect()
}

/// Twelve decimal places: far below anything a scale shows, and enough to make three thirds one, so
/// that a division's last digit never rounds a whole number up.
fn without_residue(amount: Decimal) -> Decimal {
    amount.round_dp(12).normalize()
}

fn overflow(path: &[String]) -> PlanError {
    let name = path.last().cloned().unwrap_or_default();
    RecipeError::Unit { name, source: UnitError::Overflow }.into()
}
