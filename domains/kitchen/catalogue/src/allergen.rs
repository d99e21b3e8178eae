//! The allergens of the product: the Australian FSANZ plain-English names (Food Standards Code,
//! Schedule 9), and how the EU list of fourteen maps to them (docs/product.md, section 5).
//!
//! Composition that nobody declared is [`AllergenInfo::Unknown`]; it is never treated as free.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! allergens {
    ($($variant:ident = $code:literal, $label:literal;)+) => {
        bk_kernel::string_enum! {
            /// One FSANZ name. Gluten is named by its cereal where the cereal is known.
            pub enum Allergen: "an allergen of the FSANZ list" {
                $(#[doc = $label] $variant = $code,)+
            }
        }

        impl Allergen {
            /// The name as a label prints it.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }
    };
}

allergens! {
    Wheat = "wheat", "Wheat";
    Barley = "barley", "Barley";
    Oats = "oats", "Oats";
    Rye = "rye", "Rye";
    Gluten = "gluten", "Gluten";
    Fish = "fish", "Fish";
    Crustacean = "crustacean", "Crustacean";
    Mollusc = "mollusc", "Mollusc";
    Egg = "egg", "Egg";
    Milk = "milk", "Milk";
    Lupin = "lupin", "Lupin";
    Peanut = "peanut", "Peanut";
    Soy = "soy", "Soy";
    Sesame = "sesame", "Sesame";
    Almond = "almond", "Almond";
    BrazilNut = "brazil_nut", "Brazil nut";
    Cashew = "cashew", "Cashew";
    Hazelnut = "hazelnut", "Hazelnut";
    Macadamia = "macadamia", "Macadamia";
    Pecan = "pecan", "Pecan";
    PineNut = "pine_nut", "Pine nut";
    Pistachio = "pistachio", "Pistachio";
    Walnut = "walnut", "Walnut";
    Sulphites = "sulphites", "Sulphites";
}

/// The text is not a FSANZ name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is not an allergen name of the FSANZ list")]
pub struct UnknownAllergen;

impl Allergen {
    /// Cereals whose presence means gluten.
    pub const GLUTEN_CEREALS: [Self; 4] = [Self::Wheat, Self::Barley, Self::Oats, Self::Rye];

    /// Whether food declared to contain `declared` must be kept from a person who avoids `self`.
    ///
    /// Equal names always. Avoiding gluten means avoiding its four cereals; and gluten declared
    /// without its cereal may be any of them, so it is kept from those who avoid one.
    #[must_use]
    pub fn is_triggered_by(self, declared: Self) -> bool {
        self == declared
            || (self == Self::Gluten && Self::GLUTEN_CEREALS.contains(&declared))
            || (declared == Self::Gluten && Self::GLUTEN_CEREALS.contains(&self))
    }
}

impl Allergen {
    /// Reads a code or a label in any case, and the plurals and spellings other lists use.
    ///
    /// Fails with [`UnknownAllergen`] for everything else.
    pub fn from_spelling(text: &str) -> Result<Self, UnknownAllergen> {
        let code = text
            .split(|c: char| c.is_whitespace() || c == '_' || c == '-')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("_")
            .to_lowercase();
        if let Some(found) = Self::ALL.iter().find(|allergen| allergen.as_str() == code) {
            return Ok(*found);
        }
        match code.as_str() {
            "oat" => Ok(Self::Oats),
            "crustacea" | "crustaceans" => Ok(Self::Crustacean),
            "molluscs" | "mollusks" | "mollusk" => Ok(Self::Mollusc),
            "eggs" => Ok(Self::Egg),
            "peanuts" => Ok(Self::Peanut),
            "soya" | "soybean" | "soybeans" => Ok(Self::Soy),
            "almonds" => Ok(Self::Almond),
            "brazil_nuts" => Ok(Self::BrazilNut),
            "cashews" => Ok(Self::Cashew),
            "hazelnuts" => Ok(Self::Hazelnut),
            "macadamias" => Ok(Self::Macadamia),
            "pecans" => Ok(Self::Pecan),
            "pine_nuts" => Ok(Self::PineNut),
            "pistachios" => Ok(Self::Pistachio),
            "walnuts" => Ok(Self::Walnut),
            "sulphite" | "sulfite" | "sulfites" => Ok(Self::Sulphites),
            _ => Err(UnknownAllergen),
        }
    }
}

/// The fourteen of Regulation (EU) No 1169/2011, Annex II.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EuAllergen {
    /// Cereals containing gluten.
    GlutenCereals,
    /// Crustaceans, and products thereof.
    Crustaceans,
    /// Eggs, and products thereof.
    Eggs,
    /// Fish, and products thereof.
    Fish,
    /// Peanuts, and products thereof.
    Peanuts,
    /// Soybeans, and products thereof.
    Soybeans,
    /// Milk, including lactose.
    Milk,
    /// Nuts: the eight named ones. Pine nuts are not among them.
    Nuts,
    /// Celery: no FSANZ name.
    Celery,
    /// Mustard: no FSANZ name.
    Mustard,
    /// Sesame seeds.
    Sesame,
    /// Sulphur dioxide and sulphites above 10 mg/kg.
    Sulphites,
    /// Lupin, and products thereof.
    Lupin,
    /// Molluscs, and products thereof.
    Molluscs,
}

impl EuAllergen {
    /// The FSANZ names that together cover this entry, or `None` for celery and mustard, which the
    /// FSANZ list does not name: those are kept from a person with an exclusion rule instead, and
    /// must not be dropped silently.
    #[must_use]
    pub const fn fsanz(self) -> Option<&'static [Allergen]> {
        match self {
            Self::GlutenCereals => Some(&[Allergen::Gluten]),
            Self::Crustaceans => Some(&[Allergen::Crustacean]),
            Self::Eggs => Some(&[Allergen::Egg]),
            Self::Fish => Some(&[Allergen::Fish]),
            Self::Peanuts => Some(&[Allergen::Peanut]),
            Self::Soybeans => Some(&[Allergen::Soy]),
            Self::Milk => Some(&[Allergen::Milk]),
            Self::Nuts => Some(&[
                Allergen::Almond,
                Allergen::BrazilNut,
                Allergen::Cashew,
                Allergen::Hazelnut,
                Allergen::Macadamia,
                Allergen::Pecan,
                Allergen::Pistachio,
                Allergen::Walnut,
            ]),
            Self::Sesame => Some(&[Allergen::Sesame]),
            Self::Sulphites => Some(&[Allergen::Sulphites]),
            Self::Lupin => Some(&[Allergen::Lupin]),
            Self::Molluscs => Some(&[Allergen::Mollusc]),
            Self::Celery | Self::Mustard => None,
        }
    }
}

/// What is known of an ingredient's allergens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", content = "allergens", rename_all = "snake_case")]
pub enum AllergenInfo {
    /// A person declared these and no others; the empty set is "declared free".
    Declared(BTreeSet<Allergen>),
    /// Nobody declared anything. Not safe (docs/cases.md, "Allergens").
    #[default]
    Unknown,
}

impl AllergenInfo {
    /// Declared to contain none.
    #[must_use]
    pub const fn free() -> Self {
        Self::Declared(BTreeSet::new())
    }

    /// Declared to contain exactly these.
    pub fn declared(allergens: impl IntoIterator<Item = Allergen>) -> Self {
        Self::Declared(allergens.into_iter().collect())
    }

    /// The declared allergens; `None` when unknown.
    #[must_use]
    pub const fn known(&self) -> Option<&BTreeSet<Allergen>> {
        match self {
            Self::Declared(allergens) => Some(allergens),
            Self::Unknown => None,
        }
    }

    /// True when nobody declared anything.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_labels_read_back() {
        for allergen in Allergen::ALL {
            assert_eq!(allergen.as_str().parse(), Ok(*allergen));
            assert_eq!(Allergen::from_spelling(&allergen.label().to_uppercase()), Ok(*allergen));
            let json = serde_json::to_string(allergen).unwrap();
            assert_eq!(json, format!("\"{}\"", allergen.as_str()));
        }
        assert_eq!(Allergen::from_spelling("Brazil  nuts"), Ok(Allergen::BrazilNut));
        assert_eq!(Allergen::from_spelling("celery"), Err(UnknownAllergen));
        assert_eq!(Allergen::from_spelling("eggplant"), Err(UnknownAllergen));
    }

    #[test]
    fn gluten_is_any_of_its_cereals_and_a_cereal_is_only_itself() {
        for cereal in Allergen::GLUTEN_CEREALS {
            assert!(Allergen::Gluten.is_triggered_by(cereal));
            assert!(cereal.is_triggered_by(Allergen::Gluten));
        }
        assert!(!Allergen::Wheat.is_triggered_by(Allergen::Barley));
        assert!(!Allergen::Almond.is_triggered_by(Allergen::Cashew));
    }

    #[test]
    fn the_european_list_maps_except_for_celery_and_mustard() {
        assert_eq!(EuAllergen::Milk.fsanz(), Some(&[Allergen::Milk][..]));
        assert_eq!(EuAllergen::Nuts.fsanz().map(<[_]>::len), Some(8));
        assert_eq!(EuAllergen::Celery.fsanz(), None);
        assert_eq!(EuAllergen::Mustard.fsanz(), None);
    }

    #[test]
    fn declared_free_is_not_unknown() {
        assert!(!AllergenInfo::free().is_unknown());
        assert!(AllergenInfo::default().is_unknown());
        let json = serde_json::to_value(AllergenInfo::declared([Allergen::Milk])).unwrap();
        assert_eq!(json, serde_json::json!({"status": "declared", "allergens": ["milk"]}));
        let unknown = serde_json::json!({"status": "unknown"});
        assert_eq!(serde_json::from_value::<AllergenInfo>(unknown).unwrap(), AllergenInfo::Unknown);
    }
}
