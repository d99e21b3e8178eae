//! Units of recipes and purchasing, and the ways from one to another.
//!
//! Within mass and within volume the factors are fixed and exact. Everything else needs a
//! conversion of the ingredient (1 bunch is 60 g, 1 ml weighs 0.92 g). Where no path exists the
//! answer is an error, never one to one (docs/cases.md, "Production"). A cup is the metric 250 ml
//! and a tablespoon the Australian 20 ml; the US measures have names of their own.

use std::{collections::BTreeMap, fmt};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a unit measures. Counted units are each a dimension of their own: a can is not a bunch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Grams underneath.
    Mass,
    /// Millilitres underneath.
    Volume,
    /// Pieces of one kind.
    Count(Unit),
}

bk_kernel::string_enum! {
    /// A unit of quantity.
    pub enum Unit: "a unit" {
        /// Milligram, as a unit.
        Mg = "mg",
        /// Gram, as a unit.
        G = "g",
        /// Kilogram, as a unit.
        Kg = "kg",
        /// Avoirdupois ounce, 28.349523125 g.
        Oz = "oz",
        /// Avoirdupois pound, 453.59237 g.
        Lb = "lb",
        /// Millilitre, as a unit.
        Ml = "ml",
        /// Litre, as a unit.
        L = "l",
        /// Metric teaspoon, 5 ml.
        Tsp = "tsp",
        /// Australian tablespoon, 20 ml.
        Tbsp = "tbsp",
        /// Metric cup, 250 ml.
        Cup = "cup",
        /// US teaspoon, 4.92892159375 ml.
        UsTsp = "us_tsp",
        /// US tablespoon, 14.78676478125 ml.
        UsTbsp = "us_tbsp",
        /// US fluid ounce, 29.5735295625 ml.
        UsFlOz = "us_fl_oz",
        /// US cup, 236.5882365 ml.
        UsCup = "us_cup",
        /// One of it.
        Piece = "piece",
        /// A bunch, as a unit.
        Bunch = "bunch",
        /// A can, as a unit.
        Can = "can",
        /// A bottle, as a unit.
        Bottle = "bottle",
        /// A jar, as a unit.
        Jar = "jar",
        /// A packet, as a unit.
        Packet = "packet",
        /// A clove, as a unit.
        Clove = "clove",
        /// A slice, as a unit.
        Slice = "slice",
        /// A sprig, as a unit.
        Sprig = "sprig",
        /// A head, as a unit.
        Head = "head",
        /// A pinch: counted, because it has no size.
        Pinch = "pinch",
    }
}

impl Unit {
    /// What it measures.
    #[must_use]
    pub const fn dimension(self) -> Dimension {
        match self {
            Self::Mg | Self::G | Self::Kg | Self::Oz | Self::Lb => Dimension::Mass,
            Self::Ml
            | Self::L
            | Self::Tsp
            | Self::Tbsp
            | Self::Cup
            | Self::UsTsp
            | Self::UsTbsp
            | Self::UsFlOz
            | Self::UsCup => Dimension::Volume,
            counted => Dimension::Count(counted),
        }
    }

    /// How many grams, millilitres or pieces one of it is. Exact.
    #[must_use]
    pub fn in_base(self) -> Decimal {
        match self {
            Self::Mg => Decimal::new(1, 3),
            Self::Kg | Self::L => Decimal::ONE_THOUSAND,
            Self::Oz => Decimal::new(28_349_523_125, 9),
            Self::Lb => Decimal::new(45_359_237, 5),
            Self::Tsp => Decimal::new(5, 0),
            Self::Tbsp => Decimal::new(20, 0),
            Self::Cup => Decimal::new(250, 0),
            Self::UsTsp => Decimal::new(492_892_159_375, 11),
            Self::UsTbsp => Decimal::new(1_478_676_478_125, 11),
            Self::UsFlOz => Decimal::new(295_735_295_625, 10),
            Self::UsCup => Decimal::new(2_365_882_365, 7),
            _ => Decimal::ONE,
        }
    }
}

impl Unit {
    /// Reads a code in any case, its plural, and a few usual spellings: what files of suppliers say.
    ///
    /// Fails with [`UnitError::UnknownUnit`] for everything else.
    pub fn from_spelling(text: &str) -> Result<Self, UnitError> {
        let code = text.trim().to_lowercase();
        let found = Self::ALL.iter().copied().find(|unit| unit.as_str() == code);
        found
            .or(match code.as_str() {
                "gram" | "grams" => Some(Self::G),
                "kilogram" | "kilograms" => Some(Self::Kg),
                "litre" | "litres" | "liter" | "liters" => Some(Self::L),
                "teaspoon" | "teaspoons" => Some(Self::Tsp),
                "tablespoon" | "tablespoons" => Some(Self::Tbsp),
                "lbs" | "pound" | "pounds" => Some(Self::Lb),
                "ounce" | "ounces" => Some(Self::Oz),
                "pc" | "pcs" | "ea" | "each" | "pieces" => Some(Self::Piece),
                "bunches" => Some(Self::Bunch),
                "pinches" => Some(Self::Pinch),
                plural => plural
                    .strip_suffix('s')
                    .and_then(|one| Self::ALL.iter().copied().find(|unit| unit.as_str() == one)),
            })
            .ok_or(UnitError::UnknownUnit)
    }
}

/// Why a quantity or a conversion was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnitError {
    /// The text names no unit.
    #[error("this unit is not known")]
    UnknownUnit,
    /// The amount is negative, or zero where something is needed.
    #[error("an amount is more than zero")]
    NotPositive,
    /// Nothing says how much of `to` one `from` is.
    #[error("there is no conversion from {from} to {to}")]
    NoPath {
        /// The unit at hand.
        from: Unit,
        /// The unit wanted.
        to: Unit,
    },
    /// A conversion says something about units whose ratio is already fixed.
    #[error("{from} and {to} already have a fixed ratio")]
    Fixed {
        /// One side.
        from: Unit,
        /// The other side.
        to: Unit,
    },
    /// The result does not fit 28 digits.
    #[error("the quantity is too large")]
    Overflow,
}

/// An amount with its unit; never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawQuantity", into = "RawQuantity")]
pub struct Quantity {
    amount: Decimal,
    unit: Unit,
}

#[derive(Serialize, Deserialize)]
struct RawQuantity {
    #[serde(with = "rust_decimal::serde::str")]
    amount: Decimal,
    unit: Unit,
}

impl Quantity {
    /// A quantity of zero or more.
    pub fn new(amount: Decimal, unit: Unit) -> Result<Self, UnitError> {
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(UnitError::NotPositive);
        }
        Ok(Self { amount: amount.normalize(), unit })
    }

    /// A quantity of more than zero.
    pub fn positive(amount: Decimal, unit: Unit) -> Result<Self, UnitError> {
        if amount.is_zero() { Err(UnitError::NotPositive) } else { Self::new(amount, unit) }
    }

    /// How much.
    #[must_use]
    pub const fn amount(self) -> Decimal {
        self.amount
    }

    /// Of what.
    #[must_use]
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// This quantity in `to`, by the fixed factors and the ingredient's own conversions.
    pub fn convert(self, to: Unit, conversions: &Conversions) -> Result<Self, UnitError> {
        if self.unit == to {
            return Ok(self);
        }
        let no_path = UnitError::NoPath { from: self.unit, to };
        let factor = conversions.factor(self.unit.dimension(), to.dimension()).ok_or(no_path)?;
        // Multiply before dividing, so that whole ratios stay whole.
        let amount = times(times(self.amount, self.unit.in_base())?, factor.num)?
            .checked_div(times(factor.den, to.in_base())?)
            .ok_or(UnitError::Overflow)?;
        Self::new(amount, to)
    }
}

impl TryFrom<RawQuantity> for Quantity {
    type Error = UnitError;

    fn try_from(raw: RawQuantity) -> Result<Self, Self::Error> {
        Self::new(raw.amount, raw.unit)
    }
}

impl From<Quantity> for RawQuantity {
    fn from(quantity: Quantity) -> Self {
        Self { amount: quantity.amount, unit: quantity.unit }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.unit)
    }
}

/// "This much of one unit is this much of another", for one ingredient: `1 bunch = 60 g`,
/// `1 ml = 0.92 g`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawConversion", into = "RawConversion")]
pub struct Conversion {
    from: Quantity,
    to: Quantity,
}

#[derive(Serialize, Deserialize)]
struct RawConversion {
    from: Quantity,
    to: Quantity,
}

impl Conversion {
    /// Both sides more than zero, in units that have no fixed ratio.
    pub fn new(from: Quantity, to: Quantity) -> Result<Self, UnitError> {
        if from.amount.is_zero() || to.amount.is_zero() {
            return Err(UnitError::NotPositive);
        }
        if from.unit.dimension() == to.unit.dimension() {
            return Err(UnitError::Fixed { from: from.unit, to: to.unit });
        }
        Ok(Self { from, to })
    }

    /// The left side.
    #[must_use]
    pub const fn from(self) -> Quantity {
        self.from
    }

    /// The right side.
    #[must_use]
    pub const fn to(self) -> Quantity {
        self.to
    }
}

impl TryFrom<RawConversion> for Conversion {
    type Error = UnitError;

    fn try_from(raw: RawConversion) -> Result<Self, Self::Error> {
        Self::new(raw.from, raw.to)
    }
}

impl From<Conversion> for RawConversion {
    fn from(conversion: Conversion) -> Self {
        Self { from: conversion.from, to: conversion.to }
    }
}

/// The conversions of one ingredient, sorted, without repeats; input order means nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Conversion>", into = "Vec<Conversion>")]
pub struct Conversions(Vec<Conversion>);

/// `num / den`, both more than zero.
#[derive(Debug, Clone, Copy)]
struct Factor {
    num: Decimal,
    den: Decimal,
}

impl Conversions {
    /// None: only the fixed factors hold.
    pub const NONE: Self = Self(Vec::new());

    /// The conversions, sorted.
    #[must_use]
    pub fn as_slice(&self) -> &[Conversion] {
        &self.0
    }

    /// What one base unit of `from` is in base units of `to`: the path with the fewest steps, the
    /// first in sorted order among equals. `None` when there is no path or a step overflows.
    fn factor(&self, from: Dimension, to: Dimension) -> Option<Factor> {
        let one = Factor { num: Decimal::ONE, den: Decimal::ONE };
        let mut reached = BTreeMap::from([(from, one)]);
        let mut frontier = vec![(from, one)];
        while !frontier.is_empty() {
            if let Some(found) = reached.get(&to) {
                return Some(*found);
            }
            let mut next = Vec::new();
            for (here, factor) in frontier {
                for (there, step) in self.steps(here) {
                    if reached.contains_key(&there) {
                        continue;
                    }
                    let (Some(num), Some(den)) =
                        (factor.num.checked_mul(step.num), factor.den.checked_mul(step.den))
                    else {
                        continue;
                    };
                    let factor = Factor { num, den };
                    reached.insert(there, factor);
                    next.push((there, factor));
                }
            }
            frontier = next;
        }
        None
    }

    /// Single conversions out of a dimension, in either direction.
    fn steps(&self, here: Dimension) -> impl Iterator<Item = (Dimension, Factor)> {
        self.0.iter().filter_map(move |conversion| {
            let (left, right) = (conversion.from, conversion.to);
            let (a, b) = if left.unit.dimension() == here {
                (left, right)
            } else if right.unit.dimension() == here {
                (right, left)
            } else {
                return None;
            };
            let num = b.amount.checked_mul(b.unit.in_base())?;
            let den = a.amount.checked_mul(a.unit.in_base())?;
            Some((b.unit.dimension(), Factor { num, den }))
        })
    }
}

impl From<Vec<Conversion>> for Conversions {
    fn from(mut conversions: Vec<Conversion>) -> Self {
        conversions.sort();
        conversions.dedup();
        Self(conversions)
    }
}

impl FromIterator<Conversion> for Conversions {
    fn from_iter<I: IntoIterator<Item = Conversion>>(conversions: I) -> Self {
        conversions.into_iter().collect::<Vec<_>>().into()
    }
}

impl From<Conversions> for Vec<Conversion> {
    fn from(conversions: Conversions) -> Self {
        conversions.0
    }
}

fn times(a: Decimal, b: Decimal) -> Result<Decimal, UnitError> {
    a.checked_mul(b).ok_or(UnitError::Overflow)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn q(amount: &str, unit: Unit) -> Quantity {
        Quantity::new(amount.parse().unwrap(), unit).unwrap()
    }

    fn herb() -> Conversions {
        [
            Conversion::new(q("1", Unit::Bunch), q("60", Unit::G)).unwrap(),
            Conversion::new(q("1", Unit::Cup), q("30", Unit::G)).unwrap(),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn fixed_factors_are_exact() {
        let none = Conversions::NONE;
        assert_eq!(q("1.25", Unit::Kg).convert(Unit::G, &none), Ok(q("1250", Unit::G)));
        assert_eq!(q("1", Unit::Cup).convert(Unit::Tbsp, &none), Ok(q("12.5", Unit::Tbsp)));
        assert_eq!(q("16", Unit::Oz).convert(Unit::Lb, &none), Ok(q("1", Unit::Lb)));
        assert_eq!(q("8", Unit::UsFlOz).convert(Unit::UsCup, &none), Ok(q("1", Unit::UsCup)));
    }

    #[test]
    fn a_conversion_of_the_ingredient_is_used_in_both_directions_and_in_chains() {
        assert_eq!(q("2.5", Unit::Bunch).convert(Unit::Kg, &herb()), Ok(q("0.15", Unit::Kg)));
        assert_eq!(q("90", Unit::G).convert(Unit::Bunch, &herb()), Ok(q("1.5", Unit::Bunch)));
        assert_eq!(q("1", Unit::Bunch).convert(Unit::Ml, &herb()), Ok(q("500", Unit::Ml)));
    }

    #[test]
    fn no_path_is_an_error_and_never_one_to_one() {
        let error = q("1", Unit::Can).convert(Unit::G, &herb());
        assert_eq!(error, Err(UnitError::NoPath { from: Unit::Can, to: Unit::G }));
        let error = q("1", Unit::Ml).convert(Unit::G, &Conversions::NONE);
        assert_eq!(error, Err(UnitError::NoPath { from: Unit::Ml, to: Unit::G }));
    }

    #[test]
    fn a_conversion_cannot_contradict_a_fixed_factor() {
        let error = Conversion::new(q("1", Unit::Kg), q("900", Unit::G));
        assert_eq!(error, Err(UnitError::Fixed { from: Unit::Kg, to: Unit::G }));
        assert!(Conversion::new(q("0", Unit::Can), q("400", Unit::G)).is_err());
        assert!(Quantity::new("-1".parse().unwrap(), Unit::G).is_err());
    }

    #[test]
    fn amounts_are_stored_as_text() {
        let json = serde_json::to_value(q("0.40", Unit::Bunch)).unwrap();
        assert_eq!(json, serde_json::json!({"amount": "0.4", "unit": "bunch"}));
        assert_eq!(serde_json::from_value::<Quantity>(json).unwrap(), q("0.4", Unit::Bunch));
    }

    #[test]
    fn usual_spellings_are_read() {
        assert_eq!(Unit::from_spelling("Cans"), Ok(Unit::Can));
        assert_eq!(Unit::from_spelling(" Grams "), Ok(Unit::G));
        assert_eq!(Unit::from_spelling("smidgen"), Err(UnitError::UnknownUnit));
        for unit in Unit::ALL {
            assert_eq!(unit.as_str().parse(), Ok(*unit));
            assert_eq!(serde_json::to_string(unit).unwrap(), format!("\"{unit}\""));
        }
    }

    proptest! {
        #[test]
        fn the_order_of_conversions_changes_nothing(amount in 1i64..1_000_000, flip in any::<bool>()) {
            let mut list: Vec<Conversion> = herb().into();
            if flip {
                list.reverse();
            }
            let quantity = Quantity::new(Decimal::new(amount, 3), Unit::Bunch).unwrap();
            prop_assert_eq!(
                quantity.convert(Unit::Ml, &list.into()),
                quantity.convert(Unit::Ml, &herb())
            );
        }

        #[test]
        fn any_amount_converts_or_errs_without_panic(mantissa in any::<i64>(), scale in 0u32..20, a in 0usize..25, b in 0usize..25) {
            if let Ok(quantity) = Quantity::new(Decimal::new(mantissa, scale), Unit::ALL[a]) {
                let _ = quantity.convert(Unit::ALL[b], &herb());
            }
        }
    }
}
