//! The two sizes a meal comes in, and a count of meals per size. Packs are bought, orders placed and
//! recipes written per size, so every slice speaks of it with these types.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Grams per meal (docs/product.md, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub enum MealSize {
    /// A 300 g meal.
    G300,
    /// A 400 g meal.
    G400,
}

/// The number is neither 300 nor 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a meal is 300 or 400 grams")]
pub struct UnknownMealSize;

impl MealSize {
    /// Both sizes, smaller first.
    pub const ALL: [Self; 2] = [Self::G300, Self::G400];

    /// The wire and row form, in grams.
    #[must_use]
    pub const fn grams(self) -> i32 {
        match self {
            Self::G300 => 300,
            Self::G400 => 400,
        }
    }
}

impl TryFrom<i32> for MealSize {
    type Error = UnknownMealSize;

    fn try_from(grams: i32) -> Result<Self, Self::Error> {
        match grams {
            300 => Ok(Self::G300),
            400 => Ok(Self::G400),
            _ => Err(UnknownMealSize),
        }
    }
}

impl From<MealSize> for i32 {
    fn from(size: MealSize) -> Self {
        size.grams()
    }
}

impl FromStr for MealSize {
    type Err = UnknownMealSize;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<i32>().map_err(|_| UnknownMealSize)?.try_into()
    }
}

impl fmt::Display for MealSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} g", self.grams())
    }
}

/// How many meals of each size. Never negative when built by [`MealCount::add`] from quantities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MealCount {
    /// Meals of 300 g.
    pub g300: i32,
    /// Meals of 400 g.
    pub g400: i32,
}

impl MealCount {
    /// Meals of one size.
    #[must_use]
    pub const fn of(self, size: MealSize) -> i32 {
        match size {
            MealSize::G300 => self.g300,
            MealSize::G400 => self.g400,
        }
    }

    /// The same count with `meals` of `size` more. Saturates.
    #[must_use]
    pub const fn add(self, size: MealSize, meals: i32) -> Self {
        match size {
            MealSize::G300 => Self { g300: self.g300.saturating_add(meals), ..self },
            MealSize::G400 => Self { g400: self.g400.saturating_add(meals), ..self },
        }
    }

    /// Meals of both sizes. Saturates.
    #[must_use]
    pub const fn total(self) -> i32 {
        self.g300.saturating_add(self.g400)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_300_and_400_grams_are_meal_sizes() {
        assert_eq!(MealSize::try_from(300), Ok(MealSize::G300));
        assert_eq!("400".parse(), Ok(MealSize::G400));
        assert_eq!(MealSize::try_from(350), Err(UnknownMealSize));
        assert_eq!(serde_json::to_string(&MealSize::G400).unwrap(), "400");
    }
}
