//! Errors of ordering as problems.

use bk_guard::Problem;
use bk_kernel::Code;
use bk_kitchen_accounts::accounts::AccountStatus;

use crate::orders::{
    AllocationError, CancelOrderError, ConfirmOrderError, LinesError, ReplaceLinesError,
};

impl From<LinesError> for Problem {
    fn from(error: LinesError) -> Self {
        match error {
            LinesError::TooMany => Self::field("/lines", "length", error.to_string()),
            LinesError::Quantity { index } => {
                Self::field(format!("/lines/{index}/quantity"), "range", error.to_string())
            }
            LinesError::Duplicate { index, .. } => {
                Self::field(format!("/lines/{index}"), "duplicate", error.to_string())
            }
        }
    }
}

impl From<ReplaceLinesError> for Problem {
    fn from(error: ReplaceLinesError) -> Self {
        match error {
            ReplaceLinesError::NotFound => Self::new(Code::NotFound),
            ReplaceLinesError::WindowClosed => window_closed(),
            ReplaceLinesError::State(state) => Self::state(state),
            ReplaceLinesError::Account(status) => account_inactive(status),
            ReplaceLinesError::NotOnMenu { dish_id } => Self::field(
                "/lines",
                "reference",
                format!("the dish {dish_id} is not on the menu of this week"),
            ),
            ReplaceLinesError::Db(error) => error.into(),
        }
    }
}

impl From<ConfirmOrderError> for Problem {
    fn from(error: ConfirmOrderError) -> Self {
        match error {
            ConfirmOrderError::NotFound => Self::new(Code::NotFound),
            ConfirmOrderError::WindowClosed => window_closed(),
            ConfirmOrderError::State(state) => Self::state(state),
            ConfirmOrderError::Account(status) => account_inactive(status),
            ConfirmOrderError::Empty => Self::new(Code::StateConflict)
                .detail("It is DRAFT and empty. Choose meals, then confirm."),
            ConfirmOrderError::NotOnMenu { dish } => Self::new(Code::Conflict).detail(format!(
                "{dish} is not on the menu of this week. Remove it, then confirm."
            )),
            ConfirmOrderError::SoldOut { dish, left } => Self::new(Code::DishSoldOut)
                .detail(format!("{left} meals of {dish} are left. Choose fewer, then confirm.")),
            ConfirmOrderError::DishBlocked { dish } => Self::new(Code::PreferenceBlocked).detail(
                format!("{dish} is excluded by a preference of this account. Choose another dish."),
            ),
            ConfirmOrderError::Sides(error) => sides(&error),
            ConfirmOrderError::Meals(short) => {
                Self::new(Code::NotEnoughMeals).detail(format!("{short}."))
            }
            ConfirmOrderError::Db(error) => error.into(),
        }
    }
}

impl From<CancelOrderError> for Problem {
    fn from(error: CancelOrderError) -> Self {
        match error {
            CancelOrderError::NotFound => Self::new(Code::NotFound),
            CancelOrderError::State(state) => Self::state(state),
            CancelOrderError::TooLate => Self::new(Code::WindowClosed).detail(
                "A draft is cancelled while its window is open, a confirmed order before the cutoff.",
            ),
            CancelOrderError::Packs(error) => Self::internal(error),
            CancelOrderError::Db(error) => error.into(),
        }
    }
}

/// A preference that forbids a side is the account's matter; the rest is the kitchen's to repair.
fn sides(error: &AllocationError) -> Problem {
    let code = match error {
        AllocationError::Blocked { .. } => Code::PreferenceBlocked,
        AllocationError::NotAvailable { .. }
        | AllocationError::WrongKind { .. }
        | AllocationError::NoStandIn { .. } => Code::Conflict,
    };
    Problem::new(code).detail(format!("The sides: {error}."))
}

fn window_closed() -> Problem {
    Problem::new(Code::WindowClosed)
        .detail("Orders are taken while the window is open; the menu says when that is.")
}

fn account_inactive(status: AccountStatus) -> Problem {
    Problem::new(Code::AccountInactive).detail(format!("The account is {status}."))
}
