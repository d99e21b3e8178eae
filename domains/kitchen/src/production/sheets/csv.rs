//! Sheets as CSV (RFC 4180), one row per line of every plan of the week.

use super::table::Sheet;
use crate::production::store::FrozenPlan;

/// The file of a sheet. The first column is the number of the plan or delta.
#[must_use]
pub fn to_csv(sheet: Sheet, plans: &[FrozenPlan]) -> String {
    let mut text = String::new();
    let names = sheet.columns().iter().map(|(name, _)| (*name).to_owned());
    push_line(&mut text, std::iter::once("plan".to_owned()).chain(names));
    for frozen in plans {
        for row in sheet.rows(&frozen.plan) {
            let number = frozen.plan.number.to_string();
            push_line(&mut text, std::iter::once(number).chain(row));
        }
    }
    text
}

fn push_line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&quoted(&cell));
    }
    text.push_str("\r\n");
}

/// A cell that no spreadsheet takes for a formula: a leading `=`, `+`, `-`, `@`, tab or line break
/// gets an apostrophe in front (OWASP, "CSV Injection").
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{guard}{}\"", cell.replace('"', "\"\""))
    } else {
        format!("{guard}{cell}")
    }
}
