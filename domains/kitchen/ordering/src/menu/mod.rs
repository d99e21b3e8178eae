//! The menu of each order week: the dishes on offer, with their limits (product page, section 5).
//!
//! Invariants: a week has at most one menu; a published menu offers only dishes that can be cooked in
//! every size, never loses one, and never offers fewer meals of a dish than were ordered; whether a
//! dish is limited is decided before it is published, because only then is every meal counted; the
//! menu of a locked week stays as it is.
//!
//! Lock order: the catalogue (held), the menu's row, its dishes by id. Confirming an order takes only
//! the last of these, in the same order.

mod entity;
mod http;
#[expect(clippy::module_inception, reason = "the model of the slice is the menu")]
mod menu;
mod published_menus;
mod read_menu;
mod reserve_meals;
mod store;
mod write_menu;

pub use http::routes;
pub use menu::{MAX_DISHES, Menu, MenuDish, MenuState, Offered, OfferedDish};
pub use published_menus::StoredMenus;
pub use read_menu::{load_menu, offered};
pub use reserve_meals::{ReserveMealsError, release_meals, reserve_meals};
pub use write_menu::{
    PublishMenu, PublishMenuError, ReplaceMenu, ReplaceMenuError, publish_menu, replace_menu,
};
