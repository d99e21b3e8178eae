//! Wire forms of recipe lines and of what recipes come to.

use std::collections::BTreeMap;

use bk_guard::Problem;
use bk_kernel::FieldError;
use bk_kitchen_core::MealSize;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    decimal::Amount,
    ingredient_forms::NutritionFacts,
    words::{AllergenWord, UnitWord},
};
use crate::{
    lines::DraftLine,
    recipe::{Composition, Part, RecipeIndex, RecipeLine, ServingRecipe},
    snapshot::Computed,
};

/// A line of a dish or a side: per serving of a size.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"meal_size_g": 300, "ingredient_id": "019ab0c2-7d1e-7f00-8000-000000000030", "quantity": "180", "unit": "g"}))]
pub(crate) struct ServingLine {
    /// The size it is for: 300 or 400.
    meal_size_g: u16,
    /// The ingredient; either this or a sub-recipe.
    ingredient_id: Option<Uuid>,
    /// The sub-recipe of the serving line.
    sub_recipe_id: Option<Uuid>,
    /// How much.
    quantity: Amount,
    /// Of what.
    unit: UnitWord,
}

/// A line of a sub-recipe: per batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ingredient_id": "019ab0c2-7d1e-7f00-8000-000000000030", "quantity": "1000", "unit": "g"}))]
pub(crate) struct BatchLine {
    /// The ingredient; either this or a sub-recipe.
    ingredient_id: Option<Uuid>,
    /// The sub-recipe of the batch line.
    sub_recipe_id: Option<Uuid>,
    /// How much.
    quantity: Amount,
    /// Of what.
    unit: UnitWord,
}

/// The part a line names: exactly one of the two.
fn part(ingredient: Option<Uuid>, sub_recipe: Option<Uuid>) -> Result<Part, &'static str> {
    match (ingredient, sub_recipe) {
        (Some(id), None) => Ok(Part::Ingredient(id.into())),
        (None, Some(id)) => Ok(Part::Recipe(id.into())),
        (None, None) => Err("an ingredient or a sub-recipe"),
        (Some(_), Some(_)) => Err("an ingredient or a sub-recipe, not both"),
    }
}

fn collect(
    lines: impl Iterator<Item = Result<DraftLine, Vec<(&'static str, &'static str, &'static str)>>>,
) -> Result<Vec<DraftLine>, Problem> {
    let (mut drafts, mut errors) = (Vec::new(), Vec::new());
    for (index, line) in lines.enumerate() {
        match line {
            Ok(draft) => drafts.push(draft),
            Err(faults) => errors.extend(faults.into_iter().map(|(field, code, message)| {
                FieldError::new(format!("/lines/{index}/{field}"), code, message)
            })),
        }
    }
    if errors.is_empty() { Ok(drafts) } else { Err(Problem::invalid(errors)) }
}

/// Reads the lines of a dish or a side.
pub(super) fn serving_lines(lines: Vec<ServingLine>) -> Result<Vec<DraftLine>, Problem> {
    collect(lines.into_iter().map(|line| {
        let part = part(line.ingredient_id, line.sub_recipe_id);
        let size = MealSize::try_from(i32::from(line.meal_size_g));
        match (part, size) {
            (Ok(part), Ok(size)) => {
                let (quantity, unit) = (line.quantity.0, line.unit.0);
                Ok(DraftLine { size: Some(size), part, quantity, unit })
            }
            (part, size) => {
                let part = part.err().map(|message| ("ingredient_id", "required", message));
                let size = size.err().map(|_| ("meal_size_g", "choice", "300 or 400"));
                Err(part.into_iter().chain(size).collect())
            }
        }
    }))
}

/// Reads the lines of a sub-recipe.
pub(super) fn batch_lines(lines: Vec<BatchLine>) -> Result<Vec<DraftLine>, Problem> {
    collect(lines.into_iter().map(|line| {
        let part = part(line.ingredient_id, line.sub_recipe_id)
            .map_err(|message| vec![("ingredient_id", "required", message)])?;
        Ok(DraftLine { size: None, part, quantity: line.quantity.0, unit: line.unit.0 })
    }))
}

/// A line with the name of what it uses.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecipeLine)]
pub(crate) struct NamedRecipeLine {
    /// The size it is for; null in a sub-recipe.
    #[schema(example = 300)]
    meal_size_g: Option<i32>,
    /// The ingredient, or null.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    ingredient_id: Option<Uuid>,
    /// The sub-recipe, or null.
    sub_recipe_id: Option<Uuid>,
    /// The name of the named recipe line.
    #[schema(example = "Beef cheek")]
    name: String,
    /// How much.
    quantity: Amount,
    /// Of what.
    unit: UnitWord,
}

impl NamedRecipeLine {
    pub(super) fn new(snapshot: &RecipeIndex, size: Option<MealSize>, line: &RecipeLine) -> Self {
        let (ingredient_id, sub_recipe_id, name) = match line.part {
            Part::Ingredient(id) => {
                (Some(id.uuid()), None, snapshot.ingredients.get(&id).map(|facts| &facts.name))
            }
            Part::Recipe(id) => {
                (None, Some(id.uuid()), snapshot.recipes.get(&id).map(|recipe| &recipe.name))
            }
        };
        Self {
            meal_size_g: size.map(MealSize::grams),
            ingredient_id,
            sub_recipe_id,
            name: name.cloned().unwrap_or_default(),
            quantity: Amount(line.quantity.amount()),
            unit: line.quantity.unit().into(),
        }
    }

    /// The lines of every size, smaller size first.
    pub(super) fn of_servings(snapshot: &RecipeIndex, recipe: &ServingRecipe) -> Vec<Self> {
        let sizes = recipe.sizes.iter();
        sizes
            .flat_map(|(size, lines)| {
                lines.iter().map(|line| Self::new(snapshot, Some(*size), line))
            })
            .collect()
    }
}

/// An allergen with what brings it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllergenSource {
    /// The allergen of the allergen source.
    allergen: AllergenWord,
    /// Its name for people.
    #[schema(example = "Milk")]
    label: &'static str,
    /// Names from the outermost sub-recipe down to the ingredient.
    #[schema(example = json!([["Napoli sauce", "Cultured butter"]]))]
    paths: Vec<Vec<String>>,
}

/// One serving of a size.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Serving)]
pub(crate) struct ServingFacts {
    /// The size of the serving facts.
    #[schema(example = 300)]
    meal_size_g: i32,
    /// Facts of the serving, rounded as on a label.
    nutrition: NutritionFacts,
}

/// What a recipe comes to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComputedRecipe {
    /// What it contains, in any size, and why.
    allergens: Vec<AllergenSource>,
    /// Whether the allergens of every ingredient are confirmed. If not, it is not known to be free of
    /// anything.
    #[schema(example = true)]
    allergens_known: bool,
    /// Paths to the ingredients nobody has confirmed.
    #[schema(example = json!([["House curry powder"]]))]
    unknown: Vec<Vec<String>>,
    /// Each size that is cooked.
    servings: Vec<ServingFacts>,
}

impl From<&Computed> for ComputedRecipe {
    fn from(computed: &Computed) -> Self {
        let composition = &computed.composition;
        let servings = computed.servings.iter().map(|(size, serving)| ServingFacts {
            meal_size_g: size.grams(),
            nutrition: serving.nutrition.rounded().into(),
        });
        Self {
            allergens: sources(composition),
            allergens_known: composition.unknown.is_empty(),
            unknown: composition.unknown.iter().cloned().collect(),
            servings: servings.collect(),
        }
    }
}

fn sources(composition: &Composition) -> Vec<AllergenSource> {
    let all: BTreeMap<_, _> = composition.allergens.iter().collect();
    all.into_iter()
        .map(|(allergen, paths)| AllergenSource {
            allergen: (*allergen).into(),
            label: allergen.label(),
            paths: paths.iter().cloned().collect(),
        })
        .collect()
}
