//! The menu, its states, and what may change in each.

use std::collections::{BTreeMap, BTreeSet};

use bk_kernel::{DishId, MenuWeekId, OrderWeekId};
use chrono::{DateTime, Utc};
use thiserror::Error;

bk_kernel::string_enum! {
    /// Whether customers see it.
    pub enum MenuState: "a menu state" {
        /// Being put together.
        Draft = "DRAFT",
        /// Customers can order from it. Final.
        Published = "PUBLISHED",
    }
}

/// What a menu says of a dish: that it is on it, and how many meals there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuEntry {
    /// The id of the dish.
    pub dish_id: DishId,
    /// Most meals of it, both sizes together; none for no limit.
    pub capacity: Option<i32>,
}

/// A dish on a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuDish {
    /// Which dish, with its limit.
    pub entry: MenuEntry,
    /// The place of the dish on the menu, from 0.
    pub position: i32,
    /// Meals confirmed; counted only when there is a capacity.
    pub ordered: i32,
}

impl MenuDish {
    /// Meals that can still be ordered; none for no limit.
    #[must_use]
    pub fn left(&self) -> Option<i32> {
        self.entry.capacity.map(|capacity| (capacity - self.ordered).max(0))
    }
}

/// What is left of a dish on the published menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Availability {
    /// Meals that can still be ordered; none is no limit.
    pub left: Option<i32>,
}

/// The menu of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// The id of the menu.
    pub id: MenuWeekId,
    /// The week it is the menu of.
    pub week_id: OrderWeekId,
    /// Draft or published.
    pub state: MenuState,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// The version, for `If-Match`; 0 before it was first written.
    pub version: i64,
    /// The dishes, by position.
    pub dishes: Vec<MenuDish>,
}

/// Why dishes cannot replace those of a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MenuFault {
    /// A dish is listed twice.
    #[error("the dish stands twice")]
    Duplicate {
        /// The place of the later one, from 0.
        index: usize,
    },
    /// A published dish would go.
    #[error("a published dish stays on the menu")]
    Removed {
        /// The dish that is missing from the list.
        dish_id: DishId,
    },
    /// A published dish would get a limit, or lose it.
    #[error("whether a dish is limited is decided before it is published")]
    Limit {
        /// The place of the dish in the list, from 0.
        index: usize,
    },
    /// The capacity would be lower than what was ordered.
    #[error("{ordered} meals are ordered already")]
    BelowOrdered {
        /// The place of the dish in the list, from 0.
        index: usize,
        /// Meals ordered.
        ordered: i32,
    },
}

impl Menu {
    /// An empty draft, not yet stored.
    #[must_use]
    pub fn draft(week_id: OrderWeekId) -> Self {
        Self {
            id: MenuWeekId::new(),
            week_id,
            state: MenuState::Draft,
            published_at: None,
            version: 0,
            dishes: Vec::new(),
        }
    }

    /// Returns the dishes that replace those there are, in the given order. Fails when a dish is listed
    /// twice, and when the menu is published and the list breaks what it promised.
    pub fn replace(&self, requested: &[MenuEntry]) -> Result<Vec<MenuDish>, MenuFault> {
        let before: BTreeMap<DishId, &MenuDish> =
            self.dishes.iter().map(|dish| (dish.entry.dish_id, dish)).collect();
        let mut seen = BTreeSet::new();
        let mut after = Vec::with_capacity(requested.len());
        for (index, (position, entry)) in (0..).zip(requested).enumerate() {
            if !seen.insert(entry.dish_id) {
                return Err(MenuFault::Duplicate { index });
            }
            let was = before.get(&entry.dish_id).copied();
            if let (MenuState::Published, Some(was)) = (self.state, was) {
                check_limit(index, was, *entry)?;
            }
            let ordered = was.map_or(0, |was| was.ordered);
            after.push(MenuDish { entry: *entry, position, ordered });
        }
        if self.state == MenuState::Published
            && let Some(dish_id) = before.keys().find(|id| !seen.contains(id))
        {
            return Err(MenuFault::Removed { dish_id: *dish_id });
        }
        Ok(after)
    }
}

fn check_limit(index: usize, was: &MenuDish, requested: MenuEntry) -> Result<(), MenuFault> {
    match (was.entry.capacity, requested.capacity) {
        (None, None) => Ok(()),
        (Some(_), Some(capacity)) if capacity >= was.ordered => Ok(()),
        (Some(_), Some(_)) => Err(MenuFault::BelowOrdered { index, ordered: was.ordered }),
        (None, Some(_)) | (Some(_), None) => Err(MenuFault::Limit { index }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(dish_id: DishId, capacity: Option<i32>) -> MenuEntry {
        MenuEntry { dish_id, capacity }
    }

    fn published(dishes: &[(DishId, Option<i32>, i32)]) -> Menu {
        let dishes = (0..)
            .zip(dishes)
            .map(|(position, (id, capacity, ordered))| MenuDish {
                entry: entry(*id, *capacity),
                position,
                ordered: *ordered,
            })
            .collect();
        let state = MenuState::Published;
        Menu { state, dishes, ..Menu::draft(OrderWeekId::new()) }
    }

    #[test]
    fn a_published_menu_grows_but_never_loses_a_dish() {
        let (a, b) = (DishId::new(), DishId::new());
        let menu = published(&[(a, None, 0)]);
        let more = menu.replace(&[entry(b, Some(5)), entry(a, None)]).unwrap();
        assert_eq!(more.iter().map(|d| d.position).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(menu.replace(&[entry(b, None)]), Err(MenuFault::Removed { dish_id: a }));
    }

    #[test]
    fn a_capacity_never_falls_below_what_was_ordered() {
        let a = DishId::new();
        let menu = published(&[(a, Some(12), 8)]);
        assert_eq!(menu.replace(&[entry(a, Some(8))]).unwrap()[0].left(), Some(0));
        let error = menu.replace(&[entry(a, Some(7))]);
        assert_eq!(error, Err(MenuFault::BelowOrdered { index: 0, ordered: 8 }));
    }

    #[test]
    fn a_dish_is_limited_before_it_is_published_or_never() {
        let a = DishId::new();
        let unlimited = published(&[(a, None, 0)]);
        assert_eq!(unlimited.replace(&[entry(a, Some(9))]), Err(MenuFault::Limit { index: 0 }));
        let limited = published(&[(a, Some(9), 0)]);
        assert_eq!(limited.replace(&[entry(a, None)]), Err(MenuFault::Limit { index: 0 }));
    }

    #[test]
    fn a_draft_is_free_but_names_a_dish_once() {
        let a = DishId::new();
        let draft = Menu::draft(OrderWeekId::new());
        let twice = [entry(a, None), entry(a, Some(1))];
        assert_eq!(draft.replace(&twice), Err(MenuFault::Duplicate { index: 1 }));
    }
}
