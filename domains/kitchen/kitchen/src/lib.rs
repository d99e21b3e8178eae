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
mod import;
mod kitchen;

pub use account_directory::Accounts;
pub use import::{
    ImportError, ImportFormat, ImportMode, ImportPlan, ImportReport, ImportRowError,
    MAX_IMPORT_BYTES, import_ingredients, parse_ingredients,
};
pub use kitchen::{DemoError, DemoPeople, DemoTenant, Kitchen, KitchenDeps, demo_tenants};
