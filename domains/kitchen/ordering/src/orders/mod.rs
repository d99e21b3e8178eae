//! Orders, and which sides their meals get.
//!
//! Invariants: an order moves `DRAFT -> CONFIRMED -> LOCKED -> FULFILLED` or to `CANCELLED` and
//! nowhere else; the layouts of an allocation sum to the order's configurable meals, and the same
//! input gives the same bytes. Models read no clock: the instant comes in.
//!
//! Locks are taken in one order by everything that changes orders or packs, so no two of them wait
//! for each other crosswise: the account's row, then limited dishes of the menu by id, then packs
//! oldest purchase first; the head of the audit log last.

mod allocation;
mod cancel_order;
mod cancellation_window;
mod confirm_order;
mod end_drafts;
mod entity;
mod evaluate_order;
mod get_order;
mod http;
mod lines;
mod list_orders;
mod lock_orders;
mod order;
mod order_view;
mod replace_lines;
mod store;

pub use allocation::{
    Allocation, AllocationError, AvailableSides, LineAllocation, Portion, Replacement, Sides,
    allocate,
};
pub use cancel_order::{CancelOrder, CancelOrderError, cancel_order};
pub use confirm_order::{ConfirmOrder, ConfirmOrderError, confirm_order};
pub use end_drafts::end_drafts;
pub use get_order::{get_current_order, get_order, get_own_order};
pub(crate) use http::routes;
pub use lines::{LineRequest, LinesError, OrderLine, OrderLines};
pub use list_orders::{ListOrders, list_account_orders, list_orders, list_own_orders};
pub use lock_orders::{LockOrdersError, accounts_ordering, lock_orders};
pub use order::{
    CancelReason, Order, OrderEvent, OrderState, OrderStateConflict, StaffCancelReason, Transition,
};
pub use order_view::{OrderView, Warning, WarningKind};
pub use replace_lines::{ReplaceLinesError, replace_lines};
