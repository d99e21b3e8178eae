//! What the kitchen cooks: the production plan of a week, frozen at lock, and its numbered deltas
//! (product page, section 7).
//!
//! Invariants: order lines, planned meals, labels and packed meals are the same meals at every moment;
//! a plan never changes, what comes later is a delta; quantities are summed exactly and rounded up
//! once per purchasing unit; the order in which orders arrive changes nothing.

mod entity;
mod http;
mod jobs;
mod lock_due_weeks;
mod lock_week;
pub mod plan;
mod read_plans;
pub mod requirement;
pub mod sheets;
mod store;

pub use http::routes;
pub use jobs::register_jobs;
pub use lock_due_weeks::lock_due_weeks;
pub use lock_week::{LockWeek, LockWeekError, LockedWeek, lock_week};
pub use plan::{Cookbook, FrozenPlan, LockedOrder, PlanError, ProductionPlan};
pub use read_plans::{ReadPlansError, WeekPlans, read_plans};
pub use requirement::{PurchaseLine, Requirement};
