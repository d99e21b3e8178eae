//! Order weeks: generated ahead, computed once, then stored.
//!
//! Invariants: a week is named by the ISO week of its cutoff and its window is half-open; at
//! least [`WEEKS_AHEAD`] future weeks exist; the instants of a week that has opened, or that anyone
//! has an order in, never change; a changed schedule recomputes the others.

mod entity;
mod find_week;
mod generate_weeks;
mod http;
mod jobs;
mod list_weeks;
mod lock_week;
mod order_week;
pub mod schedule;
mod store;
pub mod week_name;
pub mod window;

pub use find_week::{current_week, due_weeks, orderable_week, week_by_id, week_by_name};
pub use generate_weeks::{
    WEEKS_AHEAD, WeeksError, generate_weeks, generate_weeks_of_tenant, schedule_of,
};
pub use http::routes;
pub use jobs::{generate_all_weeks, register_jobs};
pub use list_weeks::list_weeks;
pub use lock_week::{hold_unlocked, lock_week_row, mark_locked};
pub use order_week::OrderWeek;
pub use schedule::{Schedule, WeekTimes};
pub use week_name::WeekName;
pub use window::{AfterCutoff, BeforeCutoff, OpenWindow, WindowState};
