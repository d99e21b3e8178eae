//! An ingredient as the kitchen keeps it: what it is called, what people said of its allergens, what
//! a table proposes, its facts and how its units convert.
//!
//! Only a person's word counts: a proposal is shown to staff and is unknown to recipes.

use std::collections::BTreeSet;

use bk_kernel::IngredientId;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use thiserror::Error;

use super::{
    allergen::{Allergen, AllergenInfo},
    ingredient_key::IngredientKey,
    nutrition::Nutrition,
    recipe::IngredientFacts,
    unit::{Conversion, Conversions, Dimension, Quantity, Unit, UnitError},
};

/// What is known of an ingredient's allergens, and from whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AllergenKnowledge {
    /// Nobody has said anything.
    #[default]
    Unknown,
    /// A table suggests these; nobody has confirmed it.
    Proposed(BTreeSet<Allergen>),
    /// A person said: these and no others.
    Confirmed(BTreeSet<Allergen>),
}

bk_kernel::string_enum! {
    /// The states without their contents, for filters and rows.
    pub enum AllergenState: "an allergen state" {
        /// Nobody has said anything.
        Unknown = "UNKNOWN",
        /// A table suggests.
        Proposed = "PROPOSED",
        /// A person said.
        Confirmed = "CONFIRMED",
    }
}

impl AllergenKnowledge {
    /// Which state it is.
    #[must_use]
    pub const fn name(&self) -> AllergenState {
        match self {
            Self::Unknown => AllergenState::Unknown,
            Self::Proposed(_) => AllergenState::Proposed,
            Self::Confirmed(_) => AllergenState::Confirmed,
        }
    }

    /// What recipes may rely on: a proposal is not knowledge.
    #[must_use]
    pub fn info(&self) -> AllergenInfo {
        match self {
            Self::Unknown | Self::Proposed(_) => AllergenInfo::Unknown,
            Self::Confirmed(allergens) => AllergenInfo::Declared(allergens.clone()),
        }
    }

    /// What a person confirmed.
    #[must_use]
    pub const fn confirmed(&self) -> Option<&BTreeSet<Allergen>> {
        match self {
            Self::Confirmed(allergens) => Some(allergens),
            Self::Unknown | Self::Proposed(_) => None,
        }
    }

    /// What waits for a person.
    #[must_use]
    pub const fn proposed(&self) -> Option<&BTreeSet<Allergen>> {
        match self {
            Self::Proposed(allergens) => Some(allergens),
            Self::Unknown | Self::Confirmed(_) => None,
        }
    }
}

/// Units of an ingredient that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MeasuresError {
    /// Two conversions say how the same two units compare.
    #[error("conversion {index} repeats one before it")]
    Repeated {
        /// The later one, from 0.
        index: usize,
    },
    /// A density beside a conversion between volume and weight, or a density that is not positive.
    #[error("the density is not positive, or a conversion already says it")]
    Density,
}

/// How an ingredient is measured: its conversions, of which its density is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measures {
    conversions: Vec<Conversion>,
    density_g_per_ml: Option<Decimal>,
}

impl Measures {
    /// Refuses two ways of saying the same.
    pub fn new(
        conversions: Vec<Conversion>,
        density_g_per_ml: Option<Decimal>,
    ) -> Result<Self, MeasuresError> {
        let mut seen = BTreeSet::new();
        if let Some(density) = density_g_per_ml {
            if density <= Decimal::ZERO {
                return Err(MeasuresError::Density);
            }
            seen.insert(dimensions(
                &density_conversion(density).map_err(|_| MeasuresError::Density)?,
            ));
        }
        for (index, conversion) in conversions.iter().enumerate() {
            if !seen.insert(dimensions(conversion)) {
                return Err(MeasuresError::Repeated { index });
            }
        }
        Ok(Self { conversions, density_g_per_ml })
    }

    /// These together with what a file says. The file wins over a conversion of the same units; of two
    /// conversions of the file that compare the same units the first is used, and the others are
    /// returned.
    #[must_use]
    pub fn updated(&self, file: &Conversions) -> (Self, Vec<Conversion>) {
        let known = self.all();
        let mut after = self.clone();
        let (mut said, mut left_out) = (BTreeSet::new(), Vec::new());
        for conversion in file.as_slice() {
            let pair = dimensions(conversion);
            if !said.insert(pair) {
                left_out.push(*conversion);
            } else if !known.as_slice().contains(conversion) {
                if pair == [Dimension::Mass, Dimension::Volume] {
                    after.density_g_per_ml = None;
                }
                after.conversions.retain(|one| dimensions(one) != pair);
                after.conversions.push(*conversion);
            }
        }
        (after, left_out)
    }

    /// The conversions without the density.
    #[must_use]
    pub fn conversions(&self) -> &[Conversion] {
        &self.conversions
    }

    /// Grams of one millilitre.
    #[must_use]
    pub const fn density_g_per_ml(&self) -> Option<Decimal> {
        self.density_g_per_ml
    }

    /// Everything together, as recipes use it.
    #[must_use]
    pub fn all(&self) -> Conversions {
        let density = self.density_g_per_ml.and_then(|density| density_conversion(density).ok());
        self.conversions.iter().copied().chain(density).collect()
    }
}

fn density_conversion(density: Decimal) -> Result<Conversion, UnitError> {
    Conversion::new(
        Quantity::positive(Decimal::ONE, Unit::Ml)?,
        Quantity::positive(density, Unit::G)?,
    )
}

/// Both dimensions of a conversion, in a fixed order: `bunch to g` and `g to bunch` are the same.
fn dimensions(conversion: &Conversion) -> [Dimension; 2] {
    let mut pair = [conversion.from().unit().dimension(), conversion.to().unit().dimension()];
    pair.sort();
    pair
}

/// What a person or a table may say of an ingredient, besides its allergens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngredientContent {
    /// What sheets call it.
    pub name: String,
    /// A word to group by; empty when there is none.
    pub category: String,
    /// Facts per 100 g as bought.
    pub nutrition: Nutrition,
    /// The unit it is bought in.
    pub purchase_unit: Unit,
    /// How it is measured.
    pub measures: Measures,
}

/// An ingredient of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingredient {
    /// The id of the ingredient.
    pub id: IngredientId,
    /// Its key; never changes, because preference rules name it.
    pub key: IngredientKey,
    /// What it is.
    pub content: IngredientContent,
    /// What is known of its allergens.
    pub allergens: AllergenKnowledge,
    /// Whether new recipes may use it.
    pub active: bool,
    /// For `If-Match`.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

impl Ingredient {
    /// What recipes need of it.
    #[must_use]
    pub fn facts(&self) -> IngredientFacts {
        IngredientFacts {
            key: self.key.clone(),
            name: self.content.name.clone(),
            allergens: self.allergens.info(),
            nutrition: self.content.nutrition,
            conversions: self.content.measures.all(),
            purchase_unit: self.content.purchase_unit,
        }
    }
}

/// Which ingredients to list.
#[derive(Debug, Clone, Default)]
pub struct IngredientFilter {
    /// Part of the name, in any case.
    pub name_contains: Option<String>,
    /// What is known of its allergens.
    pub allergen_state: Option<AllergenState>,
    /// Whether it is in use.
    pub active: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversion(from: Unit, grams: i64) -> Conversion {
        let one = Quantity::new(Decimal::ONE, from).unwrap();
        Conversion::new(one, Quantity::new(grams.into(), Unit::G).unwrap()).unwrap()
    }

    #[test]
    fn a_proposal_is_unknown_to_recipes() {
        let proposed = AllergenKnowledge::Proposed(BTreeSet::from([Allergen::Milk]));
        assert!(proposed.info().is_unknown());
        assert_eq!(AllergenKnowledge::Confirmed(BTreeSet::new()).info(), AllergenInfo::free());
    }

    #[test]
    fn two_conversions_of_the_same_units_are_refused() {
        let twice = vec![conversion(Unit::Bunch, 60), conversion(Unit::Bunch, 70)];
        assert_eq!(Measures::new(twice, None), Err(MeasuresError::Repeated { index: 1 }));
        let cup = vec![conversion(Unit::Cup, 230)];
        let density = Some("0.92".parse().unwrap());
        assert_eq!(Measures::new(cup.clone(), density), Err(MeasuresError::Repeated { index: 0 }));
        assert!(Measures::new(cup, None).is_ok());
    }

    #[test]
    fn a_density_converts_volumes() {
        let oil = Measures::new(Vec::new(), Some("0.92".parse().unwrap())).unwrap();
        let spoon = Quantity::new(Decimal::ONE, Unit::Tbsp).unwrap();
        let grams = spoon.convert(Unit::G, &oil.all()).unwrap();
        assert_eq!(grams.amount(), "18.4".parse().unwrap());
    }
}
