//! The kitchen: what is cooked, sold and ordered, and what production makes of it.
//!
//! One folder per thing the business talks about, each with the same rooms: the model (pure), use
//! cases, `store.rs` and `entity/` (the only places that speak to the database), `http` (the only
//! place that speaks HTTP).

pub mod accounts;
pub mod catalogue;
pub mod demo;
pub mod menu;
pub mod ordering;
pub mod packs;
pub mod permissions;
pub mod preferences;
pub mod production;
pub mod suitability;
pub mod weeks;

mod csv_table;
mod facade;
mod facts;
mod jobs;
mod text;

pub use facade::{Accounts, Kitchen, KitchenDeps};

use bk_guard::Routes;
use bk_kernel::PermissionDef;

/// Mounts every route of the kitchen, below `/api/v1`.
pub fn routes(routes: &mut Routes<'_>) {
    accounts::routes(routes);
    catalogue::routes(routes);
    menu::routes(routes);
    ordering::routes(routes);
    packs::routes(routes);
    production::routes(routes);
    preferences::routes(routes);
    suitability::routes(routes);
    weeks::routes(routes);
}

/// The permissions of the kitchen, for the catalogue.
#[must_use]
pub const fn permissions() -> &'static [PermissionDef] {
    permissions::ALL
}

#[cfg(test)]
mod tests;
