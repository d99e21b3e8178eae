//! What tests stand on. Nothing here is part of the product.
//!
//! [`TestDb`] gives each test a migrated database of its own.

mod database;
mod server;

pub use database::TestDb;
