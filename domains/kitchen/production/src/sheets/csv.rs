//! Sheets as CSV, one row per line of every plan of the week.

use std::iter;

use bk_kitchen_core::csv_table::CsvTable;

use super::table::Sheet;
use crate::plan::FrozenPlan;

/// The file of a sheet. The first column is the number of the plan or delta.
#[must_use]
pub fn to_csv(sheet: Sheet, plans: &[FrozenPlan]) -> String {
    let names = sheet.columns().iter().map(|(name, _)| *name);
    let mut table = CsvTable::new(iter::once("plan").chain(names));
    for frozen in plans {
        for row in sheet.rows(&frozen.plan) {
            table.row(iter::once(frozen.plan.number.to_string()).chain(row));
        }
    }
    table.finish()
}
