//! The weekly engine: order weeks, their menus, the orders of each, and how a menu suits an account.

pub mod menu;
pub mod orders;
pub mod suitability;
pub mod weeks;

use bk_guard::Routes;

/// Mounts every route of these slices.
pub fn routes(routes: &mut Routes<'_>) {
    menu::routes(routes);
    orders::routes(routes);
    suitability::routes(routes);
    weeks::routes(routes);
}
