//! The menu of each order week: the dishes customers can order, with their limits
//! (docs/product.md, section 5).
//!
//! Invariants: a week has at most one menu; every dish of a published menu can be cooked in every
//! size; a published menu never loses a dish, and the capacity of one never falls below what was
//! ordered; whether a dish is limited is decided before it is published, because only then is every
//! meal counted; the menu of a locked week stays as it is.
//!
//! Lock order: the catalogue, the menu's row, its dishes by id. Confirming an order locks only the
//! last of these, in the same order.

mod entity;
mod http;
#[expect(clippy::module_inception, reason = "the model of the slice is the menu")]
mod menu;
mod publish_menu;
mod published_menus;
mod read_menu;
mod record;
mod reserve_meals;
mod store;
mod update_menu;

pub(crate) use http::routes;
pub use menu::{Availability, Menu, MenuDish, MenuEntry, MenuFault, MenuState};
pub use publish_menu::{PublishMenuError, publish_menu};
pub use published_menus::StoredMenus;
pub(crate) use read_menu::on_menu;
pub use read_menu::{get_menu, published_menu};
pub(crate) use reserve_meals::{ReserveMealsError, release_meals, reserve_meals};
pub use update_menu::{UpdateMenu, UpdateMenuError, update_menu};
