//! Order weeks: generated ahead, computed once, then stored.
//!
//! Invariants: at least [`WEEKS_AHEAD`] future weeks exist; the instants of a week that has opened,
//! or that anyone has an order in, never change; a changed schedule recomputes the others.

mod entity;
mod generate_weeks;
mod http;
mod store;

pub use generate_weeks::{WEEKS_AHEAD, WeeksError, generate_weeks, schedule_of};
pub use http::routes;
pub use store::{
    StoredWeek, current_week, due_weeks, hold_unlocked, list_weeks, lock_week_row, mark_locked,
    orderable_week, week_by_id, week_by_name,
};
