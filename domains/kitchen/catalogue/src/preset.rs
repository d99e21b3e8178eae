//! Presets: layouts of sides with the share of meals each gets (docs/product.md, section 6).
//!
//! Invariants: layouts are in order of position, shares are whole percentages from 0 to 100 and sum
//! to exactly 100, every layout has at least one component.

use std::collections::BTreeSet;

use bk_kernel::ComponentId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::SideKind;

/// Why a preset or a list of shares was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PresetError {
    /// There is no layout, or more than [`Preset::MAX_LAYOUTS`].
    #[error("a preset has 1 to {} layouts", Preset::MAX_LAYOUTS)]
    LayoutCount,
    /// A share is outside 0 to 100.
    #[error("a share is a whole percentage from 0 to 100")]
    Share {
        /// The layout, from 0.
        index: usize,
    },
    /// The shares do not sum to 100.
    #[error("the shares sum to {sum}, not to 100")]
    Sum {
        /// What they sum to.
        sum: i64,
    },
    /// Two layouts have the same position.
    #[error("two layouts have the same position")]
    Position {
        /// The position that both have.
        position: u16,
    },
    /// A layout names no component at all.
    #[error("a layout names at least one component")]
    EmptyLayout {
        /// The layout, from 0.
        index: usize,
    },
}

/// Whole percentages that sum to 100, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares(Vec<i64>);

impl Shares {
    /// Checks the range of each and the sum of all.
    pub fn new(percentages: &[i32]) -> Result<Self, PresetError> {
        if percentages.is_empty() || percentages.len() > Preset::MAX_LAYOUTS {
            return Err(PresetError::LayoutCount);
        }
        if let Some(index) = percentages.iter().position(|share| !(0..=100).contains(share)) {
            return Err(PresetError::Share { index });
        }
        let shares: Vec<i64> = percentages.iter().copied().map(i64::from).collect();
        let sum = shares.iter().sum();
        if sum == 100 { Ok(Self(shares)) } else { Err(PresetError::Sum { sum }) }
    }

    /// The percentages, in the order of the layouts.
    #[must_use]
    pub fn as_slice(&self) -> &[i64] {
        &self.0
    }
}

/// One layout of sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Its place in the preset; ties go to the earlier one.
    pub position: u16,
    /// What fills the vegetable slot.
    pub vegetables: BTreeSet<ComponentId>,
    /// What fills the carbohydrate slot.
    pub carbohydrates: BTreeSet<ComponentId>,
    /// Its share of the configurable meals, in whole percent.
    pub percent: i32,
}

impl Layout {
    /// The components of a slot.
    #[must_use]
    pub const fn slot(&self, kind: SideKind) -> &BTreeSet<ComponentId> {
        match kind {
            SideKind::Vegetable => &self.vegetables,
            SideKind::Carbohydrate => &self.carbohydrates,
        }
    }
}

/// Validated layouts by position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Layout>", into = "Vec<Layout>")]
pub struct Preset {
    layouts: Vec<Layout>,
    // Kept beside the layouts so that having a preset is having valid shares.
    shares: Shares,
}

impl Preset {
    /// Most layouts of one preset.
    pub const MAX_LAYOUTS: usize = 20;

    /// A preset of these layouts, given in any order.
    pub fn new(mut layouts: Vec<Layout>) -> Result<Self, PresetError> {
        layouts.sort_by_key(|layout| layout.position);
        for pair in layouts.windows(2) {
            if let [a, b] = pair
                && a.position == b.position
            {
                return Err(PresetError::Position { position: a.position });
            }
        }
        let empty =
            |layout: &Layout| layout.vegetables.is_empty() && layout.carbohydrates.is_empty();
        if let Some(index) = layouts.iter().position(empty) {
            return Err(PresetError::EmptyLayout { index });
        }
        let percentages: Vec<_> = layouts.iter().map(|layout| layout.percent).collect();
        let shares = Shares::new(&percentages)?;
        Ok(Self { layouts, shares })
    }

    /// The layouts, by position.
    #[must_use]
    pub fn layouts(&self) -> &[Layout] {
        &self.layouts
    }

    /// Their shares, in the same order.
    #[must_use]
    pub const fn shares(&self) -> &Shares {
        &self.shares
    }
}

impl TryFrom<Vec<Layout>> for Preset {
    type Error = PresetError;

    fn try_from(layouts: Vec<Layout>) -> Result<Self, Self::Error> {
        Self::new(layouts)
    }
}

impl From<Preset> for Vec<Layout> {
    fn from(preset: Preset) -> Self {
        preset.layouts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(position: u16, percent: i32) -> Layout {
        Layout {
            position,
            vegetables: BTreeSet::from([ComponentId::new()]),
            carbohydrates: BTreeSet::new(),
            percent,
        }
    }

    #[test]
    fn shares_sum_to_exactly_one_hundred() {
        assert!(Shares::new(&[40, 35, 25]).is_ok());
        assert_eq!(Shares::new(&[50, 49]), Err(PresetError::Sum { sum: 99 }));
        assert_eq!(Shares::new(&[50, 51]), Err(PresetError::Sum { sum: 101 }));
        assert_eq!(Shares::new(&[110, -10]), Err(PresetError::Share { index: 0 }));
        assert_eq!(Shares::new(&[100, -1, 1]), Err(PresetError::Share { index: 1 }));
        assert_eq!(Shares::new(&[]), Err(PresetError::LayoutCount));
    }

    #[test]
    fn layouts_are_ordered_by_position_whatever_order_they_come_in() {
        let (a, b) = (layout(0, 60), layout(1, 40));
        let preset = Preset::new(vec![b.clone(), a.clone()]).unwrap();
        assert_eq!(preset.layouts(), [a.clone(), b]);
        assert_eq!(preset.shares().as_slice(), [60, 40]);
        let error = Preset::new(vec![a.clone(), layout(0, 40)]);
        assert_eq!(error, Err(PresetError::Position { position: 0 }));
        let bare = Layout { vegetables: BTreeSet::new(), ..layout(1, 40) };
        assert_eq!(Preset::new(vec![a, bare]), Err(PresetError::EmptyLayout { index: 1 }));
    }
}
