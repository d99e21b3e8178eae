//! An order and its life (product page, section 6).
//!
//! Invariants: every move of the state machine not listed in [`OrderState::apply`] is refused with the
//! state the order was in; a stored state changes only by a [`Transition`].

use bk_kernel::{AccountId, OrderId, OrderWeekId, PresetId, UserId};
use bk_kitchen_core::named;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{allocation::Replacement, lines::OrderLines};
use crate::weeks::OpenWindow;

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

/// An order of an account for a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Whose.
    pub account_id: AccountId,
    /// For which week.
    pub week_id: OrderWeekId,
    /// Where it is in its life.
    pub state: OrderState,
    /// What was ordered.
    pub lines: OrderLines,
    /// The preset it was resolved with.
    pub preset_id: Option<PresetId>,
    /// Components above the account's tier and what stands in for them.
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
    /// Why.
    pub cancel_reason: Option<CancelReason>,
    /// For `If-Match`.
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

    /// What `event` makes of the order, or a refusal naming the state it is in.
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

    /// What happens to it.
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
    /// Of one account.
    pub account_id: Option<AccountId>,
    /// Of accounts this person manages.
    pub managed_by: Option<UserId>,
    /// For one week.
    pub week_id: Option<OrderWeekId>,
    /// In one state.
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
