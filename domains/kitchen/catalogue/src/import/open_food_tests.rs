use serde_json::{Value, json};

use super::*;

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn food(name: &str, amount: u32, unit: &str, values: &[(&str, Value)]) -> Value {
    let values: Vec<_> = values
        .iter()
        .map(|(kind, value)| json!({"property_type": kind, "property_value": value}))
        .collect();
    json!({
        "name": name,
        "store_category": "category-made-up",
        "properties": {"food_amount": amount, "food_unit": unit, "type_values": values},
    })
}

/// Five foods in the structure of the published file, with numbers of our own.
fn sample() -> Value {
    json!({
        "metadata": {},
        "food": {
            "food-a-butter": food("Butter Unsalted", 100, "unit-g", &[("fat", json!(80.0))]),
            "food-b-shake": food("Oat Milk", 75, "unit-g", &[("kcal", json!(30)), ("protein", json!(1.5))]),
            "food-c-spice": food("Saffron", 1, "unit-tsp", &[("kcal", json!(2.0)), ("fat", json!(0.05))]),
            "food-d-herb": food("Parsley", 1, "unit-c", &[("protein", json!(0.6))]),
            "food-e-odd": food("Oddity", 100, "unit-g", &[("fat", json!(130)), ("vitamin", json!(1))]),
        },
        "unit": {
            "unit-g": {"name": "g", "base_unit": "g"},
            "unit-tsp": {"name": "tsp", "base_unit": "tsp"},
            "unit-c": {"name": "cup", "base_unit": "us_cup"},
            "unit-pcs": {"name": "pcs", "base_unit": ""},
        },
        "category": {"category-made-up": {"name": "Made up"}},
        "property": {
            "kcal": {"unit": "kcal", "fdc_id": 1008},
            "protein": {"unit": "g", "fdc_id": 1003},
            "fat": {"unit": "g", "fdc_id": 1004},
        },
        "store": {},
        "conversion": {
            "conversion-herb": {
                "food": "food-d-herb", "base_amount": 1.0, "base_unit": "unit-c",
                "converted_amount": 60.0, "converted_unit": "unit-g",
            },
            "conversion-lost": {
                "food": "food-a-butter", "base_amount": 1.0, "base_unit": "unit-stick",
                "converted_amount": 113.0, "converted_unit": "unit-g",
            },
        },
    })
}

fn parse_file(value: &Value) -> ImportPlan {
    parse(&serde_json::to_vec(value).unwrap())
}

#[test]
fn values_are_brought_to_one_hundred_grams_and_kilojoules() {
    let plan = parse_file(&sample());
    assert!(plan.is_clean(), "{:?}", plan.errors);
    assert_eq!(plan.rows.len(), 5);
    let shake = &plan.rows[1].ingredient;
    assert_eq!(shake.nutrition.energy_kj, Some(d("167.36")));
    assert_eq!(shake.nutrition.protein_g, Some(d("2")));
    assert_eq!(shake.category.as_deref(), Some("Made up"));
}

#[test]
fn a_value_that_is_not_there_stays_unknown() {
    let plan = parse_file(&sample());
    let butter = &plan.rows[0].ingredient.nutrition;
    assert_eq!((butter.fat_g, butter.energy_kj, butter.protein_g), (Some(d("80")), None, None));
}

#[test]
fn a_unit_that_is_no_mass_needs_a_conversion_of_the_food() {
    let plan = parse_file(&sample());
    assert_eq!(plan.rows[3].ingredient.nutrition.protein_g, Some(d("1")));
    assert_eq!(plan.rows[2].ingredient.nutrition, Nutrition::UNKNOWN);
    let warnings: Vec<_> =
        plan.warnings.iter().map(|w| (w.row, w.field.as_ref(), w.code)).collect();
    assert_eq!(
        warnings,
        [(1, "conversion", "reference"), (3, "food_unit", "reference"), (5, "fat_g", "range")]
    );
}

#[test]
fn allergens_are_proposed_and_never_declared() {
    let plan = parse_file(&sample());
    assert!(plan.rows.iter().all(|row| row.ingredient.allergens.is_unknown()));
    let entries: Vec<_> = plan
        .rows
        .iter()
        .map(|row| row.allergen_proposal.as_ref().map(|proposal| proposal.entry.as_str()))
        .collect();
    assert_eq!(entries, [Some("butter"), Some("oat milk"), None, Some("parsley"), None]);
}

#[test]
fn foods_of_one_key_are_duplicates() {
    let mut file = sample();
    file["food"]["food-f"] = food("oddity", 100, "unit-g", &[]);
    let plan = parse_file(&file);
    assert_eq!(plan.rows.len(), 5);
    let error = &plan.errors[0];
    assert_eq!((error.row, error.field.as_ref(), error.code), (6, "name", "duplicate"));
}

#[test]
fn another_file_is_refused() {
    for bytes in [&b"{}"[..], b"[]", b"", b"{\"food\": 1}", b"\xff"] {
        let plan = parse(bytes);
        assert_eq!((plan.errors[0].row, plan.errors[0].code), (0, "format"));
    }
}
