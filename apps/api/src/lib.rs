//! The host: reads the settings, opens the database, puts the domains together, mounts them behind
//! the guard and runs the background work. `cargo run` starts it.
//!
//! It is the only place that knows every domain, and it holds no business rule. [`run`] is the
//! process; [`Product`] and [`Api`] are the parts of it that tests and tools use alone: neither reads
//! the environment nor keeps anything global.

mod banner;
pub mod config;
pub mod mail;
mod maintenance;
pub mod pages;
mod product;
mod routes;
mod run;
pub mod seed;
mod server;
mod start;
pub mod storage;
mod worker;

pub use config::{Config, ConfigError};
pub use product::{Product, ProductParts};
pub use routes::{openapi_document, openapi_json, policy_page, route_table};
pub use run::{Stopped, run};
pub use server::{Api, ApiParts, Rates, Serving};
pub use worker::Background;
