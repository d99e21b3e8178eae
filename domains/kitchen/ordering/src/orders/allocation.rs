//! Turning a preset into sides for the meals of an order (product page, section 6).
//!
//! Invariants: counts sum to the configurable meals and each is within one of its quota; meals are
//! dealt in line order, then layout order; integers only; the same input gives the same bytes. A
//! component above the account's tier becomes the slot's base component, with a note; a component
//! the account must not have fails the whole allocation and is named.

use std::collections::{BTreeMap, BTreeSet};

use bk_kernel::{ComponentId, DishId};
use bk_kitchen_catalogue::{
    Component, ComponentKind,
    preset::{Layout, Preset, Shares},
};
use bk_kitchen_core::{MealSize, Tier};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::lines::OrderLines;

/// Splits `meals` by whole percentages with the largest-remainder method; equal remainders go to the
/// earlier layout. The result has one count per share and sums to `meals` (below zero counts as zero).
#[must_use]
pub fn largest_remainder(meals: i32, shares: &Shares) -> Vec<i32> {
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

/// The sides the kitchen offers and what may go to this account.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// Every component that a layout may name.
    pub components: BTreeMap<ComponentId, Component>,
    /// The base component of each slot: what replaces a component above the account's tier.
    pub bases: BTreeMap<ComponentKind, ComponentId>,
    /// The account's ingredient tier.
    pub tier: Tier,
    /// Components that an allergen or exclusion rule of the account forbids.
    pub blocked: BTreeSet<ComponentId>,
}

/// Why a preset cannot be resolved for an account.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AllocationError {
    /// An allergen or an exclusion forbids the component.
    #[error("{name} is excluded by a preference of this account")]
    Blocked {
        /// Which.
        component_id: ComponentId,
        /// Its name, for the reply.
        name: String,
    },
    /// The layout names a component that is not offered.
    #[error("a side of the preset is no longer offered")]
    NotOffered {
        /// Which.
        component_id: ComponentId,
    },
    /// The component does not belong in the slot it stands in.
    #[error("{name} is not a {kind} side")]
    WrongSlot {
        /// Which.
        component_id: ComponentId,
        /// Its name.
        name: String,
        /// The slot it stands in.
        kind: ComponentKind,
    },
    /// A replacement is needed and the slot has no base component within the tier.
    #[error("there is no base side for the {kind} slot")]
    NoBase {
        /// Which slot.
        kind: ComponentKind,
    },
}

/// The sides of a meal, as served.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sides {
    /// The vegetable slot.
    pub vegetables: BTreeSet<ComponentId>,
    /// The carbohydrate slot.
    pub carbohydrates: BTreeSet<ComponentId>,
}

impl Sides {
    /// No sides: a dish whose side is fixed.
    pub const NONE: Self = Self { vegetables: BTreeSet::new(), carbohydrates: BTreeSet::new() };

    /// The components of both slots, vegetables first.
    pub fn components(&self) -> impl Iterator<Item = ComponentId> {
        self.vegetables.iter().chain(&self.carbohydrates).copied()
    }
}

/// Some meals of a line that get the same sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// Position of the layout they were dealt; `None` for a dish with a fixed side.
    pub layout: Option<u16>,
    /// What they get.
    pub sides: Sides,
    /// How many meals, more than zero.
    pub meals: i32,
}

/// One line with its meals dealt; the portions sum to the quantity of the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAllocation {
    /// Position of the line in the order.
    pub position: u16,
    /// The dish.
    pub dish_id: DishId,
    /// The size.
    pub size: MealSize,
    /// The portions, in layout order.
    pub portions: Vec<Portion>,
}

/// A component was replaced because the account's tier does not include it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Replacement {
    /// Position of the layout.
    pub layout: u16,
    /// The slot.
    pub kind: ComponentKind,
    /// What the layout names.
    pub component_id: ComponentId,
    /// What is served.
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

    /// Meals dealt.
    #[must_use]
    pub fn meals(&self) -> i32 {
        self.lines.iter().flat_map(|line| &line.portions).map(|portion| portion.meals).sum()
    }
}

/// Deals a preset over an order. `configurable` holds the dishes whose sides can be chosen; the others
/// keep their fixed side. Layouts that no meal falls to are not looked at, so a component that nobody
/// would be served blocks nothing.
pub fn allocate(
    lines: &OrderLines,
    configurable: &BTreeSet<DishId>,
    preset: &Preset,
    offer: &Offer,
) -> Result<Allocation, AllocationError> {
    let meals = lines
        .iter()
        .filter(|line| configurable.contains(&line.dish_id))
        .map(|line| line.quantity)
        .sum();
    let mut replacements = Vec::new();
    let mut deck = Vec::new();
    for (layout, count) in preset.layouts().iter().zip(largest_remainder(meals, preset.shares())) {
        if count > 0 {
            deck.push(Portion {
                layout: Some(layout.position),
                sides: serve(layout, offer, &mut replacements)?,
                meals: count,
            });
        }
    }
    let mut deck = deck.into_iter();
    let mut top = deck.next();
    let mut dealt = Allocation::fixed(lines);
    for line in &mut dealt.lines {
        if configurable.contains(&line.dish_id) {
            let quantity = line.portions.iter().map(|portion| portion.meals).sum();
            line.portions = deal(quantity, &mut top, &mut deck);
        }
    }
    dealt.replacements = replacements;
    Ok(dealt)
}

/// Takes `meals` from the top of the deck. The deck holds exactly the configurable meals, so it does
/// not run out before the lines do.
fn deal(
    mut meals: i32,
    top: &mut Option<Portion>,
    deck: &mut impl Iterator<Item = Portion>,
) -> Vec<Portion> {
    let mut portions = Vec::new();
    while meals > 0
        && let Some(portion) = top.as_mut()
    {
        let taken = portion.meals.min(meals);
        portions.push(Portion { meals: taken, ..portion.clone() });
        portion.meals -= taken;
        meals -= taken;
        if portion.meals == 0 {
            *top = deck.next();
        }
    }
    portions
}

/// What a layout puts on the plate of this account.
fn serve(
    layout: &Layout,
    offer: &Offer,
    replacements: &mut Vec<Replacement>,
) -> Result<Sides, AllocationError> {
    let mut slot = |kind| {
        let mut served = BTreeSet::new();
        for id in layout.slot(kind) {
            let component = offered(*id, kind, offer)?;
            if component.tier <= offer.tier {
                served.insert(component.id);
                continue;
            }
            let base = base_of(kind, offer)?;
            replacements.push(Replacement {
                layout: layout.position,
                kind,
                component_id: component.id,
                replaced_by: base.id,
            });
            served.insert(base.id);
        }
        refuse_blocked(&served, offer)?;
        Ok(served)
    };
    Ok(Sides {
        vegetables: slot(ComponentKind::Vegetable)?,
        carbohydrates: slot(ComponentKind::Carbohydrate)?,
    })
}

fn offered(
    id: ComponentId,
    kind: ComponentKind,
    offer: &Offer,
) -> Result<&Component, AllocationError> {
    let component =
        offer.components.get(&id).ok_or(AllocationError::NotOffered { component_id: id })?;
    if component.kind == kind {
        Ok(component)
    } else {
        let name = component.name.clone();
        Err(AllocationError::WrongSlot { component_id: id, name, kind })
    }
}

fn base_of(kind: ComponentKind, offer: &Offer) -> Result<&Component, AllocationError> {
    let id = offer.bases.get(&kind).ok_or(AllocationError::NoBase { kind })?;
    let base = offered(*id, kind, offer)?;
    if base.tier <= offer.tier { Ok(base) } else { Err(AllocationError::NoBase { kind }) }
}

/// Checked on what is served, after replacement: a base component can be forbidden too.
fn refuse_blocked(served: &BTreeSet<ComponentId>, offer: &Offer) -> Result<(), AllocationError> {
    let Some(id) = served.intersection(&offer.blocked).next() else { return Ok(()) };
    let name =
        offer.components.get(id).map_or_else(String::new, |component| component.name.clone());
    Err(AllocationError::Blocked { component_id: *id, name })
}

#[cfg(test)]
#[path = "allocation_tests.rs"]
mod tests;
