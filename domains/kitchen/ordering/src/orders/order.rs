//! An order: its lines and its life (product page, section 6).
//!
//! Invariants: at most 60 lines of 1 to 50 meals, no dish and size twice, positions without gaps;
//! every move of the state machine not listed in [`OrderState::apply`] is refused with the state the
//! order was in.

use std::collections::BTreeMap;

use bk_kernel::DishId;
use bk_kitchen_core::{MealCount, MealSize, named};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where an order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderState {
    /// Being put together; consumes nothing.
    Draft,
    /// Meals are consumed and the allocation is stored.
    Confirmed,
    /// Past the cutoff: on the production plan or a delta of it.
    Locked,
    /// Delivered. Final.
    Fulfilled,
    /// Final; does not count as the account's order of the week.
    Cancelled,
}

named!(OrderState, "an order state", "DRAFT, CONFIRMED, LOCKED, FULFILLED, CANCELLED", {
    Draft = "DRAFT",
    Confirmed = "CONFIRMED",
    Locked = "LOCKED",
    Fulfilled = "FULFILLED",
    Cancelled = "CANCELLED",
});

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancelReason {
    /// The customer asked the account manager.
    CustomerRequest,
    /// The client redeemed a `CANCELLATION_VOUCHER`.
    CancellationVoucher,
    /// Staff entered it wrongly.
    StaffError,
    /// The account was suspended or closed.
    AccountClosed,
    /// A draft left over at the cutoff.
    WindowMissed,
    /// An operational failure's response; the only way out of `LOCKED` other than delivery.
    OperationalResponse,
}

named!(
    CancelReason,
    "a cancel reason",
    "CUSTOMER_REQUEST, CANCELLATION_VOUCHER, STAFF_ERROR, ACCOUNT_CLOSED, WINDOW_MISSED, OPERATIONAL_RESPONSE",
    {
        CustomerRequest = "CUSTOMER_REQUEST",
        CancellationVoucher = "CANCELLATION_VOUCHER",
        StaffError = "STAFF_ERROR",
        AccountClosed = "ACCOUNT_CLOSED",
        WindowMissed = "WINDOW_MISSED",
        OperationalResponse = "OPERATIONAL_RESPONSE",
    }
);

impl CancelReason {
    /// The reasons a person may give; the others belong to the system, a voucher or a failure.
    pub const BY_STAFF: [Self; 3] = [Self::CustomerRequest, Self::StaffError, Self::AccountClosed];
}

/// What happens to an order. Stored append-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderEvent {
    /// The draft's lines were replaced.
    LinesReplaced,
    /// Meals consumed, allocation stored.
    Confirmed,
    /// Confirmed after the cutoff: locked at once, flagged late.
    ConfirmedLate,
    /// The allocation was changed by an override.
    Overridden,
    /// The cutoff came.
    Locked,
    /// The last stop was delivered.
    Fulfilled,
    /// Cancelled.
    Cancelled {
        /// Why.
        reason: CancelReason,
    },
}

impl OrderEvent {
    /// The row form, without its reason.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LinesReplaced => "LINES_REPLACED",
            Self::Confirmed => "CONFIRMED",
            Self::ConfirmedLate => "CONFIRMED_LATE",
            Self::Overridden => "OVERRIDDEN",
            Self::Locked => "LOCKED",
            Self::Fulfilled => "FULFILLED",
            Self::Cancelled { .. } => "CANCELLED",
        }
    }
}

/// The order is in a state in which this cannot happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the order is {state}")]
pub struct OrderStateConflict {
    /// The state it was in.
    pub state: OrderState,
}

impl OrderState {
    /// The state after `event`, or a refusal naming the present one.
    pub const fn apply(self, event: OrderEvent) -> Result<Self, OrderStateConflict> {
        use CancelReason::{OperationalResponse, WindowMissed};
        use OrderEvent as E;
        match (self, event) {
            (Self::Draft, E::LinesReplaced | E::Overridden) => Ok(Self::Draft),
            (Self::Draft, E::Confirmed) | (Self::Confirmed, E::Overridden) => Ok(Self::Confirmed),
            (Self::Draft, E::ConfirmedLate) | (Self::Confirmed, E::Locked) => Ok(Self::Locked),
            (Self::Locked, E::Fulfilled) => Ok(Self::Fulfilled),
            // A confirmed order has not missed its window, and a failure before the cutoff may end it.
            (Self::Confirmed, E::Cancelled { reason: WindowMissed }) => {
                Err(OrderStateConflict { state: self })
            }
            (Self::Draft | Self::Confirmed, E::Cancelled { .. })
            | (Self::Locked, E::Cancelled { reason: OperationalResponse }) => Ok(Self::Cancelled),
            _ => Err(OrderStateConflict { state: self }),
        }
    }

    /// Whether it is the account's one live order of the week.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Cancelled)
    }

    /// Whether it holds meals taken from packs.
    #[must_use]
    pub const fn holds_meals(self) -> bool {
        matches!(self, Self::Confirmed | Self::Locked | Self::Fulfilled)
    }

    /// Whether nothing can happen to it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Fulfilled | Self::Cancelled)
    }
}

/// What a customer asks for in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineRequest {
    /// The dish.
    pub dish_id: DishId,
    /// The size.
    pub size: MealSize,
    /// Meals.
    pub quantity: i32,
}

/// One line of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Its place in the order, from 0 without gaps; meals are dealt in this order.
    pub position: u16,
    /// The dish.
    pub dish_id: DishId,
    /// The size.
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
        /// The line.
        index: usize,
    },
    /// The dish and size stand in an earlier line.
    #[error("a dish stands once per size; add to the quantity instead")]
    Duplicate {
        /// The later line.
        index: usize,
        /// The earlier one.
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

    /// Lines in the order the customer gave them.
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

    /// Lines as they were stored, in whatever order the rows came.
    pub fn restore(mut rows: Vec<OrderLine>) -> Result<Self, LinesError> {
        rows.sort_by_key(|line| (line.position, line.dish_id, line.size));
        let requests: Vec<_> = rows
            .iter()
            .map(|row| LineRequest { dish_id: row.dish_id, size: row.size, quantity: row.quantity })
            .collect();
        Self::new(&requests)
    }

    /// The lines, by position.
    #[must_use]
    pub fn as_slice(&self) -> &[OrderLine] {
        &self.0
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

    const EVENTS: [OrderEvent; 12] = [
        OrderEvent::LinesReplaced,
        OrderEvent::Confirmed,
        OrderEvent::ConfirmedLate,
        OrderEvent::Overridden,
        OrderEvent::Locked,
        OrderEvent::Fulfilled,
        OrderEvent::Cancelled { reason: CancelReason::CustomerRequest },
        OrderEvent::Cancelled { reason: CancelReason::CancellationVoucher },
        OrderEvent::Cancelled { reason: CancelReason::StaffError },
        OrderEvent::Cancelled { reason: CancelReason::AccountClosed },
        OrderEvent::Cancelled { reason: CancelReason::WindowMissed },
        OrderEvent::Cancelled { reason: CancelReason::OperationalResponse },
    ];

    fn line(dish_id: DishId, size: MealSize, quantity: i32) -> LineRequest {
        LineRequest { dish_id, size, quantity }
    }

    #[test]
    fn an_order_is_confirmed_locked_and_fulfilled() {
        let locked = OrderState::Draft
            .apply(OrderEvent::Confirmed)
            .and_then(|state| state.apply(OrderEvent::Locked));
        assert_eq!(locked, Ok(OrderState::Locked));
        assert_eq!(OrderState::Locked.apply(OrderEvent::Fulfilled), Ok(OrderState::Fulfilled));
        assert_eq!(OrderState::Draft.apply(OrderEvent::ConfirmedLate), Ok(OrderState::Locked));
    }

    #[test]
    fn a_locked_order_is_cancelled_only_as_an_operational_response() {
        for event in EVENTS {
            let allowed = matches!(
                event,
                OrderEvent::Fulfilled
                    | OrderEvent::Cancelled { reason: CancelReason::OperationalResponse }
            );
            assert_eq!(OrderState::Locked.apply(event).is_ok(), allowed, "{event:?}");
        }
    }

    #[test]
    fn nothing_happens_to_a_final_order_and_the_refusal_names_its_state() {
        for state in [OrderState::Fulfilled, OrderState::Cancelled] {
            for event in EVENTS {
                assert_eq!(state.apply(event), Err(OrderStateConflict { state }));
            }
        }
        let refusal = OrderStateConflict { state: OrderState::Locked };
        assert_eq!(refusal.to_string(), "the order is LOCKED");
    }

    #[test]
    fn only_a_draft_misses_its_window() {
        let missed = OrderEvent::Cancelled { reason: CancelReason::WindowMissed };
        assert_eq!(OrderState::Draft.apply(missed), Ok(OrderState::Cancelled));
        assert!(OrderState::Confirmed.apply(missed).is_err());
    }

    #[test]
    fn lines_are_limited_in_number_and_quantity_and_never_repeat() {
        let dish = DishId::new();
        let one = line(dish, MealSize::G300, 1);
        let bad = [one, line(dish, MealSize::G400, 0)];
        assert_eq!(OrderLines::new(&bad), Err(LinesError::Quantity { index: 1 }));
        let bad = [line(dish, MealSize::G400, 51)];
        assert_eq!(OrderLines::new(&bad), Err(LinesError::Quantity { index: 0 }));
        let bad = [one, line(dish, MealSize::G300, 2)];
        assert_eq!(OrderLines::new(&bad), Err(LinesError::Duplicate { index: 1, first: 0 }));
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
