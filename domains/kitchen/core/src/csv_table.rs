//! Tables for spreadsheets: CSV (RFC 4180) in which no cell is taken for a formula.

use std::iter;

use csv::{Terminator, Writer, WriterBuilder};

/// What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"). Such a cell gets an
/// apostrophe in front.
pub const FORMULA_STARTS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];

/// A table that is being written.
pub struct CsvTable(Writer<Vec<u8>>);

impl CsvTable {
    /// Begins with a line of column names.
    pub fn new<'c>(columns: impl IntoIterator<Item = &'c str>) -> Self {
        let writer = WriterBuilder::new()
            .flexible(true)
            .terminator(Terminator::CRLF)
            .from_writer(Vec::new());
        let mut table = Self(writer);
        table.row(columns.into_iter().map(str::to_owned));
        table
    }

    /// Adds a line.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for cell in cells {
            let guarded = if cell.starts_with(FORMULA_STARTS) { format!("'{cell}") } else { cell };
            // Writing to memory does not fail.
            let _ = self.0.write_field(guarded);
        }
        let _ = self.0.write_record(iter::empty::<&[u8]>());
    }

    /// The whole file.
    #[must_use]
    pub fn finish(self) -> String {
        // Made of text alone, in memory.
        self.0.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_quotes_and_line_breaks_are_quoted_and_formulas_are_disarmed() {
        let mut table = CsvTable::new(["a", "b"]);
        table.row(["x,\"y\"".to_owned(), "two\nlines".to_owned()]);
        table.row(["=1+1".to_owned(), String::new()]);
        assert_eq!(table.finish(), "a,b\r\n\"x,\"\"y\"\"\",\"two\nlines\"\r\n'=1+1,\r\n");
    }
}
