//! Why the catalogue refuses, as problems.

use bk_guard::Problem;
use bk_kernel::{Code, FieldError};

use crate::{
    ingredient::MeasuresError,
    lines::{LineFault, RecipeFault},
    save_ingredient::SaveIngredientError,
    save_recipe::SaveRecipeError,
};

impl From<SaveIngredientError> for Problem {
    fn from(error: SaveIngredientError) -> Self {
        match error {
            SaveIngredientError::NotFound => Self::new(Code::NotFound),
            SaveIngredientError::Stale => Self::new(Code::PreconditionFailed),
            SaveIngredientError::KeyTaken => Self::new(Code::Conflict)
                .detail("There is an ingredient with this key; change that one instead."),
            SaveIngredientError::KeyFixed => key_fixed(),
            SaveIngredientError::AllergensFixed => Self::field(
                "/allergens",
                "immutable",
                "confirm allergens in an operation of their own; leave them out here",
            ),
            SaveIngredientError::InUse { names } => Self::new(Code::Conflict).detail(format!(
                "Recipes use this ingredient: {}. Change them first.",
                names.join(", "),
            )),
            SaveIngredientError::UnitInUse { name, from, to } => Self::field(
                "/conversions",
                "reference",
                format!("{name} uses {from}, which must convert to {to}"),
            ),
            SaveIngredientError::Db(error) => error.into(),
        }
    }
}

impl From<MeasuresError> for Problem {
    fn from(error: MeasuresError) -> Self {
        match error {
            MeasuresError::Repeated { index } => Self::field(
                format!("/conversions/{index}"),
                "duplicate",
                "another conversion, or the density, compares the same units",
            ),
            MeasuresError::Density => Self::field("/density_g_per_ml", "range", "more than zero"),
        }
    }
}

impl From<SaveRecipeError> for Problem {
    fn from(error: SaveRecipeError) -> Self {
        match error {
            SaveRecipeError::NotFound => Self::new(Code::NotFound),
            SaveRecipeError::Stale => Self::new(Code::PreconditionFailed),
            SaveRecipeError::KeyTaken => Self::new(Code::Conflict)
                .detail("There is one with this key; choose another key or change that one."),
            SaveRecipeError::KeyFixed => key_fixed(),
            SaveRecipeError::Recipe(fault) => fault.into(),
            SaveRecipeError::Status(status) => Self::state(status),
            SaveRecipeError::OnMenu { week } => Self::new(Code::Conflict).detail(format!(
                "The published menu of {week} offers this dish; it must stay cookable until that \
                 week is locked.",
            )),
            SaveRecipeError::BaseTier => Self::field(
                "/slot_base",
                "reference",
                "the side that stands in for others is active and of tier BASE",
            ),
            SaveRecipeError::BaseTaken => Self::field(
                "/slot_base",
                "duplicate",
                "another side stands in for others of this kind; change that one first",
            ),
            SaveRecipeError::InPreset { names } => Self::new(Code::Conflict).detail(format!(
                "Presets name this side: {}. Change them first.",
                names.join(", "),
            )),
            SaveRecipeError::Db(error) => error.into(),
        }
    }
}

impl From<RecipeFault> for Problem {
    fn from(fault: RecipeFault) -> Self {
        match fault {
            RecipeFault::Lines(faults) => {
                Self::invalid(faults.into_iter().map(|(index, fault)| line(index, fault)).collect())
            }
            RecipeFault::Cycle(path) => Self::field(
                "/lines",
                "reference",
                format!("the recipe would contain itself: {}", path.join(" > ")),
            ),
            RecipeFault::TooLarge => Self::field(
                "/lines",
                "length",
                "with its sub-recipes the recipe is too large or too heavy",
            ),
        }
    }
}

fn line(index: usize, fault: LineFault) -> FieldError {
    let (field, code) = match fault {
        LineFault::Quantity => ("quantity", "range"),
        LineFault::UnknownIngredient | LineFault::InactiveIngredient => {
            ("ingredient_id", "reference")
        }
        LineFault::UnknownSubRecipe => ("sub_recipe_id", "reference"),
        LineFault::NoConversion { .. } => ("unit", "reference"),
    };
    FieldError::new(format!("/lines/{index}/{field}"), code, fault.to_string())
}

fn key_fixed() -> Problem {
    Problem::field(
        "/key",
        "immutable",
        "the key never changes; leave it out or send the present one",
    )
}
