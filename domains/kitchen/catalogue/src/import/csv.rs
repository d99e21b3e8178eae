//! Our CSV of ingredients: UTF-8, comma-separated, with the header below in any order of columns.
//!
//! `name,category,allergens,energy_kj,protein_g,fat_g,saturated_fat_g,carbohydrate_g,sugars_g,sodium_mg,default_unit`
//! and optionally `conversions` and `key`. Only `name` must be filled. `allergens`: FSANZ names
//! separated by `;`, `none` for declared free, empty for unknown. Numbers: per 100 g, with a point,
//! empty for unknown. `conversions`: `1 bunch = 60 g; 1 ml = 0.92 g`, or short `bunch=60g`. `key`:
//! only for an ingredient whose name would make another one. A `'` before `=`, `+`, `-` or `@` keeps
//! spreadsheets from reading a formula and is not part of the text.

use std::collections::BTreeMap;

use bk_kitchen_core::csv_table::{CsvTable, FORMULA_STARTS};
use rust_decimal::Decimal;

use super::{Collector, ImportPlan, ImportedIngredient, MAX_BYTES, MAX_ROWS, MAX_TEXT_CHARS};
use crate::{
    allergen::{Allergen, AllergenInfo},
    ingredient::Ingredient,
    nutrition::Nutrition,
    unit::{Conversion, Conversions, Quantity, Unit, UnitError},
};

/// The columns, in the order we write them; the last two are optional.
pub const COLUMNS: [&str; 13] = [
    "name",
    "category",
    "allergens",
    "energy_kj",
    "protein_g",
    "fat_g",
    "saturated_fat_g",
    "carbohydrate_g",
    "sugars_g",
    "sodium_mg",
    "default_unit",
    "conversions",
    "key",
];

/// Those that a header may leave out.
const OPTIONAL: [&str; 2] = ["conversions", "key"];

/// Writes ingredients as [`parse`] reads them. A density is written as a conversion.
#[must_use]
pub fn write(ingredients: &[Ingredient]) -> String {
    let mut table = CsvTable::new(COLUMNS);
    for ingredient in ingredients {
        let content = &ingredient.content;
        let mut fields = vec![content.name.clone(), content.category.clone()];
        fields.push(match ingredient.allergens.confirmed() {
            None => String::new(),
            Some(set) if set.is_empty() => "none".to_owned(),
            Some(set) => set.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(";"),
        });
        let facts = content.nutrition.facts().into_iter();
        fields.extend(facts.map(|(_, fact)| fact.map_or_else(String::new, |f| f.to_string())));
        fields.push(content.purchase_unit.to_string());
        let conversions = content.measures.all();
        let conversions = conversions.as_slice().iter();
        let conversions: Vec<String> =
            conversions.map(|one| format!("{} = {}", one.from(), one.to())).collect();
        fields.push(conversions.join("; "));
        fields.push(ingredient.key.to_string());
        table.row(fields);
    }
    table.finish()
}

/// Reads a whole file. Never fails: what cannot be read is among the errors.
#[must_use]
pub fn parse(bytes: &[u8]) -> ImportPlan {
    if bytes.len() > MAX_BYTES {
        return ImportPlan::refused("file", "length", "the file is larger than 5 MB");
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return ImportPlan::refused("file", "format", "the file is not UTF-8 text");
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ::csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns = match reader.headers().map(columns) {
        Ok(Ok(columns)) => columns,
        Ok(Err(message)) => return ImportPlan::refused("header", "format", message),
        Err(_) => return ImportPlan::refused("header", "format", "the header cannot be read"),
    };
    let mut collector = Collector::default();
    for (index, record) in reader.records().enumerate() {
        if index >= MAX_ROWS {
            let message = format!("an import has at most {MAX_ROWS} rows");
            return ImportPlan::refused("file", "length", message);
        }
        // A line counts from 1 and the header is line 1; only a torn record has no position.
        let line = |at: Option<&::csv::Position>| {
            at.and_then(|at| u32::try_from(at.line()).ok()).unwrap_or(0)
        };
        match record {
            Ok(record) => {
                let row = line(record.position());
                if record.len() > columns.len() {
                    collector.error(row, "row", "format", "there are more fields than columns");
                } else {
                    read_row(&mut collector, row, &Fields { columns: &columns, record: &record });
                }
            }
            Err(error) => {
                let message = "the row cannot be read: look for an unclosed quote";
                collector.error(line(error.position()), "row", "format", message);
            }
        }
    }
    collector.plan
}

fn columns(header: &::csv::StringRecord) -> Result<BTreeMap<&'static str, usize>, String> {
    let mut columns = BTreeMap::new();
    for (index, title) in header.iter().enumerate() {
        let title = title.trim().to_lowercase();
        let Some(known) = COLUMNS.iter().find(|column| **column == title) else {
            return Err(format!("column {} is not one of {}", index + 1, COLUMNS.join(", ")));
        };
        if columns.insert(*known, index).is_some() {
            return Err(format!("the column {known} stands twice"));
        }
    }
    let missing =
        COLUMNS.iter().find(|column| !OPTIONAL.contains(column) && !columns.contains_key(*column));
    missing.map_or(Ok(columns), |column| Err(format!("the column {column} is missing")))
}

struct Fields<'a> {
    columns: &'a BTreeMap<&'static str, usize>,
    record: &'a ::csv::StringRecord,
}

impl<'a> Fields<'a> {
    fn get(&self, column: &str) -> &'a str {
        let field = self.columns.get(column).and_then(|index| self.record.get(*index));
        let field = field.unwrap_or("").trim();
        field.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA_STARTS)).unwrap_or(field)
    }
}

fn read_row(collector: &mut Collector, row: u32, fields: &Fields<'_>) {
    let name = collector.name(row, fields.get("name"), fields.get("key"));
    let category = category(collector, row, fields.get("category"));
    let allergens = allergens(collector, row, fields.get("allergens"));
    let mut fact = |column: &'static str| number(collector, row, column, fields.get(column));
    let nutrition = Nutrition {
        energy_kj: fact("energy_kj"),
        protein_g: fact("protein_g"),
        fat_g: fact("fat_g"),
        saturated_fat_g: fact("saturated_fat_g"),
        carbohydrate_g: fact("carbohydrate_g"),
        sugars_g: fact("sugars_g"),
        sodium_mg: fact("sodium_mg"),
    };
    let nutrition = collector.plausible(row, nutrition, true);
    let default_unit = match fields.get("default_unit") {
        "" => None,
        text => {
            let unit = Unit::from_spelling(text).ok();
            if unit.is_none() {
                collector.error(row, "default_unit", "choice", "this unit is not known");
            }
            unit
        }
    };
    let conversions = conversions(collector, row, fields.get("conversions"));
    if let Some((name, key)) = name {
        let ingredient = ImportedIngredient {
            key,
            name,
            category,
            allergens,
            nutrition,
            default_unit,
            conversions,
        };
        collector.keep(row, ingredient);
    }
}

fn category(collector: &mut Collector, row: u32, text: &str) -> Option<String> {
    if text.chars().count() > MAX_TEXT_CHARS || text.chars().any(char::is_control) {
        let message = format!("a category is one line of at most {MAX_TEXT_CHARS} characters");
        collector.error(row, "category", "length", message);
        return None;
    }
    (!text.is_empty()).then(|| text.to_owned())
}

fn allergens(collector: &mut Collector, row: u32, text: &str) -> AllergenInfo {
    if text.is_empty() {
        return AllergenInfo::Unknown;
    }
    if text.eq_ignore_ascii_case("none") {
        return AllergenInfo::free();
    }
    let mut found = std::collections::BTreeSet::new();
    for name in text.split(';').map(str::trim).filter(|name| !name.is_empty()) {
        if let Ok(allergen) = Allergen::from_spelling(name) {
            found.insert(allergen);
        } else {
            let message = "use FSANZ names separated by ';', 'none', or leave it empty for unknown";
            collector.error(row, "allergens", "choice", message);
        }
    }
    // Only separators say nothing: that is unknown, not free.
    if found.is_empty() { AllergenInfo::Unknown } else { AllergenInfo::Declared(found) }
}

fn number(
    collector: &mut Collector,
    row: u32,
    column: &'static str,
    text: &str,
) -> Option<Decimal> {
    if text.is_empty() {
        return None;
    }
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    let value = plain.then(|| Decimal::from_str_exact(text).ok()).flatten();
    if value.is_none() {
        collector.error(row, column, "format", "a number such as 12.5, or empty for unknown");
    }
    value
}

fn conversions(collector: &mut Collector, row: u32, text: &str) -> Conversions {
    let mut found = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        match conversion(part) {
            Ok(conversion) => found.push(conversion),
            Err(problem) => {
                let message = problem.map_or_else(
                    || "write conversions like: 1 bunch = 60 g; 1 ml = 0.92 g".to_owned(),
                    |problem| problem.to_string(),
                );
                collector.error(row, "conversions", "format", message);
            }
        }
    }
    found.into()
}

fn conversion(text: &str) -> Result<Conversion, Option<UnitError>> {
    let (left, right) = text.split_once('=').ok_or(None)?;
    Conversion::new(quantity(left)?, quantity(right)?).map_err(Some)
}

fn quantity(text: &str) -> Result<Quantity, Option<UnitError>> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(None)?;
    let (amount, unit) = text.split_at_checked(end).ok_or(None)?;
    // `bunch=60g` means one bunch.
    let amount = match amount {
        "" => Decimal::ONE,
        digits => Decimal::from_str_exact(digits).map_err(|_| None)?,
    };
    Quantity::positive(amount, Unit::from_spelling(unit).map_err(Some)?).map_err(Some)
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
