use super::*;
use crate::unit::Conversion;

fn q(amount: &str, unit: Unit) -> Quantity {
    Quantity::new(amount.parse().unwrap(), unit).unwrap()
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn ingredient(name: &str, allergens: AllergenInfo) -> IngredientFacts {
    IngredientFacts {
        key: IngredientKey::normalise(name).unwrap(),
        name: name.to_owned(),
        allergens,
        nutrition: Nutrition { protein_g: Some(d("10")), ..Nutrition::ZERO },
        conversions: Conversions::NONE,
        purchase_unit: Unit::Kg,
    }
}

fn line(part: Part, quantity: Quantity) -> RecipeLine {
    RecipeLine { part, quantity, yield_percent: YieldPercent::FULL }
}

fn serving(lines: Vec<RecipeLine>) -> ServingRecipe {
    ServingRecipe { sizes: BTreeMap::from([(MealSize::G300, lines)]) }
}

fn sub(name: &str, makes: Quantity, lines: Vec<RecipeLine>) -> SubRecipe {
    SubRecipe { name: name.to_owned(), makes, lines, conversions: Conversions::NONE }
}

/// Three levels: a sauce made of a paste made of peanuts.
struct Nested {
    snapshot: RecipeIndex,
    peanuts: IngredientId,
    paste: RecipeId,
    sauce: RecipeId,
}

fn nested() -> Nested {
    let (peanuts, paste, sauce) = (IngredientId::new(), RecipeId::new(), RecipeId::new());
    let facts = ingredient("Peanuts", AllergenInfo::declared([Allergen::Peanut]));
    let snapshot = RecipeIndex {
        ingredients: BTreeMap::from([(peanuts, facts)]),
        recipes: BTreeMap::from([
            (
                paste,
                sub(
                    "Paste",
                    q("500", Unit::G),
                    vec![line(Part::Ingredient(peanuts), q("400", Unit::G))],
                ),
            ),
            (
                sauce,
                sub(
                    "Satay sauce",
                    q("1000", Unit::G),
                    vec![line(Part::Recipe(paste), q("250", Unit::G))],
                ),
            ),
        ]),
    };
    Nested { snapshot, peanuts, paste, sauce }
}

#[test]
fn half_of_a_sub_recipe_needs_half_of_its_parts() {
    let n = nested();
    let dish = serving(vec![line(Part::Recipe(n.sauce), q("0.5", Unit::Kg))]);
    let flat = n.snapshot.flatten(&dish, MealSize::G300).unwrap();
    // Half of the sauce is 125 g of paste, a quarter of its 400 g of peanuts.
    assert_eq!(flat.len(), 1);
    assert_eq!(flat[0].ingredient_id, n.peanuts);
    assert_eq!(flat[0].quantity, Ok(q("100", Unit::G)));
    assert_eq!(flat[0].path, ["Satay sauce", "Paste", "Peanuts"]);
}

#[test]
fn an_allergen_three_levels_down_is_found_with_its_path() {
    let n = nested();
    let dish = serving(vec![line(Part::Recipe(n.sauce), q("50", Unit::G))]);
    let found = n.snapshot.composition(&dish, MealSize::G300).unwrap();
    let path = ["Satay sauce", "Paste", "Peanuts"].map(str::to_owned).to_vec();
    assert_eq!(found.allergens, BTreeMap::from([(Allergen::Peanut, BTreeSet::from([path]))]));
    assert_eq!(found.info(), AllergenInfo::declared([Allergen::Peanut]));
}

#[test]
fn a_yield_of_eighty_percent_needs_a_quarter_more() {
    let n = nested();
    let mut cooked = line(Part::Ingredient(n.peanuts), q("1", Unit::Kg));
    cooked.yield_percent = YieldPercent::new(d("80")).unwrap();
    let flat = n.snapshot.flatten(&serving(vec![cooked]), MealSize::G300).unwrap();
    assert_eq!(flat[0].quantity, Ok(q("1.25", Unit::Kg)));
    assert_eq!(YieldPercent::new(Decimal::ZERO), Err(RecipeError::Yield));
}

#[test]
fn a_recipe_that_contains_itself_is_refused_with_the_way_round() {
    let mut n = nested();
    let loop_line = line(Part::Recipe(n.sauce), q("1", Unit::G));
    n.snapshot.recipes.get_mut(&n.paste).unwrap().lines.push(loop_line);
    let dish = serving(vec![line(Part::Recipe(n.sauce), q("1", Unit::G))]);
    let error = n.snapshot.flatten(&dish, MealSize::G300).unwrap_err();
    assert_eq!(error.to_string(), "a recipe contains itself: Satay sauce > Paste > Satay sauce");
    assert!(matches!(n.snapshot.check(), Err(RecipeError::Cycle { .. })));
}

#[test]
fn a_recipe_may_be_used_twice_without_being_a_cycle() {
    let n = nested();
    let twice = vec![
        line(Part::Recipe(n.paste), q("50", Unit::G)),
        line(Part::Recipe(n.sauce), q("100", Unit::G)),
    ];
    let flat = n.snapshot.flatten(&serving(twice), MealSize::G300).unwrap();
    assert_eq!(flat.len(), 2);
    assert_eq!(n.snapshot.check(), Ok(()));
}

#[test]
fn a_missing_conversion_is_an_error_of_the_quantity_but_hides_no_allergen() {
    let n = nested();
    let dish = serving(vec![line(Part::Recipe(n.sauce), q("1", Unit::Cup))]);
    let flat = n.snapshot.flatten(&dish, MealSize::G300).unwrap();
    let source = UnitError::NoPath { from: Unit::Cup, to: Unit::G };
    let error = RecipeError::Unit { name: "Satay sauce".to_owned(), source };
    assert_eq!(flat[0].quantity, Err(error));
    let found = n.snapshot.composition(&dish, MealSize::G300).unwrap();
    assert!(found.allergens.contains_key(&Allergen::Peanut));
    assert_eq!(n.snapshot.nutrition(&dish, MealSize::G300), Ok(Nutrition::UNKNOWN));
}

#[test]
fn one_unknown_ingredient_makes_the_whole_unknown_but_keeps_what_is_known() {
    let mut n = nested();
    let spice = IngredientId::new();
    n.snapshot.ingredients.insert(spice, ingredient("House spice", AllergenInfo::Unknown));
    let dish = serving(vec![
        line(Part::Recipe(n.paste), q("50", Unit::G)),
        line(Part::Ingredient(spice), q("2", Unit::G)),
    ]);
    let found = n.snapshot.composition(&dish, MealSize::G300).unwrap();
    assert_eq!(found.info(), AllergenInfo::Unknown);
    assert!(found.allergens.contains_key(&Allergen::Peanut));
    assert_eq!(found.unknown, BTreeSet::from([vec!["House spice".to_owned()]]));
}

#[test]
fn nutrition_follows_the_weight_through_conversions() {
    let mut n = nested();
    let herb = IngredientId::new();
    let mut facts = ingredient("Parsley", AllergenInfo::free());
    facts.conversions =
        [Conversion::new(q("1", Unit::Bunch), q("60", Unit::G)).unwrap()].into_iter().collect();
    facts.nutrition.energy_kj = None;
    n.snapshot.ingredients.insert(herb, facts);
    let dish = serving(vec![
        line(Part::Ingredient(n.peanuts), q("200", Unit::G)),
        line(Part::Ingredient(herb), q("0.5", Unit::Bunch)),
    ]);
    let facts = n.snapshot.nutrition(&dish, MealSize::G300).unwrap();
    assert_eq!(facts.protein_g, Some(d("23")));
    assert_eq!(facts.energy_kj, None);
}

#[test]
fn a_recipe_that_multiplies_without_end_is_refused_in_good_time() {
    let mut snapshot = nested().snapshot;
    let ids: Vec<_> = (0..20).map(|_| RecipeId::new()).collect();
    let salt = *snapshot.ingredients.keys().next().unwrap();
    for (i, id) in ids.iter().enumerate() {
        let part = ids.get(i + 1).map_or(Part::Ingredient(salt), |next| Part::Recipe(*next));
        let lines = vec![line(part, q("1", Unit::G)); 4];
        snapshot.recipes.insert(*id, sub("Level", q("1", Unit::G), lines));
    }
    let dish = serving(vec![line(Part::Recipe(ids[0]), q("1", Unit::G))]);
    assert_eq!(snapshot.flatten(&dish, MealSize::G300), Err(RecipeError::TooLarge));
}

#[test]
fn a_size_without_a_recipe_is_not_cooked() {
    let n = nested();
    let dish = serving(vec![]);
    let error = n.snapshot.flatten(&dish, MealSize::G400);
    assert_eq!(error, Err(RecipeError::NoRecipe(MealSize::G400)));
}
