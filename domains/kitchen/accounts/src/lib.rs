//! The paying customers: their accounts, and what they do not eat, do not like and like.

pub mod accounts;
pub mod preferences;

use bk_guard::Routes;

/// Mounts the routes of accounts.
pub fn routes(routes: &mut Routes<'_>) {
    accounts::routes(routes);
}
