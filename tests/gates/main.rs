//! The gates: tests that guard the architecture rather than one rule of the product.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests, helpers included"
)]

mod authz_matrix;
mod confirm;
mod coverage;
mod error_codes;
mod isolation;
mod openapi;
mod rls_catalogue;
