//! Turning a preset into sides for the meals of an order (docs/product.md, section 6).
//!
//! Invariants: counts sum to the configurable meals and each is within one of its quota; layouts are
//! distributed in line order, then layout order; integers only; the same input gives the same bytes. A
//! side above the account's tier is replaced by the stand-in of its kind, with a note; a side that the
//! account must not have fails the whole allocation and is named.

use std::collections::{BTreeMap, BTreeSet};

use bk_kernel::{ComponentId, DishId};
use bk_kitchen_catalogue::{
    Side, SideKind,
    preset::{Layout, Preset, Shares},
};
use bk_kitchen_core::{MealSize, Tier};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::lines::OrderLines;

/// Splits `meals` by whole percentages with the largest-remainder method; equal remainders go to the
/// earlier layout. The result has one count per share and sums to `meals` (below zero counts as zero).
fn largest_remainder(meals: i32, shares: &Shares) -> Vec<i32> {
    let meals = i64::from(meals.max(0));
    let mut counts: Vec<i64> = shares.as_slice().iter().map(|share| meals * share / 100).collect();
    let left = meals - counts.iter().sum::<i64>();
    let mut order: Vec<(usize, i64)> =
        shares.as_slice().iter().map(|share| meals * share % 100).enumerate().collect();
    // A stable sort keeps the earlier of two equal remainders first.
    order.sort_by_key(|(_, remainder)| std::cmp::Reverse(*remainder));
    for ((index, _), _) in order.iter().zip(0..left) {
        if let Some(count) = counts.get_mut(*index) {
            *count += 1;
        }
    }
    // Every count is at most `meals`, which came from an i32.
    counts.into_iter().map(|count| i32::try_from(count).unwrap_or(i32::MAX)).collect()
}

/// The sides the kitchen has and what may go to this account.
#[derive(Debug, Clone, Default)]
pub struct AvailableSides {
    /// Every side that a layout may name.
    pub sides: BTreeMap<ComponentId, Side>,
    /// The stand-in of each kind: what replaces a side above the account's tier.
    pub stand_ins: BTreeMap<SideKind, ComponentId>,
    /// The account's ingredient tier.
    pub tier: Tier,
    /// Sides that an allergen or exclusion rule of the account forbids.
    pub blocked: BTreeSet<ComponentId>,
}

/// Why a preset cannot be resolved for an account.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AllocationError {
    /// An allergen or an exclusion forbids the side.
    #[error("{name} is excluded by a preference of this account")]
    Blocked {
        /// The side that is forbidden.
        side_id: ComponentId,
        /// The name of the side, for the reply.
        name: String,
    },
    /// The layout names a side that the kitchen no longer has.
    #[error("a side of the preset is no longer offered")]
    NotAvailable {
        /// The side that is missing.
        side_id: ComponentId,
    },
    /// The side is of another kind than the layout says.
    #[error("{name} is not a {kind} side")]
    WrongKind {
        /// The side in question.
        side_id: ComponentId,
        /// The name of the side.
        name: String,
        /// The kind that the layout says.
        kind: SideKind,
    },
    /// A replacement is needed and the kind has no stand-in within the tier.
    #[error("there is no base side for the {kind} slot")]
    NoStandIn {
        /// The kind that lacks one.
        kind: SideKind,
    },
}

/// The sides of a meal, as served.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sides {
    /// Vegetable sides.
    pub vegetables: BTreeSet<ComponentId>,
    /// Carbohydrate sides.
    pub carbohydrates: BTreeSet<ComponentId>,
}

impl Sides {
    /// No sides: a dish whose side is fixed.
    pub const NONE: Self = Self { vegetables: BTreeSet::new(), carbohydrates: BTreeSet::new() };

    /// The sides of both kinds, vegetables first.
    pub fn ids(&self) -> impl Iterator<Item = ComponentId> {
        self.vegetables.iter().chain(&self.carbohydrates).copied()
    }
}

/// Some meals of a line that get the same sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// Position of the layout they were assigned; `None` for a dish with a fixed side.
    pub layout: Option<u16>,
    /// The sides they get.
    pub sides: Sides,
    /// How many meals, more than zero.
    pub meals: i32,
}

/// One line with the sides of its meals; the portions sum to the quantity of the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAllocation {
    /// Position of the line in the order.
    pub position: u16,
    /// The id of the dish.
    pub dish_id: DishId,
    /// The size of each meal.
    pub size: MealSize,
    /// The portions, in layout order.
    pub portions: Vec<Portion>,
}

/// A side was replaced because the account's tier does not include it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Replacement {
    /// Position of the layout.
    pub layout: u16,
    /// The kind of both sides.
    pub kind: SideKind,
    /// The side that the layout names.
    #[serde(rename = "component_id")]
    pub side_id: ComponentId,
    /// The side that is served.
    pub replaced_by: ComponentId,
}

/// What an order's meals get, as it is stored at confirm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The lines, by position.
    pub lines: Vec<LineAllocation>,
    /// The replacements, by layout.
    pub replacements: Vec<Replacement>,
}

impl Allocation {
    /// An allocation in which every meal has the side of its recipe: no preset, or nothing to choose.
    #[must_use]
    pub fn fixed(lines: &OrderLines) -> Self {
        let lines = lines.iter().map(|line| LineAllocation {
            position: line.position,
            dish_id: line.dish_id,
            size: line.size,
            portions: vec![Portion { layout: None, sides: Sides::NONE, meals: line.quantity }],
        });
        Self { lines: lines.collect(), replacements: Vec::new() }
    }

    /// How many meals it is for.
    #[must_use]
    pub fn meals(&self) -> i32 {
        self.lines.iter().flat_map(|line| &line.portions).map(|portion| portion.meals).sum()
    }
}

/// Distributes the layouts of a preset over an order. `configurable` holds the dishes whose sides can
/// be chosen; the others keep their fixed side. Layouts that no meal falls to are not looked at, so a
/// side that would not be served blocks nothing. Fails when a side is forbidden, missing or of the
/// wrong kind, and when a stand-in is needed and there is none.
pub fn allocate(
    lines: &OrderLines,
    configurable: &BTreeSet<DishId>,
    preset: &Preset,
    available: &AvailableSides,
) -> Result<Allocation, AllocationError> {
    let meals = lines
        .iter()
        .filter(|line| configurable.contains(&line.dish_id))
        .map(|line| line.quantity)
        .sum();
    let mut replacements = Vec::new();
    let mut portions = Vec::new();
    for (layout, count) in preset.layouts().iter().zip(largest_remainder(meals, preset.shares())) {
        if count > 0 {
            portions.push(Portion {
                layout: Some(layout.position),
                sides: sides_of(layout, available, &mut replacements)?,
                meals: count,
            });
        }
    }
    let mut later = portions.into_iter();
    let mut current = later.next();
    let mut allocation = Allocation::fixed(lines);
    for line in &mut allocation.lines {
        if configurable.contains(&line.dish_id) {
            let quantity = line.portions.iter().map(|portion| portion.meals).sum();
            line.portions = distribute(quantity, &mut current, &mut later);
        }
    }
    allocation.replacements = replacements;
    Ok(allocation)
}

/// Gives a line `meals` from the current portion and then from later ones. Together they hold exactly
/// the configurable meals, so they do not run out before the lines do.
fn distribute(
    mut meals: i32,
    current: &mut Option<Portion>,
    later: &mut impl Iterator<Item = Portion>,
) -> Vec<Portion> {
    let mut portions = Vec::new();
    while meals > 0
        && let Some(portion) = current.as_mut()
    {
        let given = portion.meals.min(meals);
        portions.push(Portion { meals: given, ..portion.clone() });
        portion.meals -= given;
        meals -= given;
        if portion.meals == 0 {
            *current = later.next();
        }
    }
    portions
}

/// The sides that a layout puts on the plate of this account.
fn sides_of(
    layout: &Layout,
    available: &AvailableSides,
    replacements: &mut Vec<Replacement>,
) -> Result<Sides, AllocationError> {
    let mut of_kind = |kind| {
        let mut served = BTreeSet::new();
        for id in layout.slot(kind) {
            let side = find_side(*id, kind, available)?;
            if side.tier <= available.tier {
                served.insert(side.id);
                continue;
            }
            let stand_in = stand_in_of(kind, available)?;
            replacements.push(Replacement {
                layout: layout.position,
                kind,
                side_id: side.id,
                replaced_by: stand_in.id,
            });
            served.insert(stand_in.id);
        }
        refuse_blocked(&served, available)?;
        Ok(served)
    };
    Ok(Sides {
        vegetables: of_kind(SideKind::Vegetable)?,
        carbohydrates: of_kind(SideKind::Carbohydrate)?,
    })
}

fn find_side(
    id: ComponentId,
    kind: SideKind,
    available: &AvailableSides,
) -> Result<&Side, AllocationError> {
    let side = available.sides.get(&id).ok_or(AllocationError::NotAvailable { side_id: id })?;
    if side.kind == kind {
        Ok(side)
    } else {
        Err(AllocationError::WrongKind { side_id: id, name: side.name.clone(), kind })
    }
}

fn stand_in_of(kind: SideKind, available: &AvailableSides) -> Result<&Side, AllocationError> {
    let id = available.stand_ins.get(&kind).ok_or(AllocationError::NoStandIn { kind })?;
    let side = find_side(*id, kind, available)?;
    if side.tier <= available.tier { Ok(side) } else { Err(AllocationError::NoStandIn { kind }) }
}

/// Checked on what is served, after replacement: a stand-in can be forbidden too.
fn refuse_blocked(
    served: &BTreeSet<ComponentId>,
    available: &AvailableSides,
) -> Result<(), AllocationError> {
    let Some(id) = served.intersection(&available.blocked).next() else { return Ok(()) };
    let name = available.sides.get(id).map_or_else(String::new, |side| side.name.clone());
    Err(AllocationError::Blocked { side_id: *id, name })
}

#[cfg(test)]
#[path = "allocation_tests.rs"]
mod tests;
