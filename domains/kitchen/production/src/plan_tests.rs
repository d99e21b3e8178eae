use std::collections::BTreeSet;

use bk_kernel::IngredientId;
use bk_kitchen_catalogue::{
    Allergen, AllergenInfo, Conversions, IngredientKey, Quantity, Side, SideKind, Unit, UnitError,
    preset::{Layout, Preset},
    recipe::{IngredientFacts, Part, RecipeLine, YieldPercent},
};
use bk_kitchen_core::Tier;
use bk_kitchen_ordering::orders::{AvailableSides, LineRequest, allocate};
use proptest::prelude::*;

use super::*;

fn q(amount: &str, unit: Unit) -> Quantity {
    Quantity::new(amount.parse().unwrap(), unit).unwrap()
}

fn monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 30).unwrap()
}

struct World {
    snapshot: RecipeSnapshot,
    dishes: Vec<DishId>,
    sides: Vec<Side>,
}

fn ingredient(
    snapshot: &mut RecipeSnapshot,
    name: &str,
    unit: Unit,
    allergens: AllergenInfo,
) -> IngredientId {
    let id = IngredientId::new();
    snapshot.recipes.ingredients.insert(
        id,
        IngredientFacts {
            key: IngredientKey::normalise(name).unwrap(),
            name: name.to_owned(),
            allergens,
            nutrition: Nutrition { energy_kj: Some(1_000.into()), ..Nutrition::ZERO },
            conversions: Conversions::NONE,
            purchase_unit: unit,
        },
    );
    id
}

fn serving(id: IngredientId, amount: &str, unit: Unit) -> ServingRecipe {
    let line = RecipeLine {
        part: Part::Ingredient(id),
        quantity: q(amount, unit),
        yield_percent: YieldPercent::FULL,
    };
    ServingRecipe { sizes: MealSize::ALL.map(|size| (size, vec![line])).into() }
}

fn world() -> World {
    let mut snapshot = RecipeSnapshot::default();
    let beef = ingredient(&mut snapshot, "Beef", Unit::Kg, AllergenInfo::free());
    let herb = ingredient(&mut snapshot, "Parsley", Unit::Bunch, AllergenInfo::free());
    let rice = ingredient(&mut snapshot, "Rice", Unit::Kg, AllergenInfo::free());
    let pesto =
        ingredient(&mut snapshot, "Pesto", Unit::Jar, AllergenInfo::declared([Allergen::Milk]));
    let mut dishes = Vec::new();
    for (name, recipe) in
        [("Beef", serving(beef, "200", Unit::G)), ("Tabouleh", serving(herb, "0.4", Unit::Bunch))]
    {
        let id = DishId::new();
        let shelf_life = ShelfLife::try_from(4).unwrap();
        snapshot.dishes.insert(id, CookedDish { name: name.to_owned(), recipe, shelf_life });
        dishes.push(id);
    }
    let mut sides = Vec::new();
    for (name, kind, recipe) in [
        ("Pesto greens", SideKind::Vegetable, serving(pesto, "0.5", Unit::Jar)),
        ("Rice", SideKind::Carbohydrate, serving(rice, "100", Unit::G)),
    ] {
        let id = ComponentId::new();
        snapshot.sides.insert(id, CookedSide { name: name.to_owned(), recipe });
        sides.push(Side { id, name: name.to_owned(), kind, tier: Tier::Base });
    }
    World { snapshot, dishes, sides }
}

fn order(reference: &str, quantities: &[(DishId, MealSize, i32)]) -> LockedOrder {
    let requests: Vec<_> = quantities
        .iter()
        .map(|(dish_id, size, quantity)| LineRequest {
            dish_id: *dish_id,
            size: *size,
            quantity: *quantity,
        })
        .collect();
    let lines = OrderLines::new(&requests).unwrap();
    LockedOrder {
        order_id: OrderId::new(),
        account_id: AccountId::new(),
        customer_reference: reference.to_owned(),
        allocation: Allocation::fixed(&lines),
        lines,
    }
}

fn with_sides(world: &World, mut order: LockedOrder) -> LockedOrder {
    let set = |i: usize| BTreeSet::from([world.sides[i].id]);
    let layout = |position, vegetables, percent| Layout {
        position,
        vegetables,
        carbohydrates: set(1),
        percent,
    };
    let preset = Preset::new(vec![layout(0, set(0), 50), layout(1, BTreeSet::new(), 50)]).unwrap();
    let available = AvailableSides {
        sides: world.sides.iter().map(|side| (side.id, side.clone())).collect(),
        ..AvailableSides::default()
    };
    let all = world.dishes.iter().copied().collect();
    order.allocation = allocate(&order.lines, &all, &preset, &available).unwrap();
    order
}

#[test]
fn three_orders_of_two_fifths_of_a_bunch_need_two_bunches() {
    let w = world();
    let one = [(w.dishes[1], MealSize::G300, 1)];
    let orders = [order("A", &one), order("B", &one), order("C", &one)];
    let plan = ProductionPlan::freeze(&orders, &w.snapshot, monday()).unwrap();
    assert_eq!(plan.requirements[0].quantity, q("1.2", Unit::Bunch));
    assert_eq!(plan.purchasing[0].buy, q("2", Unit::Bunch));
    // The bunch left over serves the next two meals; the third needs another.
    let frozen = plan.clone();
    let two = [order("D", &[(w.dishes[1], MealSize::G300, 2)])];
    let delta =
        ProductionPlan::delta(std::slice::from_ref(&plan), &two, &w.snapshot, monday()).unwrap();
    assert_eq!((delta.number, delta.purchasing.len()), (1, 0));
    let more = [order("E", &one)];
    let next = ProductionPlan::delta(&[delta, plan.clone()], &more, &w.snapshot, monday()).unwrap();
    assert_eq!((next.number, next.purchasing[0].buy), (2, q("1", Unit::Bunch)));
    assert_eq!(plan, frozen);
}

#[test]
fn a_label_carries_dish_and_sides_and_the_use_by_date() {
    let w = world();
    let orders = [with_sides(&w, order("GF-7", &[(w.dishes[0], MealSize::G400, 2)]))];
    let plan = ProductionPlan::freeze(&orders, &w.snapshot, monday()).unwrap();
    assert_eq!(plan.labels.len(), 2);
    let label = plan.labels.iter().find(|label| label.side_names.len() == 2).unwrap();
    assert_eq!((label.dish_name.as_str(), label.customer_reference.as_str()), ("Beef", "GF-7"));
    assert_eq!(label.side_names, ["Pesto greens", "Rice"]);
    assert_eq!(label.use_by, NaiveDate::from_ymd_opt(2026, 12, 4).unwrap());
    assert!(label.composition.allergens.contains_key(&Allergen::Milk));
    // The weight of half a jar of pesto is unknown, so this meal's facts are; the other's are not.
    assert_eq!(label.nutrition.energy_kj, None);
    let other = plan.labels.iter().find(|label| label.side_names.len() == 1).unwrap();
    assert_eq!(other.nutrition.energy_kj, Some(3_000.into()));
    assert!(other.composition.allergens.is_empty());
}

#[test]
fn an_ingredient_without_a_way_into_its_purchasing_unit_fails_by_name() {
    let mut w = world();
    let jar = w.sides[0].id;
    let pesto = *w.snapshot.recipes.ingredients.iter().find(|(_, f)| f.name == "Pesto").unwrap().0;
    w.snapshot.sides.get_mut(&jar).unwrap().recipe = serving(pesto, "40", Unit::G);
    let orders = [with_sides(&w, order("A", &[(w.dishes[0], MealSize::G300, 2)]))];
    let error = ProductionPlan::freeze(&orders, &w.snapshot, monday()).unwrap_err();
    let source = UnitError::NoPath { from: Unit::G, to: Unit::Jar };
    let expected = RecipeError::Unit { name: "Pesto".to_owned(), source };
    assert_eq!(error, PlanError::Recipe(expected));
}

#[test]
fn an_order_is_cooked_once() {
    let w = world();
    let orders = [order("A", &[(w.dishes[0], MealSize::G300, 1)])];
    let plan = ProductionPlan::freeze(&orders, &w.snapshot, monday()).unwrap();
    let again = ProductionPlan::delta(&[plan], &orders, &w.snapshot, monday());
    assert_eq!(again, Err(PlanError::OrderTwice(orders[0].order_id)));
}

#[test]
fn an_allocation_that_lost_a_meal_is_not_cooked() {
    let w = world();
    let mut short = order("A", &[(w.dishes[0], MealSize::G300, 2)]);
    short.allocation.lines[0].portions[0].meals = 1;
    let plan = ProductionPlan::freeze(&[short], &w.snapshot, monday());
    assert_eq!(plan, Err(PlanError::NotConserved));
}

#[test]
fn a_plan_is_stored_and_read_back_whole() {
    let w = world();
    let orders = [with_sides(&w, order("A", &[(w.dishes[1], MealSize::G300, 3)]))];
    let plan = ProductionPlan::freeze(&orders, &w.snapshot, monday()).unwrap();
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json["meals"][0]["size"], 300);
    assert_eq!(serde_json::from_value::<ProductionPlan>(json).unwrap(), plan);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_ordered_meal_is_planned_labelled_and_packed_once_in_any_order_of_input(
        wanted in proptest::collection::vec((0i32..=50, 0i32..=50, any::<bool>()), 1..6),
        late in 0usize..6,
    ) {
        let w = world();
        let orders: Vec<_> = wanted
            .iter()
            .enumerate()
            .map(|(i, (beef, salad, sides))| {
                let lines: Vec<_> = [(w.dishes[0], MealSize::G300, *beef), (w.dishes[1], MealSize::G400, *salad)]
                    .into_iter()
                    .filter(|(_, _, meals)| *meals > 0)
                    .collect();
                let plain = order(&format!("C{}", i % 3), &lines);
                if *sides { with_sides(&w, plain) } else { plain }
            })
            .collect();
        let (first, second) = orders.split_at(late.min(orders.len()));
        let frozen = ProductionPlan::freeze(first, &w.snapshot, monday()).unwrap();
        let delta = ProductionPlan::delta(std::slice::from_ref(&frozen), second, &w.snapshot, monday()).unwrap();
        prop_assert_eq!(frozen.check(first), Ok(()));
        prop_assert_eq!(delta.check(second), Ok(()));
        let meals: i64 = orders.iter().map(|o| i64::from(o.lines.meals_needed().total())).sum();
        prop_assert_eq!(frozen.total_meals() + delta.total_meals(), meals);
        prop_assert_eq!(i64::try_from(frozen.labels.len() + delta.labels.len()).unwrap(), meals);
        let mut reversed = first.to_vec();
        reversed.reverse();
        prop_assert_eq!(&ProductionPlan::freeze(&reversed, &w.snapshot, monday()).unwrap(), &frozen);
        // Bought in two goes is bought at once.
        let all = ProductionPlan::freeze(&orders, &w.snapshot, monday()).unwrap();
        for line in &all.purchasing {
            let bought = |plan: &ProductionPlan| {
                plan.purchasing.iter().find(|l| l.ingredient_id == line.ingredient_id).map_or(0.into(), |l| l.buy.amount())
            };
            prop_assert_eq!(line.buy.amount(), bought(&frozen) + bought(&delta));
        }
    }
}
