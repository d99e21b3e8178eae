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
mod cancellation;
mod cause;
mod confirm_order;
mod end_drafts;
mod entity;
mod http;
pub mod lines;
mod list_orders;
mod lock_orders;
pub mod order;
mod read_order;
mod replace_lines;
mod store;
mod view;

pub use cancel_order::{CancelOrder, CancelOrderError, cancel_order};
pub use cause::OrderCause;
pub use confirm_order::{ConfirmOrder, ConfirmOrderError, confirm_order};
pub use end_drafts::end_drafts;
pub use http::routes;
pub use lines::{LineRequest, LinesError, OrderLine, OrderLines};
pub use list_orders::{list_account_orders, list_orders, list_own_orders};
pub use lock_orders::{LockOrdersError, accounts_ordering, lock_orders};
pub use order::{CancelReason, Order, OrderState};
pub use read_order::{get_order, own_current_order, own_order};
pub use replace_lines::{ReplaceLinesError, replace_lines};
pub use view::{OrderView, Warning, WarningKind, view_order};
