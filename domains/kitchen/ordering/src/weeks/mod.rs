//! Order weeks: generated ahead, computed once, then stored.
//!
//! Invariants: a week is named by the ISO week of its cutoff and its window is half-open; at
//! least [`WEEKS_AHEAD`] future weeks exist; the instants of a week that has opened, or that anyone
//! has an order in, never change; a changed schedule recomputes the others.

mod entity;
mod generate_weeks;
mod http;
mod jobs;
pub mod schedule;
mod store;
pub mod week_name;
pub mod window;

pub use generate_weeks::{
    WEEKS_AHEAD, WeeksError, generate_weeks, generate_weeks_of_tenant, schedule_of,
};
pub use http::routes;
pub use jobs::{generate_all_weeks, register_jobs};
pub use schedule::{OrderWeek, Schedule};
pub use store::{
    StoredWeek, current_week, due_weeks, hold_unlocked, list_weeks, lock_week_row, mark_locked,
    orderable_week, week_by_id, week_by_name,
};
pub use week_name::WeekName;
pub use window::{OpenWindow, WindowState};
