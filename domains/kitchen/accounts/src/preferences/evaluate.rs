//! How a dish or a side fares under the rules of an account.
//!
//! `BLOCKED` when an `ALLERGEN` or `EXCLUSION` rule matches, or when something in it is of unknown
//! composition and the rules name any allergen at all: what nobody declared may contain it. `WARN`
//! when it is not blocked but disliked or of unknown composition. Otherwise `OK`.
//!
//! Score: blocked is -100. Otherwise 25 for each distinct liked ingredient, less 30 for each distinct
//! disliked one, less 10 when something is of unknown composition, kept within -99 and 100. Integers
//! only; the order of ingredients and rules changes nothing.

use std::{collections::BTreeSet, fmt};

use bk_kitchen_catalogue::{Subject, SubjectIngredient};

use super::rule::{Rule, RuleKind, RuleSet, RuleTarget};

bk_kernel::string_enum! {
    /// The outcome, worst last.
    pub enum SuitabilityStatus: "a suitability" {
        /// Nothing against it.
        Ok = "OK",
        /// May be ordered; the customer is told why to think twice.
        Warn = "WARN",
        /// Must not be served to this account.
        Blocked = "BLOCKED",
    }
}

/// A rule that matched, and where. Sensitive: no `Debug` of contents.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// The rule of the match.
    pub rule: Rule,
    /// Names from the outermost sub-recipe down to the ingredient.
    pub path: Vec<String>,
}

impl fmt::Debug for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Match(..)")
    }
}

/// What the customer is told beside the matches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Warning {
    /// Nobody declared what the ingredient at the end of the path contains.
    UnknownComposition {
        /// Names from the outermost sub-recipe down to the ingredient.
        path: Vec<String>,
    },
    /// It contains an ingredient the account dislikes. The match says which.
    Disliked,
}

/// The outcome with its explanation. `Debug` shows the status, the score and counts.
#[derive(Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The outcome of the evaluation.
    pub status: SuitabilityStatus,
    /// -100 to 100; see the module.
    pub score: i32,
    /// Every match, sorted by rule and path.
    pub matches: BTreeSet<Match>,
    /// Every warning, sorted.
    pub warnings: BTreeSet<Warning>,
}

impl Evaluation {
    /// The lowest score, that of everything blocked.
    pub const LOWEST: i32 = -100;
    /// The highest score.
    pub const HIGHEST: i32 = 100;

    /// The matches of one kind.
    pub fn of_kind(&self, kind: RuleKind) -> impl Iterator<Item = &Match> {
        self.matches.iter().filter(move |found| found.rule.kind() == kind)
    }

    /// Whether it must not be served.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.status == SuitabilityStatus::Blocked
    }
}

impl fmt::Debug for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evaluation")
            .field("status", &self.status)
            .field("score", &self.score)
            .field("matches", &self.matches.len())
            .field("warnings", &self.warnings.len())
            .finish()
    }
}

/// Evaluates a dish, a side, or both together.
#[must_use]
pub fn evaluate(rules: &RuleSet, subject: &Subject) -> Evaluation {
    let mut matches = BTreeSet::new();
    let mut warnings = BTreeSet::new();
    for ingredient in subject.iter() {
        for rule in rules.iter().filter(|rule| applies(rule, ingredient)) {
            matches.insert(Match { rule: rule.clone(), path: ingredient.path.clone() });
            if rule.kind() == RuleKind::Dislike {
                warnings.insert(Warning::Disliked);
            }
        }
        if ingredient.allergens.is_none() {
            warnings.insert(Warning::UnknownComposition { path: ingredient.path.clone() });
        }
    }
    let unknown = subject.iter().any(|ingredient| ingredient.allergens.is_none());
    let blocked = matches.iter().any(|found| found.rule.kind().blocks())
        || (unknown && rules.count(RuleKind::Allergen) > 0);
    let status = if blocked {
        SuitabilityStatus::Blocked
    } else if warnings.is_empty() {
        SuitabilityStatus::Ok
    } else {
        SuitabilityStatus::Warn
    };
    Evaluation { status, score: score(blocked, unknown, &matches), matches, warnings }
}

fn applies(rule: &Rule, ingredient: &SubjectIngredient) -> bool {
    match rule.target() {
        RuleTarget::Allergen(avoided) => {
            ingredient.allergens.iter().flatten().any(|declared| avoided.is_triggered_by(*declared))
        }
        RuleTarget::Ingredient(key) => *key == ingredient.key,
    }
}

fn score(blocked: bool, unknown: bool, matches: &BTreeSet<Match>) -> i32 {
    if blocked {
        return Evaluation::LOWEST;
    }
    let distinct = |kind| {
        let rules: BTreeSet<&Rule> =
            matches.iter().map(|found| &found.rule).filter(|rule| rule.kind() == kind).collect();
        // At most 150 rules, so this is never the fallback.
        i32::try_from(rules.len()).unwrap_or(i32::MAX / 100)
    };
    let sum = 25 * distinct(RuleKind::Like)
        - 30 * distinct(RuleKind::Dislike)
        - if unknown { 10 } else { 0 };
    sum.clamp(Evaluation::LOWEST + 1, Evaluation::HIGHEST)
}

#[cfg(test)]
mod tests {
    use bk_kitchen_catalogue::{Allergen, IngredientKey};
    use proptest::prelude::*;

    use super::*;

    fn key(name: &str) -> IngredientKey {
        IngredientKey::normalise(name).unwrap()
    }

    fn part(name: &str, allergens: Option<&[Allergen]>) -> SubjectIngredient {
        SubjectIngredient {
            key: key(name),
            path: vec!["Sauce".to_owned(), name.to_owned()],
            allergens: allergens.map(|list| list.iter().copied().collect()),
        }
    }

    fn rules(list: &[Rule]) -> RuleSet {
        RuleSet::new(list.to_vec()).unwrap()
    }

    #[test]
    fn an_allergen_blocks_and_the_match_shows_the_path() {
        let dish = Subject::new([part("Flour", Some(&[Allergen::Barley]))]);
        let outcome = evaluate(&rules(&[Rule::allergen(Allergen::Gluten)]), &dish);
        assert_eq!((outcome.status, outcome.score), (SuitabilityStatus::Blocked, -100));
        let found = outcome.of_kind(RuleKind::Allergen).next().unwrap();
        assert_eq!(found.path, ["Sauce", "Flour"]);
    }

    #[test]
    fn coconut_milk_is_not_milk_and_eggplant_is_not_egg() {
        let dish = Subject::new([part("Coconut milk", Some(&[])), part("Eggplant", Some(&[]))]);
        let milk = rules(&[
            Rule::allergen(Allergen::Milk),
            Rule::exclusion(key("milk")),
            Rule::exclusion(key("egg")),
        ]);
        assert_eq!(evaluate(&milk, &dish).status, SuitabilityStatus::Ok);
    }

    #[test]
    fn unknown_composition_warns_and_blocks_whoever_lists_an_allergen() {
        let dish = Subject::new([part("Spice mix", None)]);
        let plain = evaluate(&RuleSet::default(), &dish);
        assert_eq!((plain.status, plain.score), (SuitabilityStatus::Warn, -10));
        assert_eq!(plain.warnings.len(), 1);
        let excluding = evaluate(&rules(&[Rule::exclusion(key("pork"))]), &dish);
        assert_eq!(excluding.status, SuitabilityStatus::Warn);
        let allergic = evaluate(&rules(&[Rule::allergen(Allergen::Fish)]), &dish);
        assert_eq!((allergic.status, allergic.score), (SuitabilityStatus::Blocked, -100));
    }

    #[test]
    fn likes_and_dislikes_move_the_score_once_per_ingredient() {
        let twice = part("Kale", Some(&[]));
        let mut again = twice.clone();
        again.path = vec!["Kale".to_owned()];
        let dish = Subject::new([twice, again, part("Beet", Some(&[]))]);
        let liked = evaluate(&rules(&[Rule::like(key("kale"))]), &dish);
        assert_eq!((liked.status, liked.score), (SuitabilityStatus::Ok, 25));
        assert_eq!(liked.matches.len(), 2);
        let mixed = rules(&[Rule::like(key("kale")), Rule::dislike(key("beet"))]);
        let mixed = evaluate(&mixed, &dish);
        assert_eq!((mixed.status, mixed.score), (SuitabilityStatus::Warn, -5));
        assert!(mixed.warnings.contains(&Warning::Disliked));
    }

    #[test]
    fn an_exclusion_outweighs_any_number_of_likes() {
        let dish = Subject::new([part("Kale", Some(&[])), part("Pork", Some(&[]))]);
        let both = rules(&[Rule::like(key("kale")), Rule::exclusion(key("pork"))]);
        assert!(evaluate(&both, &dish).is_blocked());
    }

    #[test]
    fn debug_output_of_an_outcome_holds_no_contents() {
        let dish = Subject::new([part("Peanuts", Some(&[Allergen::Peanut]))]);
        let outcome = evaluate(&rules(&[Rule::allergen(Allergen::Peanut)]), &dish);
        let text = format!("{outcome:?} {:?}", outcome.matches);
        assert!(!text.to_lowercase().contains("peanut"), "{text}");
    }

    fn any_rule() -> impl Strategy<Value = Rule> {
        let names = proptest::sample::select(vec!["kale", "beet", "pork", "rice", "tofu"]);
        (0usize..4, names, proptest::sample::select(Allergen::ALL)).prop_map(
            |(kind, name, allergen)| match kind {
                0 => Rule::allergen(allergen),
                1 => Rule::exclusion(key(name)),
                2 => Rule::dislike(key(name)),
                _ => Rule::like(key(name)),
            },
        )
    }

    proptest! {
        #[test]
        fn outcomes_are_bounded_consistent_and_free_of_order(
            list in proptest::collection::btree_set(any_rule(), 0..20),
            parts in proptest::collection::vec((proptest::sample::select(vec!["kale", "beet", "pork", "salt"]), proptest::option::of(proptest::sample::select(Allergen::ALL))), 0..8),
        ) {
            let forward: Vec<Rule> = list.iter().cloned().collect();
            let backward: Vec<Rule> = list.iter().rev().cloned().collect();
            let parts: Vec<_> = parts.into_iter().map(|(name, a)| part(name, a.as_ref().map(std::slice::from_ref))).collect();
            let one = evaluate(&rules(&forward), &Subject::new(parts.clone()));
            let two = evaluate(&rules(&backward), &Subject::new(parts.into_iter().rev()));
            prop_assert_eq!(&one, &two);
            prop_assert!((-100..=100).contains(&one.score));
            prop_assert_eq!(one.is_blocked(), one.score == -100);
            let blocking = one.matches.iter().any(|m| m.rule.kind().blocks());
            prop_assert!(!blocking || one.is_blocked());
        }
    }
}
