//! `/admin/weeks/{week}/lock` and the five sheets of a locked week.

mod lock;
mod sheet_answer;
mod sheet_json;
mod sheets;

use bk_guard::{Problem, Routes};
use bk_kernel::Code;
use bk_kitchen_ordering::{orders::LockOrdersError, weeks::WeekName};
use serde::Deserialize;
use utoipa::IntoParams;

use self::{
    sheet_json::{IngredientSheet, LabelSheet, PackingSheet, ProductionSheet, PurchasingSheet},
    sheets::SheetRoute,
};
use super::{get_plans::GetPlansError, lock_week::LockWeekError};

/// The week of a path.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WeekPath {
    /// The ISO week of its cutoff.
    #[param(value_type = String, example = "2026-W48", pattern = "^[0-9]{4}-W[0-9]{2}$")]
    week: WeekName,
}

/// Mounts production.
pub fn routes(routes: &mut Routes<'_>) {
    routes
        .mount(lock::lock_week)
        .mount(SheetRoute::<ProductionSheet>::new())
        .mount(SheetRoute::<IngredientSheet>::new())
        .mount(SheetRoute::<PurchasingSheet>::new())
        .mount(SheetRoute::<LabelSheet>::new())
        .mount(SheetRoute::<PackingSheet>::new());
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
            LockWeekError::Orders(error @ LockOrdersError::State(_)) => Self::internal(error),
        }
    }
}

impl From<GetPlansError> for Problem {
    fn from(error: GetPlansError) -> Self {
        match error {
            GetPlansError::NotFound => Self::new(Code::NotFound),
            GetPlansError::NotLocked { cutoff_at } => {
                Self::new(Code::StateConflict).detail(format!(
                    "The week is not locked yet. Its plan is frozen at the cutoff, {}.",
                    cutoff_at.format("%Y-%m-%dT%H:%M:%SZ"),
                ))
            }
            GetPlansError::Db(error) => error.into(),
        }
    }
}
