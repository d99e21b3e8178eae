//! `/admin/weeks/{week}/lock` and the five sheets of a locked week.

mod answer;
mod dto;
mod handlers;

use bk_guard::{Problem, Routes};
use bk_kernel::Code;
use bk_kitchen_ordering::orders::LockOrdersError;

use super::{lock_week::LockWeekError, read_plans::ReadPlansError};

/// Mounts this slice.
pub fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(handlers::lock_week)
        .mount(handlers::get_production_plan)
        .mount(handlers::get_ingredient_requirement)
        .mount(handlers::get_purchasing_list)
        .mount(handlers::get_labels)
        .mount(handlers::get_pack_lists);
}

impl From<LockWeekError> for Problem {
    fn from(error: LockWeekError) -> Self {
        match error {
            LockWeekError::NotFound => Self::new(Code::NotFound),
            LockWeekError::TooEarly { cutoff_at } => {
                Self::new(Code::StateConflict).detail(format!(
                    "The cutoff is at {}; the week can be locked from then on.",
                    cutoff_at.format("%Y-%m-%dT%H:%M:%SZ"),
                ))
            }
            LockWeekError::Plan(error) => Self::new(Code::Conflict)
                .detail(format!("The recipes give no plan: {error}. Correct them, then lock.")),
            LockWeekError::Orders(LockOrdersError::Db(error)) | LockWeekError::Db(error) => {
                error.into()
            }
            LockWeekError::Orders(error) => Self::internal(error),
            LockWeekError::Permission(code) => Self::new(code),
            LockWeekError::Zone(error) => Self::internal(error),
        }
    }
}

impl From<ReadPlansError> for Problem {
    fn from(error: ReadPlansError) -> Self {
        match error {
            ReadPlansError::NotFound => Self::new(Code::NotFound),
            ReadPlansError::NotLocked { cutoff_at } => {
                Self::new(Code::StateConflict).detail(format!(
                    "The week is not locked yet. Its plan is frozen at the cutoff, {}.",
                    cutoff_at.format("%Y-%m-%dT%H:%M:%SZ"),
                ))
            }
            ReadPlansError::Db(error) => error.into(),
        }
    }
}
