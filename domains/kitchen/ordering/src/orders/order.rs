//! An order and its life (docs/product.md, section 6).
//!
//! Invariants: every move of the state machine not listed in [`OrderState::apply`] is refused with the
//! state the order was in; a stored state changes only by a [`Transition`].

use bk_kernel::{AccountId, OrderId, OrderWeekId, PresetId, UserId};
use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{allocation::Replacement, lines::OrderLines};
use crate::weeks::OpenWindow;

bk_kernel::string_enum! {
    /// Where an order is in its life.
    pub enum OrderState: "an order state" {
        /// Being put together; consumes nothing.
        Draft = "DRAFT",
        /// Meals are consumed and the allocation is stored.
        Confirmed = "CONFIRMED",
        /// Past the cutoff: on the production plan or a delta of it.
        Locked = "LOCKED",
        /// Delivered. Final.
        Fulfilled = "FULFILLED",
        /// Final; does not count as the account's order of the week.
        Cancelled = "CANCELLED",
    }
}

bk_kernel::string_enum! {
    /// Why an order was cancelled.
    pub enum CancelReason: "a cancel reason" {
        /// The customer asked the account manager.
        CustomerRequest = "CUSTOMER_REQUEST",
        /// The client redeemed a `CANCELLATION_VOUCHER`.
        CancellationVoucher = "CANCELLATION_VOUCHER",
        /// Staff entered it wrongly.
        StaffError = "STAFF_ERROR",
        /// The account was suspended or closed.
        AccountClosed = "ACCOUNT_CLOSED",
        /// A draft left over at the cutoff.
        WindowMissed = "WINDOW_MISSED",
        /// An operational failure's response; the only way out of `LOCKED` other than delivery.
        OperationalResponse = "OPERATIONAL_RESPONSE",
    }
}

bk_kernel::string_enum! {
    /// The reasons that staff may give; the others belong to the system, a voucher or a failure.
    pub enum StaffCancelReason: "a cancel reason" {
        /// The customer asked for it.
        CustomerRequest = "CUSTOMER_REQUEST",
        /// It was entered wrongly.
        StaffError = "STAFF_ERROR",
        /// The account was suspended or closed.
        AccountClosed = "ACCOUNT_CLOSED",
    }
}

impl From<StaffCancelReason> for CancelReason {
    fn from(reason: StaffCancelReason) -> Self {
        match reason {
            StaffCancelReason::CustomerRequest => Self::CustomerRequest,
            StaffCancelReason::StaffError => Self::StaffError,
            StaffCancelReason::AccountClosed => Self::AccountClosed,
        }
    }
}

/// What happens to an order. Stored append-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvent {
    /// The draft's lines were replaced.
    LinesReplaced,
    /// Meals consumed, allocation stored.
    Confirmed,
    /// The cutoff of the week came.
    Locked,
    /// The last stop was delivered.
    Fulfilled,
    /// It was cancelled.
    Cancelled {
        /// Why it was cancelled.
        reason: CancelReason,
    },
}

impl OrderEvent {
    /// The word that rows carry, without the reason.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LinesReplaced => "LINES_REPLACED",
            Self::Confirmed => "CONFIRMED",
            Self::Locked => "LOCKED",
            Self::Fulfilled => "FULFILLED",
            Self::Cancelled { .. } => "CANCELLED",
        }
    }
}

/// The event cannot happen in the state the order is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the order is {state}")]
pub struct OrderStateConflict {
    /// The state the order is in.
    pub state: OrderState,
}

impl OrderState {
    /// Returns the state after `event`. Fails, and names the present one, when the event cannot happen
    /// in it.
    pub const fn apply(self, event: OrderEvent) -> Result<Self, OrderStateConflict> {
        use CancelReason::{OperationalResponse, WindowMissed};
        use OrderEvent as E;
        match (self, event) {
            (Self::Draft, E::LinesReplaced) => Ok(Self::Draft),
            (Self::Draft, E::Confirmed) => Ok(Self::Confirmed),
            (Self::Confirmed, E::Locked) => Ok(Self::Locked),
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

    /// Whether an order in it holds meals of packs.
    #[must_use]
    pub const fn holds_meals(self) -> bool {
        matches!(self, Self::Confirmed | Self::Locked | Self::Fulfilled)
    }
}

/// An order of an account for a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The id of the order.
    pub id: OrderId,
    /// The account whose order it is.
    pub account_id: AccountId,
    /// The week it is for.
    pub week_id: OrderWeekId,
    /// Where it is in its life.
    pub state: OrderState,
    /// The dishes that were ordered.
    pub lines: OrderLines,
    /// The preset it was resolved with.
    pub preset_id: Option<PresetId>,
    /// Sides above the account's tier and what stands in for them.
    pub replacements: Vec<Replacement>,
    /// Whether it was confirmed after the window.
    pub late: bool,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// The `Idempotency-Key` it was confirmed under, if any.
    pub confirm_key: Option<String>,
    /// When it was locked.
    pub locked_at: Option<DateTime<Utc>>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub cancel_reason: Option<CancelReason>,
    /// Counts the changes of the order.
    pub version: i64,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
}

impl Order {
    /// An empty draft, begun while the window of its week is open.
    #[must_use]
    pub fn draft(account_id: AccountId, window: OpenWindow, at: DateTime<Utc>) -> Self {
        Self {
            id: OrderId::new(),
            account_id,
            week_id: window.week_id(),
            state: OrderState::Draft,
            lines: OrderLines::default(),
            preset_id: None,
            replacements: Vec::new(),
            late: false,
            confirmed_at: None,
            confirm_key: None,
            locked_at: None,
            cancelled_at: None,
            cancel_reason: None,
            version: 1,
            created_at: at,
        }
    }

    /// Returns what `event` makes of the order. Fails, and names the state it is in, when the event cannot
    /// happen in it.
    pub const fn apply(&self, event: OrderEvent) -> Result<Transition, OrderStateConflict> {
        match self.state.apply(event) {
            Ok(to) => Ok(Transition { order_id: self.id, event, to }),
            Err(conflict) => Err(conflict),
        }
    }
}

/// A move of one order that the state machine allows. Only [`Order::apply`] makes one, and the store
/// changes a state by nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    order_id: OrderId,
    event: OrderEvent,
    to: OrderState,
}

impl Transition {
    /// The order that moves.
    #[must_use]
    pub const fn order_id(&self) -> OrderId {
        self.order_id
    }

    /// The event that moves it.
    #[must_use]
    pub const fn event(&self) -> OrderEvent {
        self.event
    }

    /// The state it is in afterwards.
    #[must_use]
    pub const fn to(&self) -> OrderState {
        self.to
    }
}

/// Which orders to list.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Orders of one account.
    pub account_id: Option<AccountId>,
    /// Orders of accounts that this person manages.
    pub managed_by: Option<UserId>,
    /// Orders for one week.
    pub week_id: Option<OrderWeekId>,
    /// Orders in one state.
    pub state: Option<OrderState>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [OrderEvent; 10] = [
        OrderEvent::LinesReplaced,
        OrderEvent::Confirmed,
        OrderEvent::Locked,
        OrderEvent::Fulfilled,
        OrderEvent::Cancelled { reason: CancelReason::CustomerRequest },
        OrderEvent::Cancelled { reason: CancelReason::CancellationVoucher },
        OrderEvent::Cancelled { reason: CancelReason::StaffError },
        OrderEvent::Cancelled { reason: CancelReason::AccountClosed },
        OrderEvent::Cancelled { reason: CancelReason::WindowMissed },
        OrderEvent::Cancelled { reason: CancelReason::OperationalResponse },
    ];

    #[test]
    fn an_order_is_confirmed_locked_and_fulfilled() {
        let locked = OrderState::Draft
            .apply(OrderEvent::Confirmed)
            .and_then(|state| state.apply(OrderEvent::Locked));
        assert_eq!(locked, Ok(OrderState::Locked));
        assert_eq!(OrderState::Locked.apply(OrderEvent::Fulfilled), Ok(OrderState::Fulfilled));
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
}
