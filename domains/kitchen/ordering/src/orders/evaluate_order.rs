//! What an order comes to for an account: which dishes and sides it may have, and which sides its
//! meals get. Pure: the same catalogue, rules and lines always give the same answer.

use std::collections::BTreeSet;

use bk_kernel::{ComponentId, DishId, PresetId};
use bk_kitchen_accounts::preferences::{Evaluation, RuleSet, evaluate};
use bk_kitchen_catalogue::snapshot::{CataloguePreset, CatalogueSnapshot};
use bk_kitchen_core::Tier;

use super::{
    allocation::{Allocation, AllocationError, AvailableSides, allocate},
    lines::{OrderLine, OrderLines},
};

/// How each ordered dish fares by the account's rules; a dish that the catalogue does not have, or
/// not in this size, is left out.
pub(super) fn evaluate_lines<'a>(
    lines: &'a OrderLines,
    rules: &RuleSet,
    snapshot: &CatalogueSnapshot,
) -> Vec<(&'a OrderLine, Evaluation)> {
    lines
        .iter()
        .filter_map(|line| {
            let dish = snapshot.dishes.get(&line.dish_id)?;
            let serving = dish.computed.servings.get(&line.size)?;
            Some((line, evaluate(rules, &serving.subject)))
        })
        .collect()
}

/// Whether the catalogue has a recipe of the dish in the size.
pub(super) fn is_cooked(line: &OrderLine, snapshot: &CatalogueSnapshot) -> bool {
    snapshot
        .dishes
        .get(&line.dish_id)
        .is_some_and(|dish| dish.computed.servings.contains_key(&line.size))
}

/// Assigns sides to the meals of the order by the account's preset, and says which preset that is.
/// Fails when the preset cannot be served to the account.
pub(super) fn assign_sides(
    lines: &OrderLines,
    requested: Option<PresetId>,
    tier: Tier,
    rules: &RuleSet,
    snapshot: &CatalogueSnapshot,
) -> Result<(Option<PresetId>, Allocation), AllocationError> {
    let configurable: BTreeSet<DishId> = lines
        .iter()
        .map(|line| line.dish_id)
        .filter(|dish| snapshot.dishes.get(dish).is_some_and(|dish| dish.dish.configurable))
        .collect();
    let preset = preset_of(requested, snapshot).filter(|_| !configurable.is_empty());
    let Some((id, preset)) = preset else {
        return Ok((None, Allocation::fixed(lines)));
    };
    let available = AvailableSides {
        sides: snapshot.active_sides(),
        stand_ins: snapshot.bases.clone(),
        tier,
        blocked: blocked_sides(rules, snapshot),
    };
    Ok((Some(id), allocate(lines, &configurable, &preset.preset, &available)?))
}

/// The account's preset, or the kitchen's first by key when the account has none or it is gone.
fn preset_of(
    requested: Option<PresetId>,
    snapshot: &CatalogueSnapshot,
) -> Option<(PresetId, &CataloguePreset)> {
    let own = requested.and_then(|id| Some((id, snapshot.presets.get(&id)?)));
    own.filter(|(_, preset)| preset.active).or_else(|| {
        let active = snapshot.presets.iter().filter(|(_, preset)| preset.active);
        active.min_by(|a, b| a.1.entry.key.cmp(&b.1.entry.key)).map(|(id, preset)| (*id, preset))
    })
}

fn blocked_sides(rules: &RuleSet, snapshot: &CatalogueSnapshot) -> BTreeSet<ComponentId> {
    if rules.is_empty() {
        return BTreeSet::new();
    }
    snapshot
        .sides
        .iter()
        .filter(|(_, side)| evaluate(rules, &side.computed.subject).is_blocked())
        .map(|(id, _)| *id)
        .collect()
}
