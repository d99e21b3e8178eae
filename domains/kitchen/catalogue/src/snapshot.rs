//! The whole catalogue of a kitchen at one moment, computed once: what ordering, menus and
//! production read. It knows nothing of where it came from.
//!
//! Invariants: every dish and side in it can be computed (no cycle, nothing missing); it is made
//! of one state of the catalogue, whose version it carries.

use std::collections::{BTreeMap, BTreeSet};

use bk_kernel::{ComponentId, DishId, IngredientId, PresetId, RecipeId};
use bk_kitchen_core::MealSize;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{
    dish::Dish,
    nutrition::Nutrition,
    recipe::{Composition, IngredientFacts, RecipeError, RecipeIndex, ServingRecipe, SubRecipe},
    side::{Side, SideKind},
    unit::Unit,
};
use crate::{Subject, preset::Preset};

bk_kernel::string_enum! {
    /// Whether a side can be part of new layouts.
    pub enum SideStatus: "a component status" {
        /// Can be offered.
        Active = "ACTIVE",
        /// No longer offered; kept for history.
        Retired = "RETIRED",
    }
}

/// One serving of a size, computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// Its allergens with their paths.
    pub composition: Composition,
    /// Its facts, exact; null is unknown.
    pub nutrition: Nutrition,
    /// What preferences are evaluated against.
    pub subject: Subject,
}

/// What a recipe comes to in each size and in all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Computed {
    /// Per size that is cooked.
    pub servings: BTreeMap<MealSize, Serving>,
    /// Allergens in any size.
    pub composition: Composition,
    /// What preferences are evaluated against, in any size.
    pub subject: Subject,
}

impl Computed {
    /// Computes every size of a recipe.
    pub fn of(snapshot: &RecipeIndex, recipe: &ServingRecipe) -> Result<Self, RecipeError> {
        let mut servings = BTreeMap::new();
        for size in recipe.sizes.keys() {
            let serving = Serving {
                composition: snapshot.composition(recipe, *size)?,
                nutrition: snapshot.nutrition(recipe, *size)?,
                subject: Subject::from_recipe(snapshot, recipe, Some(*size))?,
            };
            servings.insert(*size, serving);
        }
        Ok(Self {
            servings,
            composition: snapshot.composition_of_all_sizes(recipe)?,
            subject: Subject::from_recipe(snapshot, recipe, None)?,
        })
    }
}

/// What every entry of the catalogue has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key, unique among its kind; never changes.
    pub key: String,
    /// For `If-Match`.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// A dish with its recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueDish {
    /// Its key and version.
    pub entry: Entry,
    /// The dish itself, without its recipe.
    pub dish: Dish,
    /// What customers read below the name.
    pub description: String,
    /// What goes into it.
    pub recipe: ServingRecipe,
    /// What that comes to.
    pub computed: Computed,
}

impl CatalogueDish {
    /// Whether a menu may offer it: active, and with a recipe for every size.
    #[must_use]
    pub fn can_be_on_menu(&self) -> bool {
        self.dish.status.can_be_on_menu() && self.recipe.is_complete()
    }
}

/// A side with its recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueSide {
    /// Its key and version.
    pub entry: Entry,
    /// The side itself, without its recipe.
    pub side: Side,
    /// Whether it stands in for sides above an account's tier; one per slot.
    pub slot_base: bool,
    /// Whether it can be offered.
    pub status: SideStatus,
    /// What goes into it.
    pub recipe: ServingRecipe,
    /// What that comes to.
    pub computed: Computed,
}

/// What the recipe snapshot does not say of a sub-recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueSubRecipe {
    /// Its key and version.
    pub entry: Entry,
    /// Cooked weight per raw weight, in whole percent.
    pub yield_percent: i32,
}

/// A preset with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CataloguePreset {
    /// Its key and version.
    pub entry: Entry,
    /// What customers read.
    pub name: String,
    /// Whether it can be chosen.
    pub active: bool,
    /// The layouts of the catalogue preset.
    pub preset: Preset,
    /// What the layouts are called, by position.
    pub layout_names: BTreeMap<u16, String>,
}

/// The catalogue as stored, before anything is computed.
#[derive(Debug, Default)]
pub struct Stored {
    /// How many changes it has seen.
    pub version: i64,
    /// The ingredients that are stored.
    pub ingredients: BTreeMap<IngredientId, IngredientFacts>,
    /// Those that new recipes may not use.
    pub inactive: BTreeSet<IngredientId>,
    /// The sub-recipes that are stored.
    pub sub_recipes: BTreeMap<RecipeId, (CatalogueSubRecipe, SubRecipe)>,
    /// Dishes, not yet computed.
    pub dishes: Vec<CatalogueDish>,
    /// Sides, not yet computed.
    pub sides: Vec<CatalogueSide>,
    /// The presets that are stored.
    pub presets: BTreeMap<PresetId, CataloguePreset>,
}

/// The catalogue of a kitchen at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueSnapshot {
    /// How many changes the catalogue had seen.
    pub version: i64,
    /// Ingredients and sub-recipes.
    pub recipes: RecipeIndex,
    /// Ingredients that new recipes may not use.
    pub inactive: BTreeSet<IngredientId>,
    /// What else is known of the sub-recipes.
    pub sub_recipes: BTreeMap<RecipeId, CatalogueSubRecipe>,
    /// Dishes of any status.
    pub dishes: BTreeMap<DishId, CatalogueDish>,
    /// Sides of any status.
    pub sides: BTreeMap<ComponentId, CatalogueSide>,
    /// The side that stands in for others of its slot.
    pub bases: BTreeMap<SideKind, ComponentId>,
    /// The presets, by id.
    pub presets: BTreeMap<PresetId, CataloguePreset>,
}

impl CatalogueSnapshot {
    /// Computes what is stored. Fails when a recipe contains itself, names nothing or is too large.
    pub fn compute(stored: Stored) -> Result<Self, RecipeError> {
        let mut recipes = RecipeIndex { ingredients: stored.ingredients, ..RecipeIndex::default() };
        let mut sub_recipes = BTreeMap::new();
        for (id, (entry, recipe)) in stored.sub_recipes {
            sub_recipes.insert(id, entry);
            recipes.recipes.insert(id, recipe);
        }
        recipes.check()?;
        let mut dishes = BTreeMap::new();
        for mut dish in stored.dishes {
            dish.computed = Computed::of(&recipes, &dish.recipe)?;
            dishes.insert(dish.dish.id, dish);
        }
        let mut sides = BTreeMap::new();
        let mut bases = BTreeMap::new();
        for mut side in stored.sides {
            side.computed = Computed::of(&recipes, &side.recipe)?;
            if side.slot_base && side.status == SideStatus::Active {
                bases.insert(side.side.kind, side.side.id);
            }
            sides.insert(side.side.id, side);
        }
        let (version, inactive, presets) = (stored.version, stored.inactive, stored.presets);
        Ok(Self { version, recipes, inactive, sub_recipes, dishes, sides, bases, presets })
    }

    /// The sides that can be offered, as allocation takes them.
    #[must_use]
    pub fn active_sides(&self) -> BTreeMap<ComponentId, Side> {
        self.sides
            .values()
            .filter(|side| side.status == SideStatus::Active)
            .map(|side| (side.side.id, side.side.clone()))
            .collect()
    }

    /// What a batch of these lines weighs cooked; fails where a line has no way to grams.
    pub fn cooked_grams(
        recipes: &RecipeIndex,
        recipe: &SubRecipe,
        yield_percent: i32,
    ) -> Result<Decimal, RecipeError> {
        let mut raw = Decimal::ZERO;
        for line in &recipe.lines {
            let (name, conversions) = match line.part {
                super::recipe::Part::Ingredient(id) => {
                    let facts = recipes.ingredient(id)?;
                    (&facts.name, &facts.conversions)
                }
                super::recipe::Part::Recipe(id) => {
                    let sub = recipes.recipes.get(&id).ok_or(RecipeError::UnknownRecipe(id))?;
                    (&sub.name, &sub.conversions)
                }
            };
            let failed = |source| RecipeError::Unit { name: name.clone(), source };
            let grams = line.quantity.convert(Unit::G, conversions).map_err(failed)?;
            raw = raw
                .checked_add(grams.amount())
                .ok_or(super::unit::UnitError::Overflow)
                .map_err(failed)?;
        }
        let cooked = raw.checked_mul(yield_percent.into()).unwrap_or(Decimal::MAX);
        Ok((cooked / Decimal::ONE_HUNDRED).normalize())
    }
}
