//! Wire forms of ingredients.

use std::collections::BTreeSet;

use bk_guard::Problem;
use bk_kernel::{FieldError, IngredientId};
use bk_kitchen_core::text;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{
    decimal::{Amount, Fact},
    keys,
    words::{AllergenStateWord, AllergenWord, UnitWord},
};
use crate::{
    Allergen, Conversion, Nutrition, Quantity,
    create_ingredient::CreateIngredient,
    ingredient::{self as model, IngredientContent, Measures},
    update_ingredient::UpdateIngredient,
};

/// Nutrition facts. Null is unknown, never zero.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NutritionFacts {
    /// In kilojoules.
    #[schema(example = "690")]
    energy_kj: Option<Fact>,
    /// In grams.
    #[schema(example = "20.1")]
    protein_g: Option<Fact>,
    /// In grams.
    #[schema(example = "9.4")]
    fat_g: Option<Fact>,
    /// In grams.
    #[schema(example = "3.8")]
    saturated_fat_g: Option<Fact>,
    /// In grams.
    #[schema(example = "0")]
    carbohydrate_g: Option<Fact>,
    /// In grams.
    #[schema(example = "0")]
    sugars_g: Option<Fact>,
    /// In milligrams.
    #[schema(example = "82")]
    sodium_mg: Option<Fact>,
}

impl From<Nutrition> for NutritionFacts {
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

impl NutritionFacts {
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
pub(crate) struct QuantityBody {
    /// How much.
    amount: Amount,
    /// Of what.
    unit: UnitWord,
}

impl From<Quantity> for QuantityBody {
    fn from(quantity: Quantity) -> Self {
        Self { amount: Amount(quantity.amount()), unit: quantity.unit().into() }
    }
}

/// So much of one unit is so much of another: 1 bunch is 60 g.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Conversion, example = json!({"from": {"amount": "1", "unit": "bunch"}, "to": {"amount": "60", "unit": "g"}}))]
pub(crate) struct ConversionBody {
    /// One side.
    from: QuantityBody,
    /// The other side.
    to: QuantityBody,
}

impl From<Conversion> for ConversionBody {
    fn from(conversion: Conversion) -> Self {
        Self { from: conversion.from().into(), to: conversion.to().into() }
    }
}

/// An ingredient of the tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ingredient {
    /// The id of the ingredient.
    #[schema(example = "019ab0c2-7d1e-7f00-8000-000000000030")]
    id: Uuid,
    /// Its key; preference rules name it.
    #[schema(example = "beef_cheek")]
    key: String,
    /// The name of the ingredient.
    #[schema(example = "Beef cheek")]
    name: String,
    /// A word to group by.
    #[schema(example = "meat")]
    category: String,
    /// What is known of its allergens.
    allergen_state: AllergenStateWord,
    /// What a person confirmed, or null when nothing is confirmed. Empty is "contains none".
    allergens: Option<Vec<AllergenWord>>,
    /// What the table proposes for a person to confirm, or null. A proposal is not knowledge: recipes
    /// treat the ingredient as unknown.
    proposed_allergens: Option<Vec<AllergenWord>>,
    /// Per 100 g as bought.
    nutrition: NutritionFacts,
    /// The unit it is bought in.
    purchase_unit: UnitWord,
    /// How its units convert.
    conversions: Vec<ConversionBody>,
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

impl From<model::Ingredient> for Ingredient {
    fn from(ingredient: model::Ingredient) -> Self {
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

/// An ingredient to create or to change.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IngredientForm {
    /// Its key; the name makes one when it is absent. It never changes: at a change it may only repeat
    /// the present one.
    #[validate(length(max = 50), custom(function = keys::key))]
    #[schema(
        example = "beef_cheek",
        min_length = 1,
        max_length = 50,
        pattern = "^[a-z0-9_-]*[a-z0-9][a-z0-9_-]*$"
    )]
    key: Option<String>,
    /// The name of the ingredient form.
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
    /// What it contains and nothing else, confirmed by the person who sends this; empty is "none of
    /// them". Absent or null at creation: nobody knows. At a change it may only repeat what is
    /// confirmed.
    #[validate(length(max = 24))]
    #[schema(max_items = 24)]
    allergens: Option<Vec<AllergenWord>>,
    /// Per 100 g as bought.
    #[serde(default)]
    nutrition: NutritionFacts,
    /// The unit it is bought in.
    purchase_unit: UnitWord,
    /// How its units convert; each pair of units once.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    conversions: Vec<ConversionBody>,
    /// Grams of one millilitre.
    #[schema(example = "0.92")]
    density_g_per_ml: Option<Amount>,
    /// Whether new recipes may use it; absent keeps it, and a new ingredient may be used.
    #[schema(example = true)]
    active: Option<bool>,
}

/// What a person confirms of the allergens of an ingredient.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllergenConfirmation {
    /// What it contains, and nothing else; empty is "none of them".
    #[validate(length(max = 24))]
    #[schema(max_items = 24)]
    allergens: Vec<AllergenWord>,
}

impl AllergenConfirmation {
    pub(super) fn into_set(self) -> BTreeSet<Allergen> {
        self.allergens.into_iter().map(|word| word.0).collect()
    }
}

impl IngredientForm {
    pub(super) fn into_create(self) -> Result<CreateIngredient, Problem> {
        let key = keys::key_of(self.key.clone(), &self.name)?;
        let allergens = self.allergens();
        Ok(CreateIngredient { key, content: self.into_content()?, allergens })
    }

    pub(super) fn into_update(
        self,
        id: IngredientId,
        version: i64,
    ) -> Result<UpdateIngredient, Problem> {
        let (key, active) = (keys::repeated(self.key.as_deref())?, self.active);
        let allergens = self.allergens();
        let content = self.into_content()?;
        Ok(UpdateIngredient { id, version, key, allergens, content, active })
    }

    fn allergens(&self) -> Option<BTreeSet<Allergen>> {
        self.allergens.as_ref().map(|list| list.iter().map(|word| word.0).collect())
    }

    fn into_content(self) -> Result<IngredientContent, Problem> {
        Ok(IngredientContent {
            name: self.name.trim().to_owned(),
            category: self.category.trim().to_owned(),
            nutrition: self.nutrition.per_100_g()?,
            purchase_unit: self.purchase_unit.0,
            measures: measures(&self.conversions, self.density_g_per_ml)?,
        })
    }
}

fn measures(list: &[ConversionBody], density: Option<Amount>) -> Result<Measures, Problem> {
    let mut conversions = Vec::with_capacity(list.len());
    for (index, form) in list.iter().enumerate() {
        let wrong = |error: crate::UnitError| {
            Problem::field(format!("/conversions/{index}"), "reference", error.to_string())
        };
        let quantity = |q: QuantityBody| Quantity::positive(q.amount.0, q.unit.0);
        let (from, to) = (quantity(form.from).map_err(wrong)?, quantity(form.to).map_err(wrong)?);
        conversions.push(Conversion::new(from, to).map_err(wrong)?);
    }
    Ok(Measures::new(conversions, density.map(|amount| amount.0))?)
}
