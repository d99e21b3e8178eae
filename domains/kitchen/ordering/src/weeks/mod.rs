//! Order weeks: generated ahead, computed once, then stored.
//!
//! Invariants: a week is named by the ISO week of its cutoff and its window is half-open; at
//! least [`WEEKS_AHEAD`] future weeks exist; the instants of a week that has opened, or that any
//! account has an order in, never change; a changed schedule recomputes the others.

mod entity;
mod find_week;
mod generate_weeks;
pub(crate) mod http;
mod jobs;
mod list_weeks;
mod lock_week;
mod order_week;
mod store;
mod week_name;
mod week_times;
mod window;

pub use find_week::{current_week, due_weeks, orderable_week, week_by_id, week_by_name};
pub use generate_weeks::{
    WEEKS_AHEAD, WeeksError, generate_weeks, generate_weeks_of_tenant, schedule_of,
};
pub(crate) use http::routes;
pub use jobs::{generate_all_weeks, register_jobs};
pub use list_weeks::list_weeks;
pub(crate) use lock_week::hold_unlocked;
pub use lock_week::{lock_week_row, mark_locked};
pub use order_week::OrderWeek;
pub use week_name::{WeekName, WeekNameError};
pub use week_times::WeekTimes;
pub use window::{AfterCutoff, BeforeCutoff, OpenWindow, WindowRefused, WindowState};
