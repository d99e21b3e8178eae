//! What is sold and what a customer holds of it: products and packs.
//!
//! It knows an order by its id alone.

pub mod packs;
pub mod products;

use bk_guard::Routes;

/// Mounts every route of these slices.
pub fn routes(routes: &mut Routes<'_>) {
    packs::routes(routes);
    products::routes(routes);
}
