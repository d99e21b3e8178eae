//! What is sold: pack products and subscription plans.
//!
//! Invariants: a SKU and a key never change; prices are whole minor units; packs that were bought stay
//! as they were bought whatever becomes of their product.

mod entity;
mod for_sale;
mod http;
pub mod product;
mod read_products;
pub mod save_product;
mod store;

pub use for_sale::{pack_product_for_sale, pack_products_for_sale, plans_for_sale};
pub use http::routes;
