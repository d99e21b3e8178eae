//! What a dish or a side is made of, flattened to its ingredients with their allergens: what the
//! rules of an account are compared with.

use std::collections::BTreeSet;

use bk_kitchen_core::MealSize;

use crate::{
    allergen::{Allergen, AllergenInfo},
    ingredient_key::IngredientKey,
    recipe::{RecipeError, RecipeIndex, ServingRecipe},
};

/// One ingredient of what is evaluated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubjectIngredient {
    /// The key of the subject ingredient.
    pub key: IngredientKey,
    /// Names from the outermost sub-recipe down to it.
    pub path: Vec<String>,
    /// Its allergens; `None` when nobody declared any.
    pub allergens: Option<BTreeSet<Allergen>>,
}

/// A dish or a side, flattened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Every use of an ingredient, sorted, without repeats.
    ingredients: BTreeSet<SubjectIngredient>,
}

impl Subject {
    /// A subject of these ingredients, in any order.
    pub fn new(ingredients: impl IntoIterator<Item = SubjectIngredient>) -> Self {
        Self { ingredients: ingredients.into_iter().collect() }
    }

    /// What a dish or side is made of in one size, or in every size when `size` is `None`.
    pub fn from_recipe(
        snapshot: &RecipeIndex,
        recipe: &ServingRecipe,
        size: Option<MealSize>,
    ) -> Result<Self, RecipeError> {
        let sizes: Vec<MealSize> =
            size.map_or_else(|| recipe.sizes.keys().copied().collect(), |size| vec![size]);
        let mut ingredients = BTreeSet::new();
        for size in sizes {
            for line in snapshot.flatten(recipe, size)? {
                let facts = snapshot.ingredient(line.ingredient_id)?;
                ingredients.insert(SubjectIngredient {
                    key: facts.key.clone(),
                    path: line.path,
                    allergens: match &facts.allergens {
                        AllergenInfo::Declared(allergens) => Some(allergens.clone()),
                        AllergenInfo::Unknown => None,
                    },
                });
            }
        }
        Ok(Self { ingredients })
    }

    /// The ingredients, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &SubjectIngredient> {
        self.ingredients.iter()
    }
}
