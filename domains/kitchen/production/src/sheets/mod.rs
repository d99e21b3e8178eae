//! The five sheets of a week as people use them: tables for spreadsheets and pages for the printer.
//!
//! Invariants: a sheet shows what was frozen and computes nothing but totals; no cell of a CSV file
//! is a formula; pages escape everything and load nothing. It names customers by their reference
//! only.

mod csv;
mod page;
mod table;

pub(crate) use csv::to_csv;
pub(crate) use page::{Heading, STYLE, to_html};
pub(crate) use table::Sheet;

#[cfg(test)]
mod tests;
