//! What the kitchen cooks, from the foods of the embedded file: two whole meals and two sides.
//! Pure data and the bodies made of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::demo::failure::Failure;

/// The foods; our own data, in the documented format of the import.
pub(super) const FOODS: &str = include_str!("../ingredients.csv");

/// The sizes a meal comes in, in grams.
const SIZES_G: [u16; 2] = [300, 400];

/// A food with how much of it a serving of each size takes.
struct Line {
    /// The key that the import makes of the food's name.
    food: &'static str,
    quantities: [&'static str; 2],
    unit: &'static str,
}

const fn line(food: &'static str, quantities: [&'static str; 2], unit: &'static str) -> Line {
    Line { food, quantities, unit }
}

/// A dish to write.
pub(super) struct Dish {
    pub(super) name: &'static str,
    category: &'static str,
    description: &'static str,
    lines: &'static [Line],
}

/// A side to write; each stands in for others of its kind.
pub(super) struct Side {
    pub(super) name: &'static str,
    kind: &'static str,
    lines: &'static [Line],
}

/// Whole meals: presets, which would choose sides for a configurable dish, are not written here.
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

/// Sides for presets to come.
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

/// Ids of foods by key.
pub(super) type Foods = BTreeMap<String, String>;

impl Dish {
    /// The body that creates it.
    pub(super) fn body(&self, foods: &Foods) -> Result<Value, Failure> {
        Ok(json!({
            "name": self.name,
            "description": self.description,
            "category": self.category,
            "shelf_life_days": 5,
            "configurable": false,
            "lines": lines(self.lines, foods)?,
        }))
    }
}

impl Side {
    /// The body that creates it.
    pub(super) fn body(&self, foods: &Foods) -> Result<Value, Failure> {
        Ok(json!({
            "name": self.name,
            "kind": self.kind,
            "tier": "BASE",
            "slot_base": true,
            "lines": lines(self.lines, foods)?,
        }))
    }
}

/// The lines of every size.
fn lines(recipe: &[Line], foods: &Foods) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::with_capacity(recipe.len() * SIZES_G.len());
    for line in recipe {
        let id = foods.get(line.food).ok_or_else(|| {
            Failure::Wrong(format!("the import made no ingredient with the key {}", line.food))
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

/// Rows of the file.
pub(super) fn rows() -> usize {
    FOODS.lines().skip(1).filter(|line| !line.trim().is_empty()).count()
}

#[cfg(test)]
mod tests {
    use bk_kitchen::catalogue::{IngredientKey, import::csv};

    use super::*;

    fn foods() -> Foods {
        let plan = csv::parse(FOODS.as_bytes());
        assert!(plan.errors.is_empty(), "{:?}", plan.errors);
        plan.rows
            .iter()
            .map(|row| (row.ingredient.key.to_string(), format!("id of {}", row.row)))
            .collect()
    }

    #[test]
    fn the_embedded_file_is_one_that_the_import_takes() {
        assert_eq!(foods().len(), rows());
    }

    #[test]
    fn every_recipe_is_made_of_foods_of_the_file_for_both_sizes() {
        let foods = foods();
        for dish in &DISHES {
            let body = dish.body(&foods).unwrap();
            assert_eq!(body["lines"].as_array().unwrap().len(), dish.lines.len() * 2);
        }
        for side in &SIDES {
            assert!(side.body(&foods).is_ok(), "{}", side.name);
            assert!(IngredientKey::normalise(side.name).is_ok());
        }
    }

    #[test]
    fn a_food_that_was_not_imported_is_named() {
        let failure = DISHES[0].body(&Foods::new()).unwrap_err().to_string();
        assert!(failure.contains("chicken_thigh"), "{failure}");
    }
}
