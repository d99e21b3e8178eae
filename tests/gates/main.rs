//! The gates: tests that guard the architecture rather than one rule of the product.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests, helpers included"
)]

mod architecture;
mod docs;
mod error_codes;
mod rls_catalogue;
