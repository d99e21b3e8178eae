//! Nutrition facts: per 100 g of an ingredient as bought, or of one serving.
//!
//! A missing fact is unknown, not zero, and an unknown addend makes the sum unknown: a label must
//! not claim less than the food contains.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The seven facts of docs/product.md, section 5. Energy in kJ, sodium in mg, the rest in grams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nutrition {
    /// Energy, kilojoules.
    #[serde(with = "rust_decimal::serde::str_option", default)]
    pub energy_kj: Option<Decimal>,
    /// Protein, grams.
    #[serde(with = "rust_decimal::serde::str_option", default)]
    pub protein_g: Option<Decimal>,
    /// Fat, grams.
    #[serde(with = "rust_decimal::serde::str_option", default)]
    pub fat_g: Option<Decimal>,
    /// Saturated fat, grams.
    #[serde(with = "rust_decimal::serde::str_option", default)]
    pub saturated_fat_g: Option<Decimal>,
    /// Carbohydrate, grams.
    #[serde(with = "rust_decimal::serde::str_option", default)]
    pub carbohydrate_g: Option<Decimal>,
    /// Sugars, grams.
    #[serde(with = "rust_decimal::serde::str_option", default)]
    pub sugars_g: Option<Decimal>,
    /// Sodium, milligrams.
    #[serde(with = "rust_decimal::serde::str_option", default)]
    pub sodium_mg: Option<Decimal>,
}

/// A fact that cannot be true of 100 g of food.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{fact} of 100 g is between 0 and {most}")]
pub struct Implausible {
    /// The field, as in the row form.
    pub fact: &'static str,
    /// The most that is possible.
    pub most: u32,
}

impl Nutrition {
    /// Nothing known.
    pub const UNKNOWN: Self = Self {
        energy_kj: None,
        protein_g: None,
        fat_g: None,
        saturated_fat_g: None,
        carbohydrate_g: None,
        sugars_g: None,
        sodium_mg: None,
    };

    /// Known to be nothing: the start of a sum.
    pub const ZERO: Self = Self {
        energy_kj: Some(Decimal::ZERO),
        protein_g: Some(Decimal::ZERO),
        fat_g: Some(Decimal::ZERO),
        saturated_fat_g: Some(Decimal::ZERO),
        carbohydrate_g: Some(Decimal::ZERO),
        sugars_g: Some(Decimal::ZERO),
        sodium_mg: Some(Decimal::ZERO),
    };

    /// The sum, fact by fact; unknown where either side is, or where it would overflow.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.zip(other, |a, b| a?.checked_add(b?))
    }

    /// Every fact times `factor`; unknown stays unknown.
    #[must_use]
    pub fn times(self, factor: Decimal) -> Self {
        self.zip(Self::ZERO, |fact, _| fact?.checked_mul(factor))
    }

    /// The facts of `grams` of food whose facts per 100 g these are.
    #[must_use]
    pub fn of_grams(self, grams: Decimal) -> Self {
        self.zip(Self::ZERO, |fact, _| fact?.checked_mul(grams)?.checked_div(Decimal::ONE_HUNDRED))
    }

    /// The facts per 100 g of food whose `grams` have these facts. Zero grams say nothing.
    #[must_use]
    pub fn per_100_g(self, grams: Decimal) -> Self {
        self.zip(Self::ZERO, |fact, _| fact?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(grams))
    }

    /// The facts as a label prints them: half away from zero, whole kJ and mg, grams to one decimal.
    #[must_use]
    pub fn rounded(self) -> Self {
        let round = |fact: Option<Decimal>, places| {
            fact.map(|value| {
                let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
                value.round_dp_with_strategy(places, strategy).normalize()
            })
        };
        Self {
            energy_kj: round(self.energy_kj, 0),
            protein_g: round(self.protein_g, 1),
            fat_g: round(self.fat_g, 1),
            saturated_fat_g: round(self.saturated_fat_g, 1),
            carbohydrate_g: round(self.carbohydrate_g, 1),
            sugars_g: round(self.sugars_g, 1),
            sodium_mg: round(self.sodium_mg, 0),
        }
    }

    /// The facts with their row names, in label order.
    #[must_use]
    pub const fn facts(&self) -> [(&'static str, Option<Decimal>); 7] {
        [
            ("energy_kj", self.energy_kj),
            ("protein_g", self.protein_g),
            ("fat_g", self.fat_g),
            ("saturated_fat_g", self.saturated_fat_g),
            ("carbohydrate_g", self.carbohydrate_g),
            ("sugars_g", self.sugars_g),
            ("sodium_mg", self.sodium_mg),
        ]
    }

    /// True when every fact is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.facts().iter().all(|(_, fact)| fact.is_some())
    }

    /// The facts that cannot be true of 100 g: negative ones, more than 100 g of anything, more than
    /// 3,800 kJ (pure fat has 3,700) or more sodium than salt has. Call it on facts per 100 g only.
    #[must_use]
    pub fn implausible_per_100_g(&self) -> Vec<Implausible> {
        self.facts()
            .into_iter()
            .filter_map(|(fact, value)| {
                let most = match fact {
                    "energy_kj" => 3_800,
                    "sodium_mg" => 40_000,
                    _ => 100,
                };
                let value = value?;
                let possible = value >= Decimal::ZERO && value <= Decimal::from(most);
                (!possible).then_some(Implausible { fact, most })
            })
            .collect()
    }

    fn zip(
        self,
        other: Self,
        join: impl Fn(Option<Decimal>, Option<Decimal>) -> Option<Decimal>,
    ) -> Self {
        let join = |a, b| join(a, b).map(|value| value.normalize());
        Self {
            energy_kj: join(self.energy_kj, other.energy_kj),
            protein_g: join(self.protein_g, other.protein_g),
            fat_g: join(self.fat_g, other.fat_g),
            saturated_fat_g: join(self.saturated_fat_g, other.saturated_fat_g),
            carbohydrate_g: join(self.carbohydrate_g, other.carbohydrate_g),
            sugars_g: join(self.sugars_g, other.sugars_g),
            sodium_mg: join(self.sodium_mg, other.sodium_mg),
        }
    }
}

/// Kilocalories in kilojoules: 1 kcal is 4.184 kJ exactly (thermochemical calorie). `None` on overflow.
#[must_use]
pub fn kcal_to_kj(kcal: Decimal) -> Option<Decimal> {
    kcal.checked_mul(Decimal::new(4_184, 3)).map(|kj| kj.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn missing_is_not_zero_and_makes_the_sum_unknown() {
        let butter = Nutrition {
            fat_g: Some(d("81.5")),
            carbohydrate_g: Some(Decimal::ZERO),
            ..Nutrition::UNKNOWN
        };
        let bread =
            Nutrition { fat_g: Some(d("3.5")), energy_kj: Some(d("1000")), ..Nutrition::ZERO };
        let sum = butter.plus(bread);
        assert_eq!(sum.fat_g, Some(d("85")));
        assert_eq!(sum.energy_kj, None);
        assert_eq!(sum.protein_g, None);
        assert!(!sum.is_complete());
    }

    #[test]
    fn facts_follow_the_weight() {
        let per_75 = Nutrition { protein_g: Some(d("15")), ..Nutrition::UNKNOWN };
        let per_100 = per_75.per_100_g(d("75"));
        assert_eq!(per_100.protein_g, Some(d("20")));
        assert_eq!(per_100.of_grams(d("250")).protein_g, Some(d("50")));
        assert_eq!(per_75.per_100_g(Decimal::ZERO), Nutrition::UNKNOWN);
    }

    #[test]
    fn a_kilocalorie_is_4_184_kilojoules() {
        assert_eq!(kcal_to_kj(d("88")), Some(d("368.192")));
    }

    #[test]
    fn impossible_facts_are_named() {
        let refused =
            Nutrition { fat_g: Some(d("101")), sodium_mg: Some(d("-1")), ..Nutrition::ZERO };
        let facts: Vec<_> = refused.implausible_per_100_g().iter().map(|i| i.fact).collect();
        assert_eq!(facts, ["fat_g", "sodium_mg"]);
    }

    #[test]
    fn facts_are_stored_as_text_and_unknown_as_null() {
        let json = serde_json::to_value(Nutrition { fat_g: Some(d("0.10")), ..Nutrition::UNKNOWN });
        let json = json.unwrap();
        assert_eq!(json["fat_g"], "0.10");
        assert!(json["energy_kj"].is_null());
        assert_eq!(serde_json::from_value::<Nutrition>(json).unwrap().fat_g, Some(d("0.1")));
    }
}
