//! The sheets of a small fixed week, as files and pages.

use std::collections::{BTreeMap, BTreeSet};

use bk_kernel::{AccountId, ComponentId, DishId, IngredientId, OrderId};
use bk_kitchen_catalogue::{
    Allergen, AllergenInfo, Conversions, Nutrition, Quantity, ShelfLife, Unit,
    recipe::{IngredientFacts, Part, RecipeLine, ServingRecipe, YieldPercent},
};
use bk_kitchen_core::MealSize;
use bk_kitchen_ordering::orders::{
    Allocation, LineAllocation, LineRequest, OrderLines, Portion, Sides,
};
use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::plan::{
    CookedDish, CookedSide, FrozenPlan, LockedOrder, ProductionPlan, RecipeSnapshot,
};

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

fn serving(ingredient: u128, grams: i64) -> ServingRecipe {
    let line = RecipeLine {
        part: Part::Ingredient(id(ingredient)),
        quantity: Quantity::new(grams.into(), Unit::G).unwrap(),
        yield_percent: YieldPercent::FULL,
    };
    ServingRecipe { sizes: MealSize::ALL.map(|size| (size, vec![line])).into() }
}

fn snapshot() -> RecipeSnapshot {
    let mut snapshot = RecipeSnapshot::default();
    let ingredients = [
        (1, "Beef", AllergenInfo::free(), Some(900)),
        (2, "Penne, dried", AllergenInfo::declared([Allergen::Wheat, Allergen::Egg]), Some(1500)),
        (3, "House dressing", AllergenInfo::Unknown, None),
    ];
    for (number, name, allergens, energy) in ingredients {
        let nutrition = Nutrition { energy_kj: energy.map(Into::into), ..Nutrition::UNKNOWN };
        let facts = IngredientFacts {
            key: bk_kitchen_catalogue::IngredientKey::normalise(name).unwrap(),
            name: name.to_owned(),
            allergens,
            nutrition,
            conversions: Conversions::NONE,
            purchase_unit: Unit::Kg,
        };
        snapshot.recipes.ingredients.insert(id::<IngredientId>(number), facts);
    }
    for (number, name, ingredient) in
        [(10, "=Beef \"à la carte\"", 1), (11, "Pasta <b>al forno</b>", 2)]
    {
        let dish = CookedDish {
            name: name.to_owned(),
            recipe: serving(ingredient, 250),
            shelf_life: ShelfLife::try_from(4).unwrap(),
        };
        snapshot.dishes.insert(id::<DishId>(number), dish);
    }
    let side = CookedSide { name: "Dressed leaves".to_owned(), recipe: serving(3, 60) };
    snapshot.sides.insert(id::<ComponentId>(20), side);
    snapshot
}

fn order(number: u128, reference: &str, meals: &[(u128, MealSize, i32, bool)]) -> LockedOrder {
    let requests: Vec<_> = meals
        .iter()
        .map(|(dish, size, quantity, _)| LineRequest {
            dish_id: id(*dish),
            size: *size,
            quantity: *quantity,
        })
        .collect();
    let lines = OrderLines::new(&requests).unwrap();
    let sides = Sides { vegetables: BTreeSet::from([id(20)]), carbohydrates: BTreeSet::new() };
    let assigned = lines.iter().zip(meals).map(|(line, (.., with_side))| {
        let sides = if *with_side { sides.clone() } else { Sides::NONE };
        let portion = Portion { layout: with_side.then_some(0), sides, meals: line.quantity };
        let (position, dish_id, size) = (line.position, line.dish_id, line.size);
        LineAllocation { position, dish_id, size, portions: vec![portion] }
    });
    let allocation = Allocation { lines: assigned.collect(), replacements: Vec::new() };
    LockedOrder {
        order_id: id::<OrderId>(number),
        account_id: id::<AccountId>(number + 100),
        customer_reference: reference.to_owned(),
        lines,
        allocation,
    }
}

fn plans() -> Vec<FrozenPlan> {
    let day = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    let orders = [
        order(30, "A-0002", &[(10, MealSize::G300, 2, true), (11, MealSize::G400, 1, false)]),
        order(31, "A-0001", &[(11, MealSize::G400, 1, false)]),
    ];
    let frozen = ProductionPlan::freeze(&orders, &snapshot(), day).unwrap();
    let late = [order(32, "A-0003", &[(10, MealSize::G300, 1, false)])];
    let earlier = std::slice::from_ref(&frozen);
    let delta = ProductionPlan::delta(earlier, &late, &snapshot(), day).unwrap();
    vec![
        FrozenPlan { plan: frozen, frozen_at: "2026-11-29T23:00:00Z".parse().unwrap() },
        FrozenPlan { plan: delta, frozen_at: "2026-11-30T01:30:00Z".parse().unwrap() },
    ]
}

const ALL: [Sheet; 5] =
    [Sheet::Production, Sheet::Ingredients, Sheet::Purchasing, Sheet::Labels, Sheet::Packing];

#[test]
fn the_files_of_a_week() {
    for sheet in ALL {
        insta::assert_snapshot!(format!("{}.csv", sheet.file_stem()), to_csv(sheet, &plans()));
    }
}

#[test]
fn the_pages_of_a_week() {
    let heading = Heading {
        tenant: "Food & Co".to_owned(),
        week: "2026-W49".to_owned(),
        time_zone: "Australia/Brisbane".to_owned(),
    };
    for sheet in ALL {
        let page = to_html(sheet, &heading, &plans()).unwrap();
        // The style has a file of its own and is not repeated in the snapshots.
        let page = page.replace(STYLE, "…");
        insta::assert_snapshot!(format!("{}.html", sheet.file_stem()), page);
    }
}

#[test]
fn a_page_carries_its_style_exactly_so_that_the_hash_fits() {
    let heading = Heading { tenant: String::new(), week: String::new(), time_zone: String::new() };
    let page = to_html(Sheet::Labels, &heading, &plans()).unwrap();
    let (_, rest) = page.split_once("<style>").unwrap();
    assert_eq!(rest.split_once("</style>").unwrap().0, STYLE);
    assert!(!page.contains("<b>al forno"));
}

#[test]
fn no_cell_is_a_formula() {
    for sheet in ALL {
        for line in to_csv(sheet, &plans()).lines() {
            for cell in line.split(',') {
                let cell = cell.trim_start_matches('"');
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            }
        }
    }
}

#[test]
fn a_label_says_what_nobody_confirmed() {
    let plans = plans();
    let csv = to_csv(Sheet::Labels, &plans);
    assert!(csv.contains("Allergens not confirmed"));
    assert!(csv.contains("\"Contains: Wheat, Egg\""));
    let sums: BTreeMap<u32, i64> =
        plans.iter().map(|frozen| (frozen.plan.number, frozen.plan.total_meals())).collect();
    assert_eq!(sums, BTreeMap::from([(0, 4), (1, 1)]));
}
