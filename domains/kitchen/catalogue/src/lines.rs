//! Checking recipe lines against the catalogue before they are stored.

use std::collections::BTreeMap;

use bk_kernel::{IngredientId, RecipeId};
use bk_kitchen_core::MealSize;
use rust_decimal::Decimal;
use thiserror::Error;

use super::{
    recipe::{Part, RecipeError, RecipeLine, ServingRecipe, YieldPercent},
    snapshot::CatalogueSnapshot,
    unit::{Quantity, Unit},
};

/// Most lines of one recipe, all sizes together.
pub const MAX_LINES: usize = 200;

/// A line as somebody wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftLine {
    /// The size it is for; none in a sub-recipe.
    pub size: Option<MealSize>,
    /// What goes into the line.
    pub part: Part,
    /// How much.
    pub quantity: Decimal,
    /// Of what.
    pub unit: Unit,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LineFault {
    /// The quantity is not more than zero.
    #[error("more than zero")]
    Quantity,
    /// There is no such ingredient.
    #[error("an ingredient of this kitchen")]
    UnknownIngredient,
    /// The ingredient is no longer in use.
    #[error("this ingredient is no longer in use")]
    InactiveIngredient,
    /// There is no such sub-recipe.
    #[error("a sub-recipe of this kitchen")]
    UnknownSubRecipe,
    /// Nothing says how this unit becomes the other.
    #[error("there is no conversion from {from} to {to}; add one to the ingredient")]
    NoConversion {
        /// The unit of the line.
        from: Unit,
        /// The unit that purchasing or weighing needs.
        to: Unit,
    },
}

/// Why a recipe was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecipeFault {
    /// Lines are wrong: their places, from 0, and why.
    #[error("some lines are wrong")]
    Lines(Vec<(usize, LineFault)>),
    /// It would contain itself: the names down to itself.
    #[error("the recipe contains itself: {}", .0.join(" > "))]
    Cycle(Vec<String>),
    /// With its sub-recipes it is too large.
    #[error("the recipe is too large")]
    TooLarge,
}

impl RecipeFault {
    /// What a computation of checked lines can still find.
    pub(super) fn from_error(error: RecipeError) -> Self {
        match error {
            RecipeError::Cycle { path } => Self::Cycle(path),
            // The lines were checked one by one; what is left is only size.
            _ => Self::TooLarge,
        }
    }
}

/// Checks every line. Lines of a sub-recipe must weigh something, because its batch is weighed.
pub(super) fn check_lines(
    snapshot: &CatalogueSnapshot,
    drafts: &[DraftLine],
    weighed: bool,
) -> Result<Vec<RecipeLine>, RecipeFault> {
    let mut lines = Vec::with_capacity(drafts.len());
    let mut faults = Vec::new();
    for (index, draft) in drafts.iter().enumerate() {
        match check_line(snapshot, draft, weighed) {
            Ok(line) => lines.push(line),
            Err(fault) => faults.push((index, fault)),
        }
    }
    if faults.is_empty() { Ok(lines) } else { Err(RecipeFault::Lines(faults)) }
}

fn check_line(
    snapshot: &CatalogueSnapshot,
    draft: &DraftLine,
    weighed: bool,
) -> Result<RecipeLine, LineFault> {
    let quantity =
        Quantity::positive(draft.quantity, draft.unit).map_err(|_| LineFault::Quantity)?;
    let (conversions, bought_in) = match draft.part {
        Part::Ingredient(id) => {
            let facts =
                snapshot.recipes.ingredients.get(&id).ok_or(LineFault::UnknownIngredient)?;
            if snapshot.inactive.contains(&id) {
                return Err(LineFault::InactiveIngredient);
            }
            (&facts.conversions, Some(facts.purchase_unit))
        }
        Part::Recipe(id) => {
            let sub = snapshot.recipes.recipes.get(&id).ok_or(LineFault::UnknownSubRecipe)?;
            (&sub.conversions, Some(sub.makes.unit()))
        }
    };
    for to in bought_in.into_iter().chain(weighed.then_some(Unit::G)) {
        let converted = quantity.convert(to, conversions);
        converted.map_err(|_| LineFault::NoConversion { from: draft.unit, to })?;
    }
    Ok(RecipeLine { part: draft.part, quantity, yield_percent: YieldPercent::FULL })
}

/// Sorts checked lines into sizes, keeping their order.
pub(super) fn by_size(drafts: &[DraftLine], lines: Vec<RecipeLine>) -> ServingRecipe {
    let mut sizes: BTreeMap<MealSize, Vec<RecipeLine>> = BTreeMap::new();
    for (draft, line) in drafts.iter().zip(lines) {
        if let Some(size) = draft.size {
            sizes.entry(size).or_default().push(line);
        }
    }
    ServingRecipe { sizes }
}

/// A place where an ingredient is used.
pub(super) struct Use<'a> {
    /// The dish, side or sub-recipe.
    pub(super) name: &'a str,
    /// Whether that is a sub-recipe, whose batch is weighed.
    pub(super) weighed: bool,
    /// Whether it is still cooked.
    pub(super) live: bool,
    /// The quantity that is used.
    pub(super) quantity: Quantity,
}

/// Every line of the catalogue that names the ingredient itself.
pub(super) fn uses_of(snapshot: &CatalogueSnapshot, id: IngredientId) -> Vec<Use<'_>> {
    use super::{dish::DishStatus, snapshot::SideStatus};
    let mine = move |line: &&RecipeLine| line.part == Part::Ingredient(id);
    let mut uses = Vec::new();
    for dish in snapshot.dishes.values() {
        let live = dish.dish.status != DishStatus::Retired;
        for line in dish.recipe.sizes.values().flatten().filter(mine) {
            let name = &dish.dish.name;
            uses.push(Use { name, weighed: false, live, quantity: line.quantity });
        }
    }
    for side in snapshot.sides.values() {
        let live = side.status != SideStatus::Retired;
        for line in side.recipe.sizes.values().flatten().filter(mine) {
            let name = &side.side.name;
            uses.push(Use { name, weighed: false, live, quantity: line.quantity });
        }
    }
    for sub in snapshot.recipes.recipes.values() {
        for line in sub.lines.iter().filter(mine) {
            let quantity = line.quantity;
            uses.push(Use { name: &sub.name, weighed: true, live: true, quantity });
        }
    }
    uses
}

/// The sub-recipes whose own lines name the ingredient.
pub(super) fn sub_recipes_with(snapshot: &CatalogueSnapshot, id: IngredientId) -> Vec<RecipeId> {
    let uses = |lines: &[RecipeLine]| lines.iter().any(|l| l.part == Part::Ingredient(id));
    snapshot.recipes.recipes.iter().filter(|(_, sub)| uses(&sub.lines)).map(|(id, _)| *id).collect()
}
