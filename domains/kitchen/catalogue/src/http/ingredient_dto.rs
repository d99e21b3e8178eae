//! Wire forms of ingredients.

use std::collections::BTreeSet;

use bk_guard::Problem;
use bk_kernel::FieldError;
use bk_kitchen_core::text;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    choice::{AllergenChoice, AllergenStateChoice, UnitChoice},
    decimal::{Amount, Fact},
};
use crate::{
    Allergen, Conversion, Nutrition, Quantity,
    ingredient::{Ingredient, IngredientContent, Measures},
    key_form,
};

/// Nutrition facts. Null is unknown, never zero.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NutritionFacts)]
pub(crate) struct NutritionDto {
    /// Kilojoules.
    #[schema(example = "690")]
    energy_kj: Option<Fact>,
    /// Grams.
    #[schema(example = "20.1")]
    protein_g: Option<Fact>,
    /// Grams.
    #[schema(example = "9.4")]
    fat_g: Option<Fact>,
    /// Grams.
    #[schema(example = "3.8")]
    saturated_fat_g: Option<Fact>,
    /// Grams.
    #[schema(example = "0")]
    carbohydrate_g: Option<Fact>,
    /// Grams.
    #[schema(example = "0")]
    sugars_g: Option<Fact>,
    /// Milligrams.
    #[schema(example = "82")]
    sodium_mg: Option<Fact>,
}

impl From<Nutrition> for NutritionDto {
    fn from(facts: Nutrition) -> Self {
        Self {
            energy_kj: facts.energy_kj.map(Fact),
            protein_g: facts.protein_g.map(Fact),
            fat_g: facts.fat_g.map(Fact),
            saturated_fat_g: facts.saturated_fat_g.map(Fact),
            carbohydrate_g: facts.carbohydrate_g.map(Fact),
            sugars_g: facts.sugars_g.map(Fact),
            sodium_mg: facts.sodium_mg.map(Fact),
        }
    }
}

impl NutritionDto {
    /// Facts per 100 g; refuses what cannot be true of food.
    fn per_100_g(self) -> Result<Nutrition, Problem> {
        let facts = Nutrition {
            energy_kj: self.energy_kj.map(|fact| fact.0),
            protein_g: self.protein_g.map(|fact| fact.0),
            fat_g: self.fat_g.map(|fact| fact.0),
            saturated_fat_g: self.saturated_fat_g.map(|fact| fact.0),
            carbohydrate_g: self.carbohydrate_g.map(|fact| fact.0),
            sugars_g: self.sugars_g.map(|fact| fact.0),
            sodium_mg: self.sodium_mg.map(|fact| fact.0),
        };
        let wrong = facts.implausible_per_100_g();
        if wrong.is_empty() {
            return Ok(facts);
        }
        let errors = wrong.into_iter().map(|fact| {
            FieldError::new(format!("/nutrition/{}", fact.fact), "range", fact.to_string())
        });
        Err(Problem::invalid(errors.collect()))
    }
}

/// An amount with its unit.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Quantity)]
pub(crate) struct QuantityDto {
    /// How much.
    amount: Amount,
    /// Of what.
    unit: UnitChoice,
}

impl From<Quantity> for QuantityDto {
    fn from(quantity: Quantity) -> Self {
        Self { amount: Amount(quantity.amount()), unit: quantity.unit().into() }
    }
}

/// So much of one unit is so much of another: 1 bunch is 60 g.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Conversion, example = json!({"from": {"amount": "1", "unit": "bunch"}, "to": {"amount": "60", "unit": "g"}}))]
pub(crate) struct ConversionDto {
    /// One side.
    from: QuantityDto,
    /// The other side.
    to: QuantityDto,
}

impl From<Conversion> for ConversionDto {
    fn from(conversion: Conversion) -> Self {
        Self { from: conversion.from().into(), to: conversion.to().into() }
    }
}

/// An ingredient.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ingredient)]
pub(crate) struct IngredientDto {
    /// Its id.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    id: Uuid,
    /// Its key; preference rules name it.
    #[schema(example = "beef_cheek")]
    key: String,
    /// Its name.
    #[schema(example = "Beef cheek")]
    name: String,
    /// A word to group by.
    #[schema(example = "meat")]
    category: String,
    /// What is known of its allergens.
    allergen_state: AllergenStateChoice,
    /// What a person confirmed, or null while nobody has. Empty is "contains none".
    allergens: Option<Vec<AllergenChoice>>,
    /// What the table proposes for a person to confirm, or null. A proposal is not knowledge: recipes
    /// treat the ingredient as unknown.
    proposed_allergens: Option<Vec<AllergenChoice>>,
    /// Per 100 g as bought.
    nutrition: NutritionDto,
    /// The unit it is bought in.
    purchase_unit: UnitChoice,
    /// How its units convert.
    conversions: Vec<ConversionDto>,
    /// Grams of one millilitre, or null.
    #[schema(example = "0.92")]
    density_g_per_ml: Option<Amount>,
    /// Whether new recipes may use it.
    #[schema(example = true)]
    active: bool,
    /// When it was created.
    #[schema(example = "2026-11-20T04:00:00Z")]
    created_at: DateTime<Utc>,
}

impl From<Ingredient> for IngredientDto {
    fn from(ingredient: Ingredient) -> Self {
        let names = |set: &BTreeSet<Allergen>| set.iter().copied().map(Into::into).collect();
        let measures = &ingredient.content.measures;
        Self {
            id: ingredient.id.uuid(),
            key: ingredient.key.as_str().to_owned(),
            allergen_state: ingredient.allergens.name().into(),
            allergens: ingredient.allergens.confirmed().map(names),
            proposed_allergens: ingredient.allergens.proposed().map(names),
            nutrition: ingredient.content.nutrition.into(),
            purchase_unit: ingredient.content.purchase_unit.into(),
            conversions: measures.conversions().iter().copied().map(Into::into).collect(),
            density_g_per_ml: measures.density_g_per_ml().map(Amount),
            active: ingredient.active,
            created_at: ingredient.created_at,
            name: ingredient.content.name,
            category: ingredient.content.category,
        }
    }
}

/// A page of ingredients.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IngredientList)]
pub(crate) struct IngredientsDto {
    /// The ingredients, oldest first.
    pub(super) items: Vec<IngredientDto>,
    /// Where the next page starts, or null.
    #[schema(example = "019ab0c27d1e7f008000000000000030")]
    pub(super) next_cursor: Option<String>,
}

/// An ingredient to create.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewIngredient)]
pub(crate) struct NewIngredientDto {
    /// Its key; the name makes one when it is absent. It never changes.
    #[validate(length(max = 50), custom(function = key_form::key))]
    #[schema(
        example = "beef_cheek",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Beef cheek",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// A word to group by.
    #[serde(default)]
    #[validate(length(max = 80), custom(function = text::line))]
    #[schema(example = "meat", max_length = 80, pattern = "^[^\\x00-\\x1f\\x7f]*$")]
    category: String,
    /// What it contains, on the word of whoever sends this; empty is "none of them". Absent or null:
    /// nobody knows.
    #[validate(length(max = 24))]
    #[schema(max_items = 24)]
    allergens: Option<Vec<AllergenChoice>>,
    /// Per 100 g as bought.
    #[serde(default)]
    nutrition: NutritionDto,
    /// The unit it is bought in.
    purchase_unit: UnitChoice,
    /// How its units convert; each pair of units once.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    conversions: Vec<ConversionDto>,
    /// Grams of one millilitre.
    #[schema(example = "0.92")]
    density_g_per_ml: Option<Amount>,
}

/// What an ingredient is to be. Its key and its allergens stay.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IngredientChange)]
pub(crate) struct IngredientChangeDto {
    /// Its name.
    #[validate(length(min = 1, max = 120), custom(function = text::name))]
    #[schema(
        example = "Beef cheek",
        min_length = 1,
        max_length = 120,
        pattern = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
    )]
    name: String,
    /// A word to group by.
    #[serde(default)]
    #[validate(length(max = 80), custom(function = text::line))]
    #[schema(example = "meat", max_length = 80, pattern = "^[^\\x00-\\x1f\\x7f]*$")]
    category: String,
    /// Per 100 g as bought.
    #[serde(default)]
    nutrition: NutritionDto,
    /// The unit it is bought in.
    purchase_unit: UnitChoice,
    /// How its units convert; each pair of units once.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    conversions: Vec<ConversionDto>,
    /// Grams of one millilitre.
    #[schema(example = "0.92")]
    density_g_per_ml: Option<Amount>,
    /// Whether new recipes may use it.
    #[schema(example = true)]
    active: bool,
}

/// A person's word on the allergens of an ingredient.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmAllergens)]
pub(crate) struct ConfirmAllergensDto {
    /// What it contains, and nothing else; empty is "none of them".
    #[validate(length(max = 24))]
    #[schema(max_items = 24)]
    allergens: Vec<AllergenChoice>,
}

impl ConfirmAllergensDto {
    pub(super) fn read(self) -> BTreeSet<Allergen> {
        self.allergens.into_iter().map(Into::into).collect()
    }
}

type New = (crate::IngredientKey, IngredientContent, Option<BTreeSet<Allergen>>);

impl NewIngredientDto {
    pub(super) fn read(self) -> Result<New, Problem> {
        let key = key_form::key_of(self.key, &self.name)?;
        let content = IngredientContent {
            name: self.name.trim().to_owned(),
            category: self.category.trim().to_owned(),
            nutrition: self.nutrition.per_100_g()?,
            purchase_unit: self.purchase_unit.into(),
            measures: measures(&self.conversions, self.density_g_per_ml)?,
        };
        let allergens = self.allergens.map(|list| list.into_iter().map(Into::into).collect());
        Ok((key, content, allergens))
    }
}

impl IngredientChangeDto {
    pub(super) fn read(self) -> Result<(IngredientContent, bool), Problem> {
        let content = IngredientContent {
            name: self.name.trim().to_owned(),
            category: self.category.trim().to_owned(),
            nutrition: self.nutrition.per_100_g()?,
            purchase_unit: self.purchase_unit.into(),
            measures: measures(&self.conversions, self.density_g_per_ml)?,
        };
        Ok((content, self.active))
    }
}

fn measures(list: &[ConversionDto], density: Option<Amount>) -> Result<Measures, Problem> {
    let mut conversions = Vec::with_capacity(list.len());
    for (index, dto) in list.iter().enumerate() {
        let wrong = |error: crate::UnitError| {
            Problem::field(format!("/conversions/{index}"), "reference", error.to_string())
        };
        let quantity = |q: QuantityDto| Quantity::positive(q.amount.0, q.unit.into());
        let (from, to) = (quantity(dto.from).map_err(wrong)?, quantity(dto.to).map_err(wrong)?);
        conversions.push(Conversion::new(from, to).map_err(wrong)?);
    }
    Ok(Measures::new(conversions, density.map(|amount| amount.0))?)
}
