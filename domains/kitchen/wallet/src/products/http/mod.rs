//! What is sold over HTTP: pack products and plans. One file per thing, with its forms and
//! handlers.

mod errors;
mod pack_products;
mod plans;
mod words;

use bk_guard::Routes;

/// Mounts this slice.
pub fn routes(routes: &mut Routes<'_>) {
    pack_products::routes(routes);
    plans::routes(routes);
}
