//! What an order comes to for an account: which dishes and sides it may have, and what its meals are
//! dealt. Pure: the same catalogue, rules and lines always give the same answer.

use std::collections::BTreeSet;

use bk_kernel::{ComponentId, DishId, PresetId};
use bk_kitchen_accounts::preferences::{Evaluation, RuleSet, evaluate};
use bk_kitchen_catalogue::book::{BookPreset, CatalogueBook};
use bk_kitchen_core::Tier;

use super::{
    allocation::{Allocation, AllocationError, Offer, allocate},
    lines::{OrderLine, OrderLines},
};

/// How each ordered dish fares by the account's rules; a dish that the catalogue does not have, or
/// not in this size, is left out.
#[must_use]
pub fn evaluate_lines<'a>(
    lines: &'a OrderLines,
    rules: &RuleSet,
    book: &CatalogueBook,
) -> Vec<(&'a OrderLine, Evaluation)> {
    lines
        .iter()
        .filter_map(|line| {
            let dish = book.dishes.get(&line.dish_id)?;
            let serving = dish.computed.servings.get(&line.size)?;
            Some((line, evaluate(rules, &serving.subject)))
        })
        .collect()
}

/// Whether the catalogue has a recipe of the dish in the size.
#[must_use]
pub fn is_cooked(line: &OrderLine, book: &CatalogueBook) -> bool {
    book.dishes
        .get(&line.dish_id)
        .is_some_and(|dish| dish.computed.servings.contains_key(&line.size))
}

/// What the meals of the order are dealt with the account's preset, and which preset that is.
pub fn deal(
    lines: &OrderLines,
    wished: Option<PresetId>,
    tier: Tier,
    rules: &RuleSet,
    book: &CatalogueBook,
) -> Result<(Option<PresetId>, Allocation), AllocationError> {
    let configurable: BTreeSet<DishId> = lines
        .iter()
        .map(|line| line.dish_id)
        .filter(|dish| book.dishes.get(dish).is_some_and(|dish| dish.dish.configurable))
        .collect();
    let Some((id, preset)) = preset_of(wished, book).filter(|_| !configurable.is_empty()) else {
        return Ok((None, Allocation::fixed(lines)));
    };
    let offer = Offer {
        components: book.offered_components(),
        bases: book.bases.clone(),
        tier,
        blocked: blocked_components(rules, book),
    };
    Ok((Some(id), allocate(lines, &configurable, &preset.preset, &offer)?))
}

/// The account's preset, or the kitchen's first by key when the account has none or it is gone.
fn preset_of(wished: Option<PresetId>, book: &CatalogueBook) -> Option<(PresetId, &BookPreset)> {
    let own = wished.and_then(|id| Some((id, book.presets.get(&id)?)));
    own.filter(|(_, preset)| preset.active).or_else(|| {
        let active = book.presets.iter().filter(|(_, preset)| preset.active);
        active.min_by(|a, b| a.1.entry.key.cmp(&b.1.entry.key)).map(|(id, preset)| (*id, preset))
    })
}

fn blocked_components(rules: &RuleSet, book: &CatalogueBook) -> BTreeSet<ComponentId> {
    if rules.is_empty() {
        return BTreeSet::new();
    }
    book.components
        .iter()
        .filter(|(_, side)| evaluate(rules, &side.computed.subject).is_blocked())
        .map(|(id, _)| *id)
        .collect()
}
