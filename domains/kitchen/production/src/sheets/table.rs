//! What stands in the rows of each sheet.

use bk_kitchen_catalogue::Nutrition;

use crate::plan::{Label, PlannedMeals, ProductionPlan};

/// A sheet of a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// Meals by dish, size and sides.
    Production,
    /// What the recipes call for.
    Ingredients,
    /// What to buy, in whole purchasing units.
    Purchasing,
    /// One label per meal.
    Labels,
    /// What goes into each box.
    Packing,
}

/// A column: its name in files, and on paper.
pub(super) type Column = (&'static str, &'static str);

impl Sheet {
    /// The title of its page.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Production => "Production plan",
            Self::Ingredients => "Ingredients",
            Self::Purchasing => "Purchasing list",
            Self::Labels => "Labels",
            Self::Packing => "Pack lists",
        }
    }

    /// The beginning of the names of its files.
    #[must_use]
    pub const fn file_stem(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Ingredients => "ingredients",
            Self::Purchasing => "purchasing",
            Self::Labels => "labels",
            Self::Packing => "packing",
        }
    }

    pub(super) const fn columns(self) -> &'static [Column] {
        const QUANTITY: (Column, Column) = (("quantity", "Quantity"), ("unit", "Unit"));
        match self {
            Self::Production => {
                &[("dish", "Dish"), ("size_g", "Size (g)"), ("sides", "Sides"), ("meals", "Meals")]
            }
            Self::Ingredients => &[("ingredient", "Ingredient"), QUANTITY.0, QUANTITY.1],
            Self::Purchasing => &[("ingredient", "Ingredient"), ("buy", "Buy"), QUANTITY.1],
            Self::Labels => &[
                ("label", "Label"),
                ("customer_reference", "Customer"),
                ("dish", "Dish"),
                ("size_g", "Size (g)"),
                ("sides", "Sides"),
                ("allergens", "Allergens"),
                ("energy_kj", "Energy (kJ)"),
                ("protein_g", "Protein (g)"),
                ("fat_g", "Fat (g)"),
                ("saturated_fat_g", "Saturated fat (g)"),
                ("carbohydrate_g", "Carbohydrate (g)"),
                ("sugars_g", "Sugars (g)"),
                ("sodium_mg", "Sodium (mg)"),
                ("use_by", "Use by"),
            ],
            Self::Packing => &[
                ("customer_reference", "Customer"),
                ("order_id", "Order"),
                ("dish", "Dish"),
                ("size_g", "Size (g)"),
                ("sides", "Sides"),
                ("meals", "Meals"),
            ],
        }
    }

    pub(super) fn rows(self, plan: &ProductionPlan) -> Vec<Vec<String>> {
        match self {
            Self::Production => plan.meals.iter().map(meals_row).collect(),
            Self::Ingredients => plan
                .requirements
                .iter()
                .map(|need| quantity_row(&need.name, need.quantity))
                .collect(),
            Self::Purchasing => {
                plan.purchasing.iter().map(|line| quantity_row(&line.name, line.buy)).collect()
            }
            Self::Labels => plan.labels.iter().map(label_row).collect(),
            Self::Packing => plan
                .packing
                .iter()
                .flat_map(|list| {
                    list.meals.iter().map(|row| {
                        let order = list.order_id.to_string();
                        let mut cells = vec![list.customer_reference.clone(), order];
                        cells.extend(meals_row(row));
                        cells
                    })
                })
                .collect(),
        }
    }
}

fn meals_row(row: &PlannedMeals) -> Vec<String> {
    let size = row.kind.size.grams().to_string();
    vec![row.dish_name.clone(), size, sides(&row.side_names), row.meals.to_string()]
}

fn quantity_row(name: &str, quantity: bk_kitchen_catalogue::Quantity) -> Vec<String> {
    vec![name.to_owned(), quantity.amount().to_string(), quantity.unit().to_string()]
}

fn label_row(label: &Label) -> Vec<String> {
    let mut cells = vec![
        label.number.to_string(),
        label.customer_reference.clone(),
        label.dish_name.clone(),
        label.kind.size.grams().to_string(),
        sides(&label.side_names),
        allergens(label),
    ];
    let facts = label.nutrition.facts().into_iter();
    cells.extend(facts.map(|(_, fact)| fact.map_or_else(String::new, |fact| fact.to_string())));
    cells.push(label.use_by.to_string());
    cells
}

/// The sides in one cell.
pub(super) fn sides(names: &[String]) -> String {
    names.join(" + ")
}

/// What a label declares. What nobody confirmed is never presented as safe
/// (docs/product.md, section 5).
pub(super) fn allergens(label: &Label) -> String {
    let names: Vec<&str> =
        label.composition.allergens.keys().map(|allergen| allergen.label()).collect();
    match (label.composition.unknown.is_empty(), names.is_empty()) {
        (true, true) => "Contains: no declared allergens".to_owned(),
        (true, false) => format!("Contains: {}", names.join(", ")),
        (false, true) => "Allergens not confirmed".to_owned(),
        (false, false) => format!("Allergens not confirmed. Contains: {}", names.join(", ")),
    }
}

/// The facts of a serving as a label prints them.
pub(super) fn facts(nutrition: &Nutrition) -> Vec<(&'static str, String)> {
    let names = [
        ("Energy", "kJ"),
        ("Protein", "g"),
        ("Fat", "g"),
        ("Saturated fat", "g"),
        ("Carbohydrate", "g"),
        ("Sugars", "g"),
        ("Sodium", "mg"),
    ];
    let amounts = nutrition.facts().into_iter().zip(names);
    amounts
        .map(|((_, fact), (name, unit))| {
            (name, fact.map_or_else(|| "not known".to_owned(), |fact| format!("{fact} {unit}")))
        })
        .collect()
}
