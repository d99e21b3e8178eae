//! The recipes of the demo: two dishes and two sides, made of the ingredients in the embedded file. Pure data, and the
//! request bodies made of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::demo::failure::Failure;

/// The ingredients, in the CSV format of the import.
pub(super) const INGREDIENTS_CSV: &str = include_str!("../ingredients.csv");

/// The sizes of a meal, in grams.
const SIZES_G: [u16; 2] = [300, 400];

/// A line of a recipe.
struct Line {
    /// Key of the ingredient, which the import derives from its name.
    ingredient: &'static str,
    /// Quantity in a meal of each size.
    quantities: [&'static str; 2],
    unit: &'static str,
}

const fn line(ingredient: &'static str, quantities: [&'static str; 2], unit: &'static str) -> Line {
    Line { ingredient, quantities, unit }
}

/// A dish to create.
pub(super) struct Dish {
    pub(super) name: &'static str,
    category: &'static str,
    description: &'static str,
    lines: &'static [Line],
}

/// A side to create. It is the base of its kind, which replaces other sides of that kind.
pub(super) struct Side {
    pub(super) name: &'static str,
    kind: &'static str,
    lines: &'static [Line],
}

/// The dishes. None is configurable, because the demo creates no presets, which choose the sides of such dishes.
pub(super) const DISHES: [Dish; 2] = [
    Dish {
        name: "Lemon chicken with brown rice",
        category: "BALANCED",
        description: "Chicken thigh with lemon and garlic, brown rice and broccoli.",
        lines: &[
            line("chicken_thigh", ["140", "185"], "g"),
            line("brown_rice", ["70", "95"], "g"),
            line("broccoli", ["70", "95"], "g"),
            line("garlic", ["1", "1.5"], "clove"),
            line("lemon_juice", ["2", "3"], "tsp"),
        ],
    },
    Dish {
        name: "Salmon with sesame greens",
        category: "BALANCED",
        description: "Salmon on spinach with soy and sesame, roast sweet potato.",
        lines: &[
            line("salmon_fillet", ["130", "175"], "g"),
            line("spinach", ["0.3", "0.4"], "bunch"),
            line("sweet_potato", ["90", "120"], "g"),
            line("soy_sauce", ["2", "2.5"], "tsp"),
            line("sesame_oil", ["1", "1.5"], "tsp"),
        ],
    },
];

/// The sides. No dish of the demo uses them.
pub(super) const SIDES: [Side; 2] = [
    Side {
        name: "Steamed broccoli",
        kind: "VEGETABLE",
        lines: &[line("broccoli", ["90", "120"], "g")],
    },
    Side {
        name: "Plain brown rice",
        kind: "CARBOHYDRATE",
        lines: &[line("brown_rice", ["60", "80"], "g")],
    },
];

/// Ids of the ingredients by key.
pub(super) type IngredientIds = BTreeMap<String, String>;

impl Dish {
    /// Returns the body of the request that creates it. Fails when an ingredient was not imported.
    pub(super) fn request_body(&self, ingredients: &IngredientIds) -> Result<Value, Failure> {
        Ok(json!({
            "name": self.name,
            "description": self.description,
            "category": self.category,
            "shelf_life_days": 5,
            "configurable": false,
            "lines": recipe_lines(self.lines, ingredients)?,
        }))
    }
}

impl Side {
    /// Returns the body of the request that creates it. Fails when an ingredient was not imported.
    pub(super) fn request_body(&self, ingredients: &IngredientIds) -> Result<Value, Failure> {
        Ok(json!({
            "name": self.name,
            "kind": self.kind,
            "tier": "BASE",
            "slot_base": true,
            "lines": recipe_lines(self.lines, ingredients)?,
        }))
    }
}

/// Returns the lines of a recipe for every size.
fn recipe_lines(recipe: &[Line], ingredients: &IngredientIds) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::with_capacity(recipe.len() * SIZES_G.len());
    for line in recipe {
        let id = ingredients.get(line.ingredient).ok_or_else(|| {
            Failure::Inconsistent(format!(
                "the import created no ingredient with the key {}",
                line.ingredient
            ))
        })?;
        for (size, quantity) in SIZES_G.into_iter().zip(line.quantities) {
            all.push(json!({
                "meal_size_g": size,
                "ingredient_id": id,
                "quantity": quantity,
                "unit": line.unit,
            }));
        }
    }
    Ok(all)
}

/// Returns the number of ingredients in the file.
pub(super) fn ingredient_count() -> usize {
    INGREDIENTS_CSV.lines().skip(1).filter(|line| !line.trim().is_empty()).count()
}

#[cfg(test)]
mod tests {
    use bk_kitchen::{ImportFormat, parse_ingredients};

    use super::*;

    fn ingredients() -> IngredientIds {
        let plan = parse_ingredients(ImportFormat::Csv, INGREDIENTS_CSV.as_bytes());
        assert!(plan.errors.is_empty(), "{:?}", plan.errors);
        plan.rows
            .iter()
            .map(|row| (row.ingredient.key.to_string(), format!("id of {}", row.row)))
            .collect()
    }

    #[test]
    fn the_embedded_file_can_be_imported() {
        assert_eq!(ingredients().len(), ingredient_count());
    }

    #[test]
    fn every_recipe_uses_ingredients_of_the_file_and_has_both_sizes() {
        let ingredients = ingredients();
        for dish in &DISHES {
            let body = dish.request_body(&ingredients).unwrap();
            assert_eq!(body["lines"].as_array().unwrap().len(), dish.lines.len() * 2);
        }
        for side in &SIDES {
            assert!(side.request_body(&ingredients).is_ok(), "{}", side.name);
        }
    }

    #[test]
    fn the_name_of_every_side_makes_a_key() {
        let columns = INGREDIENTS_CSV.lines().next().unwrap();
        let unknown = ",".repeat(columns.matches(',').count());
        let mut lines = vec![columns.to_owned()];
        lines.extend(SIDES.iter().map(|side| format!("{}{unknown}", side.name)));
        let file = lines.join("\n");
        let plan = parse_ingredients(ImportFormat::Csv, file.as_bytes());
        assert!(plan.errors.is_empty(), "{:?}", plan.errors);
        assert_eq!(plan.rows.len(), SIDES.len());
    }

    #[test]
    fn an_ingredient_that_was_not_imported_is_named() {
        let failure = DISHES[0].request_body(&IngredientIds::new()).unwrap_err().to_string();
        assert!(failure.contains("chicken_thigh"), "{failure}");
    }
}
