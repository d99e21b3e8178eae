//! The weekly engine: order weeks, orders, presets and allocation.
//!
//! Invariants: an order week is named by the ISO week of its cutoff and its window is half-open; an
//! order moves `DRAFT -> CONFIRMED -> LOCKED -> FULFILLED` or to `CANCELLED` and nowhere else; the
//! layouts of an allocation sum to the order's configurable meals, and the same input gives the same
//! bytes. Models read no clock: the instant comes in.

pub mod allocation;
pub mod order;
pub mod preset;
pub mod schedule;
pub mod week_name;
pub mod window;

pub use order::{OrderLine, OrderLines, OrderState};
pub use schedule::{OrderWeek, Schedule};
pub use week_name::WeekName;
pub use window::{OpenWindow, WindowState};
