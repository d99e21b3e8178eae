//! Journeys: what people do with the product, over HTTP only.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests, helpers included"
)]

mod one_week;
