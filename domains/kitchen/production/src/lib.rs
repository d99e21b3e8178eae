//! What the kitchen cooks: the production plan of a week, frozen at lock, and its numbered deltas
//! (docs/product.md, section 7).
//!
//! Invariants: order lines, planned meals, labels and packed meals are the same meals at every moment;
//! a plan never changes, what comes later is a delta; quantities are summed exactly and rounded up
//! once per purchasing unit; the order in which orders arrive changes nothing.

mod entity;
mod get_plans;
mod http;
mod jobs;
mod lock_due_weeks;
mod lock_week;
mod plan;
mod requirement;
mod sheets;
mod store;

pub use get_plans::{GetPlansError, WeekPlans, get_plans};
pub use http::routes;
pub use jobs::register_jobs;
pub use lock_due_weeks::lock_due_weeks;
pub use lock_week::{LockWeekError, LockedWeek, lock_week};
pub use plan::{FrozenPlan, PlanError, ProductionPlan};
