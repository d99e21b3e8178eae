//! The rules of a preference profile.
//!
//! Invariants: at most 150 rules, none twice; an `ALLERGEN` rule names an allergen and every other
//! rule an ingredient. `Debug` shows counts only, so that a stray log line cannot tell what a person
//! is allergic to.

use std::{collections::BTreeSet, fmt};

use bk_kitchen_catalogue::{Allergen, IngredientKey};
use thiserror::Error;

bk_kernel::string_enum! {
    /// What a rule does.
    pub enum RuleKind: "a rule kind" {
        /// Blocks food that contains an allergen.
        Allergen = "ALLERGEN",
        /// Blocks food that contains an ingredient.
        Exclusion = "EXCLUSION",
        /// Warns about an ingredient.
        Dislike = "DISLIKE",
        /// Raises the score of food with an ingredient.
        Like = "LIKE",
    }
}

impl RuleKind {
    /// Whether a match forbids the food. Such rules apply at once to every open draft.
    #[must_use]
    pub const fn blocks(self) -> bool {
        matches!(self, Self::Allergen | Self::Exclusion)
    }
}

/// What a rule is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleTarget {
    /// An allergen, as a rule target.
    Allergen(Allergen),
    /// An ingredient, as a rule target.
    Ingredient(IngredientKey),
}

impl RuleTarget {
    /// The row and wire form: the allergen's code or the ingredient's key. Sensitive.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Allergen(allergen) => allergen.as_str(),
            Self::Ingredient(key) => key.as_str(),
        }
    }
}

impl fmt::Debug for RuleTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RuleTarget(..)")
    }
}

/// Why rules were refused. Names positions, never contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RuleError {
    /// More than [`RuleSet::MAX_RULES`].
    #[error("a profile has at most {} rules", RuleSet::MAX_RULES)]
    TooMany,
    /// An allergen rule that names no FSANZ allergen.
    #[error("an ALLERGEN rule names an allergen of the FSANZ list")]
    UnknownAllergen,
    /// Another rule that names no ingredient.
    #[error("the ingredient of this rule cannot be read")]
    Ingredient,
    /// The same rule stands earlier.
    #[error("the same rule stands earlier")]
    Duplicate {
        /// The later one, from 0.
        index: usize,
    },
}

/// One rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    kind: RuleKind,
    target: RuleTarget,
}

impl Rule {
    /// Keep from food with this allergen.
    #[must_use]
    pub const fn allergen(allergen: Allergen) -> Self {
        Self { kind: RuleKind::Allergen, target: RuleTarget::Allergen(allergen) }
    }

    /// Keep from food with this ingredient.
    #[must_use]
    pub const fn exclusion(key: IngredientKey) -> Self {
        Self { kind: RuleKind::Exclusion, target: RuleTarget::Ingredient(key) }
    }

    /// Warn about this ingredient.
    #[must_use]
    pub const fn dislike(key: IngredientKey) -> Self {
        Self { kind: RuleKind::Dislike, target: RuleTarget::Ingredient(key) }
    }

    /// Prefer food with this ingredient.
    #[must_use]
    pub const fn like(key: IngredientKey) -> Self {
        Self { kind: RuleKind::Like, target: RuleTarget::Ingredient(key) }
    }

    /// Reads a rule from its wire or row form. An ingredient may be given by name or by key.
    pub fn parse(kind: RuleKind, target: &str) -> Result<Self, RuleError> {
        let target = match kind {
            RuleKind::Allergen => {
                RuleTarget::Allergen(target.parse().map_err(|_| RuleError::UnknownAllergen)?)
            }
            RuleKind::Exclusion | RuleKind::Dislike | RuleKind::Like => RuleTarget::Ingredient(
                IngredientKey::normalise(target).map_err(|_| RuleError::Ingredient)?,
            ),
        };
        Ok(Self { kind, target })
    }

    /// What it does.
    #[must_use]
    pub const fn kind(&self) -> RuleKind {
        self.kind
    }

    /// What it is about. Sensitive.
    #[must_use]
    pub const fn target(&self) -> &RuleTarget {
        &self.target
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rule(..)")
    }
}

/// The rules of one profile, or of several together; sorted, without repeats.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RuleSet(BTreeSet<Rule>);

impl RuleSet {
    /// Most rules of one profile.
    pub const MAX_RULES: usize = 150;

    /// The rules a person gave, in any order.
    pub fn new(rules: Vec<Rule>) -> Result<Self, RuleError> {
        if rules.len() > Self::MAX_RULES {
            return Err(RuleError::TooMany);
        }
        let mut set = BTreeSet::new();
        for (index, rule) in rules.into_iter().enumerate() {
            if !set.insert(rule) {
                return Err(RuleError::Duplicate { index });
            }
        }
        Ok(Self(set))
    }

    /// The rules, sorted by kind and target. Sensitive.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }

    /// How many rules of a kind: what logs and audit entries may say.
    #[must_use]
    pub fn count(&self, kind: RuleKind) -> usize {
        self.0.iter().filter(|rule| rule.kind == kind).count()
    }

    /// How many rules.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without rules.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleSet")
            .field("allergens", &self.count(RuleKind::Allergen))
            .field("exclusions", &self.count(RuleKind::Exclusion))
            .field("dislikes", &self.count(RuleKind::Dislike))
            .field("likes", &self.count(RuleKind::Like))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: RuleKind, target: &str) -> Rule {
        Rule::parse(kind, target).unwrap()
    }

    #[test]
    fn debug_output_holds_counts_and_no_contents() {
        let rules = vec![
            rule(RuleKind::Allergen, "peanut"),
            rule(RuleKind::Exclusion, "Blue Cheese"),
            rule(RuleKind::Like, "kale"),
        ];
        let one = format!("{:?} {:?}", rules[0], rules[1].target());
        let all = format!("{:?} {one}", RuleSet::new(rules).unwrap());
        assert!(all.contains("allergens: 1, exclusions: 1, dislikes: 0, likes: 1"), "{all}");
        for secret in ["peanut", "Peanut", "blue", "cheese", "kale"] {
            assert!(!all.contains(secret), "{all}");
        }
    }

    #[test]
    fn a_profile_has_at_most_150_rules_and_none_twice() {
        let many = |n: usize| (0..n).map(|i| rule(RuleKind::Dislike, &format!("i{i}"))).collect();
        assert!(RuleSet::new(many(150)).is_ok());
        assert_eq!(RuleSet::new(many(151)), Err(RuleError::TooMany));
        let twice = vec![rule(RuleKind::Like, "Kale"), rule(RuleKind::Like, " kale ")];
        assert_eq!(RuleSet::new(twice), Err(RuleError::Duplicate { index: 1 }));
    }

    #[test]
    fn an_allergen_rule_names_a_fsanz_allergen() {
        let error = Rule::parse(RuleKind::Allergen, "celery").unwrap_err();
        assert_eq!(error, RuleError::UnknownAllergen);
        assert_eq!(Rule::parse(RuleKind::Like, "?"), Err(RuleError::Ingredient));
    }
}
