//! Proposes the allergens of an ingredient from its name, for staff to confirm.
//!
//! The name, reduced to lower-case words, must equal an entry of the table word for word; no part
//! of a word and no part of a phrase ever matches (docs/cases.md, "Allergens": coconut milk and oat
//! milk are not milk, eggplant is not egg, peanut butter is not butter). Words that say how food
//! was prepared and never what it is (`raw`, `roasted`, `large`) are left out on a second attempt.
//! A name the table does not know gives no proposal: the composition stays unknown, which is not
//! the same as free.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{allergen::Allergen, allergen_entries::TABLE};

/// What the table says of a name. Nothing is declared until staff confirm it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The allergens; empty when the table knows the food and it has none of itself.
    pub allergens: BTreeSet<Allergen>,
    /// The entry that matched, so that staff see why.
    pub entry: String,
}

/// The table's proposal for a display name, or `None` when it does not know it.
#[must_use]
pub fn propose(name: &str) -> Option<Proposal> {
    let words = words(name);
    find(&words).or_else(|| {
        let plain: Vec<String> =
            words.iter().filter(|word| !PREPARATION.contains(&word.as_str())).cloned().collect();
        if plain.len() < words.len() { find(&plain) } else { None }
    })
}

fn find(words: &[String]) -> Option<Proposal> {
    if words.is_empty() {
        return None;
    }
    TABLE.iter().find_map(|(entries, allergens)| {
        let entry =
            entries.iter().find(|entry| entry.split(' ').eq(words.iter().map(String::as_str)))?;
        let allergens = allergens.iter().copied().collect();
        Some(Proposal { allergens, entry: (*entry).to_owned() })
    })
}

/// Lower-case words of letters and digits; everything else separates.
fn words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Words that say how food was cut or cooked and never what it contains. `dried` and `canned` are not
/// among them: dried mango has sulphites that mango has not.
const PREPARATION: &[&str] = &[
    "raw",
    "fresh",
    "frozen",
    "chilled",
    "roasted",
    "toasted",
    "blanched",
    "peeled",
    "sliced",
    "diced",
    "chopped",
    "grated",
    "shredded",
    "whole",
    "large",
    "medium",
    "small",
    "salted",
    "unsalted",
    "unsweetened",
    "refrigerated",
    "shelf",
    "stable",
    "organic",
    "and",
    "creamy",
    "crunchy",
    "smooth",
    "boneless",
    "skinless",
    "lean",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allergen::Allergen::{Almond, Cashew, Egg, Gluten, Milk, Oats, Peanut, Soy};

    fn proposed(name: &str) -> Option<Vec<Allergen>> {
        propose(name).map(|proposal| proposal.allergens.into_iter().collect())
    }

    #[test]
    fn names_that_contain_an_allergen_word_are_not_that_allergen() {
        for (name, allergens) in [
            ("Coconut Milk", &[][..]),
            ("Oat Milk", &[Oats, Gluten]),
            ("Unsweetened Almond milk refrigerated", &[Almond]),
            ("Unsweetened Soy Milk", &[Soy]),
            ("Eggplant", &[]),
            ("Peanut Butter (Creamy)", &[Peanut]),
            ("Creamy Almond Butter", &[Almond]),
            ("Squash butternut", &[]),
            ("Butter Lettuce", &[]),
            ("Cream of Tartar", &[]),
            ("Buckwheat", &[]),
            ("Mushroom oyster", &[]),
            ("Ground Nutmeg", &[]),
            ("Flour Corn", &[]),
        ] {
            let mut expected = allergens.to_vec();
            expected.sort();
            assert_eq!(proposed(name), Some(expected), "{name}");
        }
    }

    #[test]
    fn preparation_words_do_not_matter_and_other_words_do() {
        assert_eq!(proposed("Roasted and Salted Cashews"), Some(vec![Cashew]));
        assert_eq!(proposed("  MILK, whole "), Some(vec![Milk]));
        assert_eq!(proposed("Egg (Large)"), Some(vec![Egg]));
        for unknown in [
            "Milk thistle",
            "Egg replacer",
            "Vegan butter",
            "Gluten free flour",
            "milky",
            "",
            "raw",
        ] {
            assert_eq!(proposed(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_entry_is_written_in_plain_words_and_stands_once() {
        let mut seen = BTreeSet::new();
        for (entries, _) in TABLE {
            for entry in *entries {
                assert_eq!(words(entry).join(" "), *entry);
                assert!(seen.insert(*entry), "{entry} stands twice");
                assert_eq!(propose(entry).unwrap().entry, *entry);
            }
        }
    }

    #[test]
    fn every_allergen_can_be_proposed_and_cereals_always_bring_gluten() {
        let all: BTreeSet<Allergen> = TABLE.iter().flat_map(|(_, a)| a.iter().copied()).collect();
        assert_eq!(all, Allergen::ALL.iter().copied().collect());
        for (entries, allergens) in TABLE {
            let cereal = allergens.iter().any(|a| Allergen::GLUTEN_CEREALS.contains(a));
            assert_eq!(cereal, allergens.contains(&Gluten), "{entries:?}");
        }
    }
}
