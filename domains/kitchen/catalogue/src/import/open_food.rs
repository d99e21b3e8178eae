//! The Open Tandoor Data JSON: `food`, `unit`, `category`, `property` and `conversion`, each an object
//! by slug.
//!
//! A food has values (kcal, grams) per `food_amount` of `food_unit`; they are brought to 100 g, through
//! the food's own conversions where the unit is not a mass. Where no path leads to grams the nutrition
//! is unknown, with a warning. The file has no allergens, so every food is of unknown composition and
//! may have a proposal. Foods are numbered in order of slug, so the order in the file changes nothing.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Number;

use super::{Collector, ImportPlan, ImportedIngredient, MAX_BYTES, MAX_ROWS};
use crate::{
    allergen::AllergenInfo,
    nutrition::{Nutrition, kcal_to_kj},
    unit::{Conversion, Conversions, Quantity, Unit, UnitError},
};

#[derive(Deserialize)]
struct File {
    food: BTreeMap<String, Food>,
    #[serde(default)]
    unit: BTreeMap<String, UnitEntry>,
    #[serde(default)]
    category: BTreeMap<String, Named>,
    #[serde(default)]
    property: BTreeMap<String, Property>,
    #[serde(default)]
    conversion: BTreeMap<String, ConversionEntry>,
}

#[derive(Deserialize)]
struct Food {
    name: String,
    #[serde(default)]
    store_category: Option<String>,
    #[serde(default)]
    properties: Option<Properties>,
}

#[derive(Deserialize)]
struct Properties {
    food_amount: Option<Number>,
    food_unit: Option<String>,
    #[serde(default)]
    type_values: Vec<TypeValue>,
}

#[derive(Deserialize)]
struct TypeValue {
    property_type: String,
    property_value: Option<Number>,
}

#[derive(Deserialize)]
struct UnitEntry {
    name: String,
    #[serde(default)]
    base_unit: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Property {
    #[serde(default)]
    unit: String,
    /// The nutrient number of the US food database, which does not depend on a language.
    #[serde(default)]
    fdc_id: Option<u32>,
}

#[derive(Deserialize)]
struct ConversionEntry {
    food: String,
    base_amount: Number,
    base_unit: String,
    converted_amount: Number,
    converted_unit: String,
}

/// Reads a whole file. Never fails: what cannot be read is among the errors.
#[must_use]
pub fn parse(bytes: &[u8]) -> ImportPlan {
    if bytes.len() > MAX_BYTES {
        return ImportPlan::refused("file", "length", "the file is larger than 5 MB");
    }
    let Ok(file) = serde_json::from_slice::<File>(bytes) else {
        return ImportPlan::refused("file", "format", "this is not an Open Tandoor Data file");
    };
    if file.food.len() > MAX_ROWS {
        let message = format!("an import has at most {MAX_ROWS} rows");
        return ImportPlan::refused("file", "length", message);
    }
    let mut collector = Collector::default();
    let mut conversions: BTreeMap<&str, Vec<&ConversionEntry>> = BTreeMap::new();
    for entry in file.conversion.values() {
        conversions.entry(&entry.food).or_default().push(entry);
    }
    for (row, (slug, food)) in (1u32..).zip(&file.food) {
        let own = conversions.get(slug.as_str()).map_or(&[][..], Vec::as_slice);
        read_food(&mut collector, row, food, own, &file);
    }
    collector.plan
}

fn read_food(
    collector: &mut Collector,
    row: u32,
    food: &Food,
    conversions: &[&ConversionEntry],
    file: &File,
) {
    let Some((name, key)) = collector.name(row, &food.name, "") else { return };
    let mut own = Vec::new();
    for entry in conversions {
        match conversion(entry, file) {
            Ok(conversion) => own.push(conversion),
            // Two masses, or two volumes: the ratio is fixed, so the entry says nothing new.
            Err(UnitError::Fixed { .. }) => {}
            Err(problem) => {
                let message = format!("a conversion was left out: {problem}");
                collector.warn(row, "conversion", "reference", message);
            }
        }
    }
    let conversions = Conversions::from(own);
    let nutrition = food.properties.as_ref().map_or(Nutrition::UNKNOWN, |properties| {
        nutrition(collector, row, properties, &conversions, file)
    });
    let category = food
        .store_category
        .as_ref()
        .and_then(|slug| file.category.get(slug))
        .map(|category| category.name.trim().to_owned());
    let ingredient = ImportedIngredient {
        key,
        name,
        category,
        allergens: AllergenInfo::Unknown,
        nutrition: collector.plausible(row, nutrition, false),
        default_unit: None,
        conversions,
    };
    collector.keep(row, ingredient);
}

fn nutrition(
    collector: &mut Collector,
    row: u32,
    properties: &Properties,
    conversions: &Conversions,
    file: &File,
) -> Nutrition {
    let grams = match reference(properties, conversions, file) {
        Ok(grams) => grams,
        Err(problem) => {
            let message = format!("nutrition is left unknown: {problem}");
            collector.warn(row, "food_unit", "reference", message);
            return Nutrition::UNKNOWN;
        }
    };
    let mut facts = Nutrition::UNKNOWN;
    for value in &properties.type_values {
        let kind = file.property.get(&value.property_type);
        let amount = value.property_value.as_ref().and_then(decimal);
        let (Some(kind), Some(amount)) = (kind, amount) else { continue };
        let (fact, amount) = match (kind.fdc_id, kind.unit.as_str()) {
            (Some(1008), "kcal") => (&mut facts.energy_kj, kcal_to_kj(amount)),
            (Some(1062), "kJ") => (&mut facts.energy_kj, Some(amount)),
            (Some(1003), "g") => (&mut facts.protein_g, Some(amount)),
            (Some(1004), "g") => (&mut facts.fat_g, Some(amount)),
            (Some(1258), "g") => (&mut facts.saturated_fat_g, Some(amount)),
            (Some(1005), "g") => (&mut facts.carbohydrate_g, Some(amount)),
            (Some(2000), "g") => (&mut facts.sugars_g, Some(amount)),
            (Some(1093), "mg") => (&mut facts.sodium_mg, Some(amount)),
            _ => continue,
        };
        if fact.is_some() && *fact != amount {
            let message = "a value stands twice and differs; the first one is used";
            collector.warn(row, value.property_type.clone(), "duplicate", message);
        } else {
            *fact = amount;
        }
    }
    facts.per_100_g(grams)
}

/// The grams that the values are per.
fn reference(
    properties: &Properties,
    conversions: &Conversions,
    file: &File,
) -> Result<Decimal, UnitError> {
    let unit = properties.food_unit.as_deref().ok_or(UnitError::UnknownUnit)?;
    let amount = properties.food_amount.as_ref().ok_or(UnitError::NotPositive)?;
    quantity(amount, unit, file)?.convert(Unit::G, conversions).map(Quantity::amount)
}

fn conversion(entry: &ConversionEntry, file: &File) -> Result<Conversion, UnitError> {
    let from = quantity(&entry.base_amount, &entry.base_unit, file)?;
    let to = quantity(&entry.converted_amount, &entry.converted_unit, file)?;
    Conversion::new(from, to)
}

fn quantity(amount: &Number, slug: &str, file: &File) -> Result<Quantity, UnitError> {
    let amount = decimal(amount).ok_or(UnitError::Overflow)?;
    Quantity::positive(amount, unit(slug, file)?)
}

/// The file's spoons, cups and fluid ounces are the US ones; a pinch has no size here.
fn unit(slug: &str, file: &File) -> Result<Unit, UnitError> {
    let entry = file.unit.get(slug).ok_or(UnitError::UnknownUnit)?;
    match entry.base_unit.as_str() {
        "g" => Ok(Unit::G),
        "kg" => Ok(Unit::Kg),
        "ounce" => Ok(Unit::Oz),
        "pound" => Ok(Unit::Lb),
        "ml" if entry.name == "pinch" => Ok(Unit::Pinch),
        "ml" => Ok(Unit::Ml),
        "l" => Ok(Unit::L),
        "tsp" => Ok(Unit::UsTsp),
        "tbsp" => Ok(Unit::UsTbsp),
        "us_cup" => Ok(Unit::UsCup),
        "fluid_ounce" => Ok(Unit::UsFlOz),
        "" => Unit::from_spelling(&entry.name),
        _ => Err(UnitError::UnknownUnit),
    }
}

/// The decimal that the file wrote, without a detour through binary fractions.
fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

#[cfg(test)]
#[path = "open_food_tests.rs"]
mod tests;
