//! The kitchen in a database: what it promises its customers and its cooks, with real rows, real
//! roles and real concurrency. One module for each slice.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "helpers of tests"
)]

mod accounts;
mod catalogue;
mod demo;
mod fixture;
mod menus;
mod orders;
mod packs;
mod production;
mod weeks;
