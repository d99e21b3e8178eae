//! The kitchen: what is cooked, sold and ordered, and what production makes of it.
//!
//! This crate puts the kitchen's crates together and is all that a host sees of them. Each of them
//! has one folder per thing the business talks about, with the same rooms: the model (pure), use
//! cases, `store.rs` and `entity/` (the only places that speak to the database), `http` (the only
//! place that speaks HTTP). They depend on one another in one direction: core, catalogue, accounts,
//! wallet, ordering, production; the demo needs all of them.

mod account_directory;
mod facts;
mod http;
mod kitchen;

pub use account_directory::Accounts;
pub use bk_kitchen_accounts as accounts;
pub use bk_kitchen_catalogue as catalogue;
pub use bk_kitchen_core::{Author, KitchenDeps, permissions};
pub use bk_kitchen_demo as demo;
pub use bk_kitchen_ordering as ordering;
pub use bk_kitchen_production as production;
pub use bk_kitchen_wallet as wallet;
pub use kitchen::Kitchen;

use bk_guard::Routes;
use bk_kernel::PermissionDef;

/// Mounts every route of the kitchen, below `/api/v1`.
pub fn routes(routes: &mut Routes<'_>) {
    accounts::routes(routes);
    catalogue::routes(routes);
    wallet::routes(routes);
    ordering::routes(routes);
    production::routes(routes);
}

/// The permissions of the kitchen, for the catalogue of them.
#[must_use]
pub const fn permissions() -> &'static [PermissionDef] {
    permissions::ALL
}
