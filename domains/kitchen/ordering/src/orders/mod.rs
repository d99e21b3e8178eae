//! Orders, and what their meals are dealt.
//!
//! Invariants: an order moves `DRAFT -> CONFIRMED -> LOCKED -> FULFILLED` or to `CANCELLED` and
//! nowhere else; the layouts of an allocation sum to the order's configurable meals, and the same
//! input gives the same bytes. Models read no clock: the instant comes in.
//!
//! Locks are taken in one order by everything that changes orders or packs, so no two of them wait
//! for each other crosswise: the account's row, then limited dishes of the menu by id, then packs
//! oldest purchase first; the head of the audit log last.

pub mod allocation;
mod assess;
mod cancel_order;
mod confirm_order;
mod entity;
mod http;
pub mod order;
mod read_order;
mod replace_lines;
mod store;
mod view;

pub use order::{OrderLine, OrderLines, OrderState};

pub use cancel_order::{CancelOrder, CancelOrderError, cancel_order};
pub use confirm_order::{ConfirmOrder, ConfirmOrderError, confirm_order};
pub use http::routes;
pub use read_order::{order_in_scope, own_current_order, own_order};
pub use replace_lines::{ReplaceLinesError, replace_lines};
pub use store::{
    OrderCause, OrderFilter, StoredOrder, allocations, append_events, list_orders, live_order,
    order_by_id, orders_of_week, write_cancellation, write_locks,
};
pub use view::{OrderView, Warning, WarningKind, view_order};
