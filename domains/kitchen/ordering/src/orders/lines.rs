//! The lines of an order.
//!
//! Invariants: at most 60 lines of 1 to 50 meals, no dish and size twice, positions without gaps.

use std::collections::BTreeMap;

use bk_kernel::DishId;
use bk_kitchen_core::{MealCount, MealSize};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a customer asks for in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRequest {
    /// The id of the dish.
    pub dish_id: DishId,
    /// The size of each meal.
    pub size: MealSize,
    /// How many meals.
    pub quantity: i32,
}

/// One line of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Its place in the order, from 0 without gaps; layouts are distributed in this order.
    pub position: u16,
    /// The id of the dish.
    pub dish_id: DishId,
    /// The size of each meal.
    pub size: MealSize,
    /// Meals, 1 to 50.
    pub quantity: i32,
}

/// Why lines were refused. Indexes count from 0 in the list that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LinesError {
    /// More than [`OrderLines::MAX_LINES`].
    #[error("an order has at most {} lines", OrderLines::MAX_LINES)]
    TooMany,
    /// A quantity outside 1 to [`OrderLines::MAX_QUANTITY`].
    #[error("a line has 1 to {} meals", OrderLines::MAX_QUANTITY)]
    Quantity {
        /// The place of the line in the list, from 0.
        index: usize,
    },
    /// An earlier line has the dish in this size.
    #[error("a dish stands once per size; add to the quantity instead")]
    Duplicate {
        /// The place of the later line in the list, from 0.
        index: usize,
        /// The place of the earlier line in the list, from 0.
        first: usize,
    },
}

/// The validated lines of an order, in order. May be empty: an empty draft is a draft, and confirming
/// it is the use case's to refuse.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<OrderLine>", into = "Vec<OrderLine>")]
pub struct OrderLines(Vec<OrderLine>);

impl OrderLines {
    /// Most lines of one order.
    pub const MAX_LINES: usize = 60;
    /// Most meals of one line.
    pub const MAX_QUANTITY: i32 = 50;

    /// Returns lines in the order the customer gave them. Fails when there are too many, one has too few
    /// or too many meals, or two are of one dish and size.
    pub fn new(requests: &[LineRequest]) -> Result<Self, LinesError> {
        if requests.len() > Self::MAX_LINES {
            return Err(LinesError::TooMany);
        }
        let mut seen = BTreeMap::new();
        let mut lines = Vec::with_capacity(requests.len());
        for ((index, request), position) in requests.iter().enumerate().zip(0u16..) {
            let &LineRequest { dish_id, size, quantity } = request;
            if !(1..=Self::MAX_QUANTITY).contains(&quantity) {
                return Err(LinesError::Quantity { index });
            }
            if let Some(first) = seen.insert((dish_id, size), index) {
                return Err(LinesError::Duplicate { index, first });
            }
            lines.push(OrderLine { position, dish_id, size, quantity });
        }
        Ok(Self(lines))
    }

    /// Returns lines as they were stored, whatever the order of the rows. Fails as [`new`](Self::new)
    /// does.
    pub fn restore(mut rows: Vec<OrderLine>) -> Result<Self, LinesError> {
        rows.sort_by_key(|line| (line.position, line.dish_id, line.size));
        let requests: Vec<_> = rows
            .iter()
            .map(|row| LineRequest { dish_id: row.dish_id, size: row.size, quantity: row.quantity })
            .collect();
        Self::new(&requests)
    }

    /// The lines, by position.
    pub fn iter(&self) -> std::slice::Iter<'_, OrderLine> {
        self.0.iter()
    }

    /// True when nothing is ordered.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Meals needed per size.
    #[must_use]
    pub fn meals_needed(&self) -> MealCount {
        self.0.iter().fold(MealCount::default(), |count, line| count.add(line.size, line.quantity))
    }

    /// Meals per dish, both sizes together, sorted by dish: what dish capacities are checked against,
    /// and the order in which their rows are locked, so that two orders never wait for each other.
    #[must_use]
    pub fn meals_per_dish(&self) -> BTreeMap<DishId, i32> {
        let mut meals = BTreeMap::new();
        for line in &self.0 {
            *meals.entry(line.dish_id).or_insert(0) += line.quantity;
        }
        meals
    }
}

impl<'a> IntoIterator for &'a OrderLines {
    type Item = &'a OrderLine;
    type IntoIter = std::slice::Iter<'a, OrderLine>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<OrderLine>> for OrderLines {
    type Error = LinesError;

    fn try_from(rows: Vec<OrderLine>) -> Result<Self, Self::Error> {
        Self::restore(rows)
    }
}

impl From<OrderLines> for Vec<OrderLine> {
    fn from(lines: OrderLines) -> Self {
        lines.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(dish_id: DishId, size: MealSize, quantity: i32) -> LineRequest {
        LineRequest { dish_id, size, quantity }
    }

    #[test]
    fn lines_are_limited_in_number_and_quantity_and_never_repeat() {
        let dish = DishId::new();
        let one = line(dish, MealSize::G300, 1);
        let refused = [one, line(dish, MealSize::G400, 0)];
        assert_eq!(OrderLines::new(&refused), Err(LinesError::Quantity { index: 1 }));
        let refused = [line(dish, MealSize::G400, 51)];
        assert_eq!(OrderLines::new(&refused), Err(LinesError::Quantity { index: 0 }));
        let refused = [one, line(dish, MealSize::G300, 2)];
        assert_eq!(OrderLines::new(&refused), Err(LinesError::Duplicate { index: 1, first: 0 }));
        let many: Vec<_> = (0..61).map(|_| line(DishId::new(), MealSize::G300, 1)).collect();
        assert_eq!(OrderLines::new(&many), Err(LinesError::TooMany));
        assert!(OrderLines::new(&many[..60]).is_ok());
    }

    #[test]
    fn meals_are_counted_per_size_and_per_dish() {
        let (a, b) = (DishId::new(), DishId::new());
        let lines = OrderLines::new(&[
            line(a, MealSize::G300, 2),
            line(b, MealSize::G400, 3),
            line(a, MealSize::G400, 4),
        ])
        .unwrap();
        assert_eq!(lines.meals_needed(), MealCount { g300: 2, g400: 7 });
        assert_eq!(lines.meals_per_dish(), BTreeMap::from([(a, 6), (b, 3)]));
    }

    proptest! {
        #[test]
        fn the_order_of_rows_changes_nothing(quantities in proptest::collection::vec(1i32..=50, 0..20), seed in any::<u64>()) {
            let requests: Vec<_> =
                quantities.iter().map(|q| line(DishId::new(), MealSize::G300, *q)).collect();
            let lines = OrderLines::new(&requests).unwrap();
            let mut rows: Vec<OrderLine> = lines.clone().into();
            rows.sort_by_key(|row| u64::from(row.position).wrapping_mul(seed | 1).rotate_left(17));
            prop_assert_eq!(OrderLines::restore(rows), Ok(lines));
        }
    }
}
