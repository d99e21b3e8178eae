//! The menu, its states, and what may change in each.

use std::collections::{BTreeMap, BTreeSet};

use bk_kernel::{DishId, MenuWeekId, OrderWeekId};
use bk_kitchen_core::named;
use chrono::{DateTime, Utc};
use thiserror::Error;

/// Most dishes of one menu; the form of a menu says the same.
pub const MAX_DISHES: usize = 60;

/// Whether customers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MenuState {
    /// Being put together.
    Draft,
    /// Customers can order from it. Final.
    Published,
}

named!(MenuState, "a menu state", "DRAFT, PUBLISHED", {
    Draft = "DRAFT",
    Published = "PUBLISHED",
});

/// A dish as a menu is to offer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferedDish {
    /// The dish.
    pub dish_id: DishId,
    /// Most meals of it, both sizes together; none for no limit.
    pub capacity: Option<i32>,
}

/// A dish on a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuDish {
    /// What is offered.
    pub offered: OfferedDish,
    /// Its place, from 0.
    pub position: i32,
    /// Meals confirmed; counted only when there is a capacity.
    pub ordered: i32,
}

impl MenuDish {
    /// Meals that can still be ordered; none for no limit.
    #[must_use]
    pub fn left(&self) -> Option<i32> {
        self.offered.capacity.map(|capacity| (capacity - self.ordered).max(0))
    }
}

/// A dish as the published menu offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    /// Meals that can still be ordered; none is no limit.
    pub left: Option<i32>,
}

/// The menu of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// Its id.
    pub id: MenuWeekId,
    /// The week.
    pub week_id: OrderWeekId,
    /// Draft or published.
    pub state: MenuState,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// For `If-Match`; 0 before it was first written.
    pub version: i64,
    /// The dishes, by position.
    pub dishes: Vec<MenuDish>,
}

/// Why dishes cannot replace those of a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MenuFault {
    /// A dish stands twice.
    #[error("the dish stands twice")]
    Duplicate {
        /// The later one, from 0.
        index: usize,
    },
    /// A published dish would go.
    #[error("a published dish stays on the menu")]
    Removed {
        /// Which.
        dish_id: DishId,
    },
    /// A published dish would get a limit, or lose it.
    #[error("whether a dish is limited is decided before it is published")]
    Limit {
        /// Which, from 0.
        index: usize,
    },
    /// More meals were ordered than would be offered.
    #[error("{ordered} meals are ordered already")]
    BelowOrdered {
        /// Which, from 0.
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

    /// The dishes that take the place of those there are, in the given order.
    pub fn replace(&self, wished: &[OfferedDish]) -> Result<Vec<MenuDish>, MenuFault> {
        let before: BTreeMap<DishId, &MenuDish> =
            self.dishes.iter().map(|dish| (dish.offered.dish_id, dish)).collect();
        let mut seen = BTreeSet::new();
        let mut after = Vec::with_capacity(wished.len());
        for (index, (position, offered)) in (0..).zip(wished).enumerate() {
            if !seen.insert(offered.dish_id) {
                return Err(MenuFault::Duplicate { index });
            }
            let was = before.get(&offered.dish_id).copied();
            if let (MenuState::Published, Some(was)) = (self.state, was) {
                check_limit(index, was, *offered)?;
            }
            let ordered = was.map_or(0, |was| was.ordered);
            after.push(MenuDish { offered: *offered, position, ordered });
        }
        if self.state == MenuState::Published
            && let Some(dish_id) = before.keys().find(|id| !seen.contains(id))
        {
            return Err(MenuFault::Removed { dish_id: *dish_id });
        }
        Ok(after)
    }
}

fn check_limit(index: usize, was: &MenuDish, wished: OfferedDish) -> Result<(), MenuFault> {
    match (was.offered.capacity, wished.capacity) {
        (None, None) => Ok(()),
        (Some(_), Some(capacity)) if capacity >= was.ordered => Ok(()),
        (Some(_), Some(_)) => Err(MenuFault::BelowOrdered { index, ordered: was.ordered }),
        (None, Some(_)) | (Some(_), None) => Err(MenuFault::Limit { index }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(dish_id: DishId, capacity: Option<i32>) -> OfferedDish {
        OfferedDish { dish_id, capacity }
    }

    fn published(dishes: &[(DishId, Option<i32>, i32)]) -> Menu {
        let dishes = (0..)
            .zip(dishes)
            .map(|(position, (id, capacity, ordered))| MenuDish {
                offered: offered(*id, *capacity),
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
        let more = menu.replace(&[offered(b, Some(5)), offered(a, None)]).unwrap();
        assert_eq!(more.iter().map(|d| d.position).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(menu.replace(&[offered(b, None)]), Err(MenuFault::Removed { dish_id: a }));
    }

    #[test]
    fn a_capacity_never_falls_below_what_was_ordered() {
        let a = DishId::new();
        let menu = published(&[(a, Some(12), 8)]);
        assert_eq!(menu.replace(&[offered(a, Some(8))]).unwrap()[0].left(), Some(0));
        let error = menu.replace(&[offered(a, Some(7))]);
        assert_eq!(error, Err(MenuFault::BelowOrdered { index: 0, ordered: 8 }));
    }

    #[test]
    fn a_dish_is_limited_before_it_is_published_or_never() {
        let a = DishId::new();
        let unlimited = published(&[(a, None, 0)]);
        assert_eq!(unlimited.replace(&[offered(a, Some(9))]), Err(MenuFault::Limit { index: 0 }));
        let limited = published(&[(a, Some(9), 0)]);
        assert_eq!(limited.replace(&[offered(a, None)]), Err(MenuFault::Limit { index: 0 }));
    }

    #[test]
    fn a_draft_is_free_but_names_a_dish_once() {
        let a = DishId::new();
        let draft = Menu::draft(OrderWeekId::new());
        let twice = [offered(a, None), offered(a, Some(1))];
        assert_eq!(draft.replace(&twice), Err(MenuFault::Duplicate { index: 1 }));
    }
}
