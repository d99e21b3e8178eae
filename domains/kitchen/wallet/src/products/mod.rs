//! What is sold: pack products and subscription plans.
//!
//! Invariants: a SKU and a key never change; prices are whole minor units; packs that were bought stay
//! as they were bought whatever becomes of their product.

mod entity;
mod http;
pub mod offer;
mod on_offer;
mod read_products;
pub mod save_offer;
mod store;

pub use http::routes;
pub use on_offer::{pack_product_on_offer, pack_products_on_offer, plans_on_offer};
