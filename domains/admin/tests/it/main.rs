//! The domain behind the guard, on a real database, with fakes in place of its neighbours: what
//! staff, operators, the other domains and other instances see of it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests act for the product, open pools and sign with the machine's time"
)]

mod audit_log;
mod fixture;
mod roles;
mod routes;
mod settings;
mod tenants;
