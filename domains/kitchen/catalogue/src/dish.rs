//! A dish as the menu offers it: category, status, shelf life and whether its sides can be chosen.
//! Its allergens are computed from its recipe ([`super::recipe`]), never typed by hand.

use bk_kernel::DishId;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

bk_kernel::string_enum! {
    /// What a dish is sold as.
    pub enum DishCategory: "a dish category" {
        /// Ketogenic, as a dish category.
        Keto = "KETO",
        /// Meat only.
        Carnivore = "CARNIVORE",
        /// Balanced, as a dish category.
        Balanced = "BALANCED",
        /// Without meat or fish.
        Vegetarian = "VEGETARIAN",
    }
}

bk_kernel::string_enum! {
    /// Whether a dish can be put on a menu.
    pub enum DishStatus: "a dish status" {
        /// Being written; not on any menu.
        Draft = "DRAFT",
        /// Can be offered.
        Active = "ACTIVE",
        /// No longer offered; kept for history.
        Retired = "RETIRED",
    }
}

impl DishStatus {
    /// Whether a menu week may offer the dish.
    #[must_use]
    pub const fn can_be_on_menu(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Whether a dish in this status may move to `next`. A retired dish may be taken up again.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Draft, Self::Active | Self::Retired)
                | (Self::Active, Self::Retired)
                | (Self::Retired, Self::Active)
        )
    }
}

/// Whole days a cooked meal may be kept, 1 to 30.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct ShelfLife(u16);

/// The number of days is outside 1 to 30.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a shelf life is 1 to {} days", ShelfLife::MAX_DAYS)]
pub struct ShelfLifeOutOfRange;

impl ShelfLife {
    /// The longest shelf life, in days.
    pub const MAX_DAYS: u16 = 30;

    /// In days.
    #[must_use]
    pub const fn days(self) -> u16 {
        self.0
    }

    /// The use-by date of a meal cooked on `produced_on`: that date plus the shelf life.
    #[must_use]
    pub fn use_by(self, produced_on: NaiveDate) -> NaiveDate {
        produced_on.checked_add_days(Days::new(u64::from(self.0))).unwrap_or(NaiveDate::MAX)
    }
}

impl TryFrom<i32> for ShelfLife {
    type Error = ShelfLifeOutOfRange;

    fn try_from(days: i32) -> Result<Self, Self::Error> {
        u16::try_from(days)
            .ok()
            .filter(|days| (1..=Self::MAX_DAYS).contains(days))
            .map(Self)
            .ok_or(ShelfLifeOutOfRange)
    }
}

impl From<ShelfLife> for i32 {
    fn from(life: ShelfLife) -> Self {
        Self::from(life.0)
    }
}

/// A dish without its recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dish {
    /// The id of the dish.
    pub id: DishId,
    /// What customers read.
    pub name: String,
    /// What it is sold as.
    pub category: DishCategory,
    /// Whether it can be offered.
    pub status: DishStatus,
    /// How long a meal keeps.
    pub shelf_life: ShelfLife,
    /// True when presets choose its sides; false when its side is fixed and part of the recipe.
    pub configurable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meal_is_used_by_the_production_date_plus_the_shelf_life() {
        let life = ShelfLife::try_from(5).unwrap();
        let produced = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
        assert_eq!(life.use_by(produced), NaiveDate::from_ymd_opt(2026, 12, 5).unwrap());
        assert!(ShelfLife::try_from(0).is_err());
        assert!(ShelfLife::try_from(31).is_err());
    }

    #[test]
    fn only_an_active_dish_can_be_on_menu() {
        let on_menu: Vec<_> = DishStatus::ALL.iter().filter(|s| s.can_be_on_menu()).collect();
        assert_eq!(on_menu, [&DishStatus::Active]);
        assert!(!DishStatus::Active.may_become(DishStatus::Draft));
    }
}
