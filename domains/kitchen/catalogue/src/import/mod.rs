//! Reading lists of ingredients: our own CSV ([`csv`]) and the Open Tandoor Data JSON ([`open_food`]).
//!
//! Both give an [`ImportPlan`] and change nothing. Invariants: rows keep the number they had in the
//! file; a row with an error is not among the rows; an empty field is unknown, never zero and never
//! "free"; allergens proposed from a name are proposals, not declarations. The caller decides whether
//! a plan with errors is applied at all.

pub mod csv;
pub mod open_food;

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use super::{
    allergen::AllergenInfo,
    allergen_table::{Proposal, propose},
    ingredient_key::{IngredientKey, KeyError},
    nutrition::Nutrition,
    unit::{Conversions, Unit},
};

/// Most rows of one import.
pub const MAX_ROWS: usize = 5_000;
/// Most bytes of one import.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Most characters of a name or category.
pub const MAX_TEXT_CHARS: usize = 120;

/// An ingredient as a file describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedIngredient {
    /// Its key: the ingredient it creates or replaces.
    pub key: IngredientKey,
    /// Its display name.
    pub name: String,
    /// Its category, if the file says.
    pub category: Option<String>,
    /// What the file declares; unknown when it declares nothing.
    pub allergens: AllergenInfo,
    /// Facts per 100 g.
    pub nutrition: Nutrition,
    /// The unit it is usually measured in, if the file says.
    pub default_unit: Option<Unit>,
    /// Its own conversions.
    pub conversions: Conversions,
}

/// A row that can be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Its number in the file: the line of a CSV (the header is 1), the place in a JSON from 1.
    pub row: u32,
    /// What it says.
    pub ingredient: ImportedIngredient,
    /// When the file declares no allergens: what the table proposes, for a person to confirm.
    pub allergen_proposal: Option<Proposal>,
}

/// Something about a row that a person should see or correct.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// The row, numbered as in [`ImportRow::row`]; 0 for the file as a whole.
    pub row: u32,
    /// The column or property.
    pub field: Cow<'static, str>,
    /// `required`, `format`, `choice`, `range`, `length`, `duplicate`, `reference`, `unknown`.
    pub code: &'static str,
    /// What to change.
    pub message: String,
}

/// What an import would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportPlan {
    /// Rows without an error, in file order.
    pub rows: Vec<ImportRow>,
    /// What was refused, in file order.
    pub errors: Vec<RowError>,
    /// What was read but is doubtful, in file order.
    pub warnings: Vec<RowError>,
}

impl ImportPlan {
    /// Whether every row can be imported.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    fn refused(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        let error = RowError { row: 0, field: field.into(), code, message: message.into() };
        Self { errors: vec![error], ..Self::default() }
    }
}

/// Collects rows and what is wrong with them.
#[derive(Default)]
struct Collector {
    plan: ImportPlan,
    first_row_of: BTreeMap<IngredientKey, u32>,
}

impl Collector {
    fn error(
        &mut self,
        row: u32,
        field: impl Into<Cow<'static, str>>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        let error = RowError { row, field: field.into(), code, message: message.into() };
        self.plan.errors.push(error);
    }

    fn warn(
        &mut self,
        row: u32,
        field: impl Into<Cow<'static, str>>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        let warning = RowError { row, field: field.into(), code, message: message.into() };
        self.plan.warnings.push(warning);
    }

    /// Reads a name and its key; the first row with a key keeps it, later ones are duplicates.
    /// `key` is the file's own, for names that would make another one; empty when it has none.
    fn name(&mut self, row: u32, text: &str, key: &str) -> Option<(String, IngredientKey)> {
        let name = text.trim();
        if name.is_empty() {
            self.error(row, "name", "required", "a name is needed");
            return None;
        }
        if name.chars().count() > MAX_TEXT_CHARS || name.chars().any(char::is_control) {
            let message = format!("a name is one line of at most {MAX_TEXT_CHARS} characters");
            self.error(row, "name", "length", message);
            return None;
        }
        let (field, made) = match key {
            "" => ("name", IngredientKey::normalise(name)),
            key => ("key", key.parse()),
        };
        let key = match made {
            Ok(key) => key,
            Err(problem) => {
                let code = if problem == KeyError::TooLong { "length" } else { "format" };
                self.error(row, field, code, problem.to_string());
                return None;
            }
        };
        if let Some(first) = self.first_row_of.get(&key) {
            let message = format!("row {first} is the same ingredient ({key})");
            self.error(row, "name", "duplicate", message);
            return None;
        }
        self.first_row_of.insert(key.clone(), row);
        Some((name.to_owned(), key))
    }

    /// Drops facts that cannot be true, with a warning each or, when `strict`, an error each.
    fn plausible(&mut self, row: u32, mut nutrition: Nutrition, strict: bool) -> Nutrition {
        for problem in nutrition.implausible_per_100_g() {
            if strict {
                self.error(row, problem.fact, "range", problem.to_string());
            } else {
                let message = format!("{problem}; it is left unknown");
                self.warn(row, problem.fact, "range", message);
            }
            let fact = match problem.fact {
                "energy_kj" => &mut nutrition.energy_kj,
                "protein_g" => &mut nutrition.protein_g,
                "fat_g" => &mut nutrition.fat_g,
                "saturated_fat_g" => &mut nutrition.saturated_fat_g,
                "carbohydrate_g" => &mut nutrition.carbohydrate_g,
                "sugars_g" => &mut nutrition.sugars_g,
                _ => &mut nutrition.sodium_mg,
            };
            *fact = None;
        }
        nutrition
    }

    /// Keeps the row unless something of it was refused.
    fn keep(&mut self, row: u32, ingredient: ImportedIngredient) {
        if self.plan.errors.iter().any(|error| error.row == row) {
            return;
        }
        let allergen_proposal =
            ingredient.allergens.is_unknown().then(|| propose(&ingredient.name)).flatten();
        self.plan.rows.push(ImportRow { row, ingredient, allergen_proposal });
    }
}
