//! `/admin/menus/{week}`.

mod forms;
mod handlers;

use bk_guard::{Problem, Routes};
use bk_kernel::Code;

use super::{
    menu::{MenuFault, MenuState},
    publish_menu::PublishMenuError,
    update_menu::UpdateMenuError,
};

/// Mounts this slice.
pub(crate) fn routes(routes: &mut Routes<'_>) {
    routes.mount(handlers::get_menu).mount(handlers::update_menu).mount(handlers::publish_menu);
}

/// What a locked week is called in an answer.
const LOCKED: &str = "LOCKED";

impl From<UpdateMenuError> for Problem {
    fn from(error: UpdateMenuError) -> Self {
        match error {
            UpdateMenuError::NotFound => Self::new(Code::NotFound),
            UpdateMenuError::Locked => Self::state(LOCKED),
            UpdateMenuError::Stale => Self::new(Code::PreconditionFailed),
            UpdateMenuError::UnknownDish { index } => {
                Self::field(pointer(index, "dish_id"), "reference", "a dish of this kitchen")
            }
            UpdateMenuError::NotCookable { index } => Self::field(
                pointer(index, "dish_id"),
                "reference",
                "an active dish with a recipe for both sizes",
            ),
            UpdateMenuError::Menu(fault) => fault.into(),
            UpdateMenuError::Db(error) => error.into(),
        }
    }
}

impl From<MenuFault> for Problem {
    fn from(fault: MenuFault) -> Self {
        match fault {
            MenuFault::Duplicate { index } => {
                Self::field(pointer(index, "dish_id"), "duplicate", "each dish once")
            }
            MenuFault::Removed { dish_id } => Self::state(MenuState::Published).detail(format!(
                "The menu is PUBLISHED: the dish {dish_id} stays on it. Withdrawing a dish is a \
                 supply failure.",
            )),
            MenuFault::Limit { index } => Self::state(MenuState::Published).detail(format!(
                "The menu is PUBLISHED: whether dish {} has a capacity was decided then; only the \
                 number of an existing capacity can change.",
                index + 1,
            )),
            MenuFault::BelowOrdered { index, ordered } => {
                Self::new(Code::StateConflict).detail(format!(
                    "{ordered} meals of dish {} are ordered already; its capacity cannot be lower.",
                    index + 1,
                ))
            }
        }
    }
}

impl From<PublishMenuError> for Problem {
    fn from(error: PublishMenuError) -> Self {
        match error {
            PublishMenuError::NotFound => Self::new(Code::NotFound),
            PublishMenuError::Locked => Self::state(LOCKED),
            PublishMenuError::Empty => Self::state(MenuState::Draft)
                .detail("The menu is a DRAFT without dishes; add some, then publish it."),
            PublishMenuError::NotCookable { names } => {
                Self::state(MenuState::Draft).detail(format!(
                    "The menu is a DRAFT. These dishes need to be active and to have a recipe for \
                     both sizes first: {}.",
                    names.join(", "),
                ))
            }
            PublishMenuError::Db(error) => error.into(),
        }
    }
}

fn pointer(index: usize, field: &str) -> String {
    format!("/dishes/{index}/{field}")
}
