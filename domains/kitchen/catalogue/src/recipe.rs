//! Recipes: what goes into a serving of each size, through sub-recipes down to ingredients.
//!
//! Invariants: a recipe never contains itself; quantities scale exactly (half of a 1000 g sub-recipe
//! is 500 g); a line's quantity is what is on the plate, and what must be bought is that divided by
//! the yield; allergens come with the path that brought each; what is unknown of one ingredient is
//! unknown of the whole. Nutrition facts describe ingredients as bought, so they are applied to the
//! quantity before yield.

use std::collections::{BTreeMap, BTreeSet};

use bk_kernel::{IngredientId, RecipeId};
use bk_kitchen_core::MealSize;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    allergen::{Allergen, AllergenInfo},
    ingredient_key::IngredientKey,
    nutrition::Nutrition,
    unit::{Conversions, Quantity, Unit, UnitError},
};

/// What a recipe line calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "part", content = "id", rename_all = "snake_case")]
pub enum Part {
    /// An ingredient, as a part.
    Ingredient(IngredientId),
    /// Some of what another recipe makes.
    Recipe(RecipeId),
}

/// How much of what is prepared reaches the plate, in percent: more than 0, at most 1000 (rice swells).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawYield", into = "RawYield")]
pub struct YieldPercent(Decimal);

#[derive(Serialize, Deserialize)]
struct RawYield(#[serde(with = "rust_decimal::serde::str")] Decimal);

impl YieldPercent {
    /// Nothing is lost.
    pub const FULL: Self = Self(Decimal::ONE_HUNDRED);

    /// A yield of more than 0 and at most 1000 percent.
    pub fn new(percent: Decimal) -> Result<Self, RecipeError> {
        if percent > Decimal::ZERO && percent <= Decimal::ONE_THOUSAND {
            Ok(Self(percent.normalize()))
        } else {
            Err(RecipeError::Yield)
        }
    }

    /// The percentage, above zero and at most 100.
    #[must_use]
    pub const fn percent(self) -> Decimal {
        self.0
    }
}

impl TryFrom<RawYield> for YieldPercent {
    type Error = RecipeError;

    fn try_from(raw: RawYield) -> Result<Self, Self::Error> {
        Self::new(raw.0)
    }
}

impl From<YieldPercent> for RawYield {
    fn from(percent: YieldPercent) -> Self {
        Self(percent.0)
    }
}

/// One line of a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecipeLine {
    /// What goes into the line.
    pub part: Part,
    /// How much of it reaches the plate (or the batch).
    pub quantity: Quantity,
    /// What share of the prepared quantity that is.
    pub yield_percent: YieldPercent,
}

/// A recipe that others use: a batch of `makes` from its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubRecipe {
    /// What paths call it.
    pub name: String,
    /// How much the lines make; more than zero.
    pub makes: Quantity,
    /// What goes in.
    pub lines: Vec<RecipeLine>,
    /// Conversions of the finished batch: `1 piece = 80 g`.
    #[serde(default)]
    pub conversions: Conversions,
}

/// What goes into one serving of a dish or a side, per size.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServingRecipe {
    /// Lines per size. A size without an entry is not cooked.
    pub sizes: BTreeMap<MealSize, Vec<RecipeLine>>,
}

impl ServingRecipe {
    /// Whether there is something to cook in every size.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        MealSize::ALL.iter().all(|size| self.sizes.get(size).is_some_and(|lines| !lines.is_empty()))
    }
}

/// What recipes need to know of an ingredient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IngredientFacts {
    /// Its key, for preference rules.
    pub key: IngredientKey,
    /// What paths and sheets call it.
    pub name: String,
    /// The allergens of the ingredient facts.
    pub allergens: AllergenInfo,
    /// Facts per 100 g as bought.
    pub nutrition: Nutrition,
    /// Its own conversions.
    pub conversions: Conversions,
    /// The unit it is bought in.
    pub purchase_unit: Unit,
}

/// Why a recipe cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecipeError {
    /// A recipe contains itself.
    #[error("a recipe contains itself: {}", path.join(" > "))]
    Cycle {
        /// The names from the recipe down to itself.
        path: Vec<String>,
    },
    /// A line names a recipe that is not there.
    #[error("a line names a recipe that does not exist")]
    UnknownRecipe(RecipeId),
    /// A line names an ingredient that is not there.
    #[error("a line names an ingredient that does not exist")]
    UnknownIngredient(IngredientId),
    /// The dish has no recipe in this size.
    #[error("there is no recipe for {0}")]
    NoRecipe(MealSize),
    /// The yield is not more than 0 and at most 1000.
    #[error("a yield is more than 0 and at most 1000 percent")]
    Yield,
    /// Sub-recipes expand to more than [`RecipeIndex::MAX_LINES`] lines or [`RecipeIndex::MAX_DEPTH`] levels.
    #[error("the recipe is too large")]
    TooLarge,
    /// Quantities do not fit together.
    #[error("{name}: {source}")]
    Unit {
        /// The ingredient or recipe.
        name: String,
        /// Why the conversion failed.
        source: UnitError,
    },
}

/// One use of an ingredient in a serving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlatLine {
    /// The ingredient of the flat line.
    pub ingredient_id: IngredientId,
    /// Names from the outermost sub-recipe down to the ingredient.
    pub path: Vec<String>,
    /// What must be bought for one serving, in the unit of the line; an error where a conversion is
    /// missing on the way. Allergens do not depend on it.
    pub quantity: Result<Quantity, RecipeError>,
}

/// What a serving is made of, for labels and preferences.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composition {
    /// Each allergen with every path that brought it, sorted.
    pub allergens: BTreeMap<Allergen, BTreeSet<Vec<String>>>,
    /// Paths to ingredients of unknown composition; not empty means "not known to be safe".
    pub unknown: BTreeSet<Vec<String>>,
}

impl Composition {
    /// The allergens as one set: unknown as soon as one ingredient is.
    #[must_use]
    pub fn info(&self) -> AllergenInfo {
        if self.unknown.is_empty() {
            AllergenInfo::declared(self.allergens.keys().copied())
        } else {
            AllergenInfo::Unknown
        }
    }

    /// Both compositions together: a dish and its sides.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (allergen, paths) in other.allergens {
            self.allergens.entry(allergen).or_default().extend(paths);
        }
        self.unknown.extend(other.unknown);
        self
    }
}

/// The recipes and ingredients of a kitchen at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeIndex {
    /// The ingredients, by id.
    pub ingredients: BTreeMap<IngredientId, IngredientFacts>,
    /// Recipes that others use.
    pub recipes: BTreeMap<RecipeId, SubRecipe>,
}

impl RecipeIndex {
    /// Most lines looked at for one serving, those of sub-recipes included.
    pub const MAX_LINES: usize = 5_000;
    /// Most levels of sub-recipes.
    pub const MAX_DEPTH: usize = 20;

    /// Every use of an ingredient in one serving of this size, in line order.
    pub fn flatten(
        &self,
        recipe: &ServingRecipe,
        size: MealSize,
    ) -> Result<Vec<FlatLine>, RecipeError> {
        let lines = recipe.sizes.get(&size).ok_or(RecipeError::NoRecipe(size))?;
        let mut walk =
            Walk { snapshot: self, open: Vec::new(), path: Vec::new(), out: Vec::new(), steps: 0 };
        walk.lines(lines, &Ok(Ratio::ONE))?;
        Ok(walk.out)
    }

    /// Refuses a snapshot in which a recipe contains itself or names something that does not exist.
    pub fn check(&self) -> Result<(), RecipeError> {
        for (id, recipe) in &self.recipes {
            let mut walk = Walk {
                snapshot: self,
                open: vec![*id],
                path: vec![recipe.name.clone()],
                out: Vec::new(),
                steps: 0,
            };
            walk.lines(&recipe.lines, &Ok(Ratio::ONE))?;
        }
        Ok(())
    }

    /// Allergens of one serving of this size, each with its paths.
    pub fn composition(
        &self,
        recipe: &ServingRecipe,
        size: MealSize,
    ) -> Result<Composition, RecipeError> {
        let mut composition = Composition::default();
        for line in self.flatten(recipe, size)? {
            match &self.ingredient(line.ingredient_id)?.allergens {
                AllergenInfo::Declared(allergens) => {
                    for allergen in allergens {
                        let paths = composition.allergens.entry(*allergen).or_default();
                        paths.insert(line.path.clone());
                    }
                }
                AllergenInfo::Unknown => {
                    composition.unknown.insert(line.path);
                }
            }
        }
        Ok(composition)
    }

    /// Allergens of the dish in any size it is cooked in.
    pub fn composition_of_all_sizes(
        &self,
        recipe: &ServingRecipe,
    ) -> Result<Composition, RecipeError> {
        recipe.sizes.keys().try_fold(Composition::default(), |all, size| {
            Ok(all.merge(self.composition(recipe, *size)?))
        })
    }

    /// Facts of one serving. A line whose weight cannot be told makes every fact unknown.
    pub fn nutrition(
        &self,
        recipe: &ServingRecipe,
        size: MealSize,
    ) -> Result<Nutrition, RecipeError> {
        let mut sum = Nutrition::ZERO;
        for line in self.flatten(recipe, size)? {
            let facts = self.ingredient(line.ingredient_id)?;
            let grams = line
                .quantity
                .ok()
                .and_then(|quantity| quantity.convert(Unit::G, &facts.conversions).ok());
            sum = sum.plus(
                grams.map_or(Nutrition::UNKNOWN, |grams| facts.nutrition.of_grams(grams.amount())),
            );
        }
        Ok(sum)
    }

    /// The facts of an ingredient of this snapshot.
    pub fn ingredient(&self, id: IngredientId) -> Result<&IngredientFacts, RecipeError> {
        self.ingredients.get(&id).ok_or(RecipeError::UnknownIngredient(id))
    }
}

/// `num / den`: kept apart until the end, so that thirds come out whole when they add up.
#[derive(Debug, Clone, Copy)]
struct Ratio {
    num: Decimal,
    den: Decimal,
}

impl Ratio {
    const ONE: Self = Self { num: Decimal::ONE, den: Decimal::ONE };

    fn scaled(self, num: Decimal, den: Decimal) -> Result<Self, UnitError> {
        let num = self.num.checked_mul(num).ok_or(UnitError::Overflow)?.normalize();
        let den = self.den.checked_mul(den).ok_or(UnitError::Overflow)?.normalize();
        // A ratio that is whole is kept as one number, or twenty levels would not fit 28 digits.
        match num.checked_rem(den) {
            Some(rest) if rest.is_zero() => {
                let num = num.checked_div(den).ok_or(UnitError::Overflow)?;
                Ok(Self { num, den: Decimal::ONE })
            }
            _ => Ok(Self { num, den }),
        }
    }

    fn of(self, quantity: Quantity) -> Result<Quantity, UnitError> {
        let amount = quantity
            .amount()
            .checked_mul(self.num)
            .and_then(|amount| amount.checked_div(self.den))
            .ok_or(UnitError::Overflow)?;
        Quantity::new(amount, quantity.unit())
    }
}

/// The way down through sub-recipes.
struct Walk<'a> {
    snapshot: &'a RecipeIndex,
    open: Vec<RecipeId>,
    path: Vec<String>,
    out: Vec<FlatLine>,
    // Lines looked at: recipes of nothing but recipes must end too.
    steps: usize,
}

impl Walk<'_> {
    fn lines(
        &mut self,
        lines: &[RecipeLine],
        ratio: &Result<Ratio, RecipeError>,
    ) -> Result<(), RecipeError> {
        for line in lines {
            self.steps += 1;
            if self.steps > RecipeIndex::MAX_LINES {
                return Err(RecipeError::TooLarge);
            }
            let named = |name: &str| {
                let name = name.to_owned();
                move |source| RecipeError::Unit { name: name.clone(), source }
            };
            let raw =
                |ratio: Ratio| ratio.scaled(Decimal::ONE_HUNDRED, line.yield_percent.percent());
            match line.part {
                Part::Ingredient(id) => {
                    let name = &self.snapshot.ingredient(id)?.name;
                    let quantity = ratio.clone().and_then(|ratio| {
                        raw(ratio).and_then(|r| r.of(line.quantity)).map_err(named(name))
                    });
                    let mut path = self.path.clone();
                    path.push(name.clone());
                    self.out.push(FlatLine { ingredient_id: id, path, quantity });
                }
                Part::Recipe(id) => {
                    let sub =
                        self.snapshot.recipes.get(&id).ok_or(RecipeError::UnknownRecipe(id))?;
                    let used = line.quantity.convert(sub.makes.unit(), &sub.conversions);
                    let ratio = ratio.clone().and_then(|ratio| {
                        used.and_then(|used| raw(ratio)?.scaled(used.amount(), sub.makes.amount()))
                            .map_err(named(&sub.name))
                    });
                    self.descend(id, sub, &ratio)?;
                }
            }
        }
        Ok(())
    }

    fn descend(
        &mut self,
        id: RecipeId,
        sub: &SubRecipe,
        ratio: &Result<Ratio, RecipeError>,
    ) -> Result<(), RecipeError> {
        self.path.push(sub.name.clone());
        if self.open.contains(&id) {
            return Err(RecipeError::Cycle { path: self.path.clone() });
        }
        if self.open.len() >= RecipeIndex::MAX_DEPTH {
            return Err(RecipeError::TooLarge);
        }
        self.open.push(id);
        self.lines(&sub.lines, ratio)?;
        self.open.pop();
        self.path.pop();
        Ok(())
    }
}

#[cfg(test)]
#[path = "recipe_tests.rs"]
mod tests;
