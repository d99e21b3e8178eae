//! Ingredients, sub-recipes and dishes.

use bk_kernel::RecipeId;
use bk_kitchen_catalogue::{
    Allergen, DishStatus, IngredientKey, Nutrition, Unit,
    commands::{Create, Update},
    create_dish,
    create_ingredient::{CreateIngredient, create_ingredient},
    deactivate_ingredient,
    ingredient::{IngredientContent, Measures},
    lines::{LineFault, RecipeFault},
    recipe::Part,
    retire_dish,
    save_ingredient::SaveIngredientError,
    save_recipe::SaveRecipeError,
    update_dish,
    update_ingredient::{UpdateIngredient, update_ingredient},
};
use bk_kitchen_core::MealSize;
use bk_kitchen_ordering::menu::StoredMenus;
use rust_decimal::Decimal;

use crate::fixture::stocked::{Kitchen, batch, both, cook, dish};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_dish_of_imported_foods_shows_its_allergens_with_paths_and_its_facts() {
    let kitchen = Kitchen::stocked().await;
    let beef = Part::Ingredient(kitchen.ingredient("beef_cheek").await);
    let butter = Part::Ingredient(kitchen.ingredient("cultured_butter").await);
    let tomatoes = Part::Ingredient(kitchen.ingredient("tomatoes_crushed").await);
    let curry = Part::Ingredient(kitchen.ingredient("house_curry_powder").await);
    let lines = vec![batch(tomatoes, "2", Unit::Can), batch(butter, "40", Unit::G)];
    let sauce = kitchen.sub_recipe("sauce", 80, lines).await.unwrap();
    let snapshot = kitchen.snapshot().await;
    // Two cans of 400 g and 40 g of butter, of which 80 % are left.
    assert_eq!(snapshot.recipes.recipes[&sauce].makes.amount(), decimal("672"));

    let mut lines = both(beef, "100", Unit::G);
    lines.extend(both(Part::Recipe(sauce), "84", Unit::G));
    let id = kitchen.dish("ragu", lines.clone()).await.unwrap();
    let snapshot = kitchen.snapshot().await;
    let ragu = &snapshot.dishes[&id];
    let milk = &ragu.computed.composition.allergens[&Allergen::Milk];
    assert_eq!(milk.iter().collect::<Vec<_>>(), [&["sauce", "Cultured butter"]]);
    assert!(ragu.computed.composition.unknown.is_empty());
    let facts = ragu.computed.servings[&MealSize::G300].nutrition;
    // An eighth of the batch: 100 g of tomatoes (4.8 g) and 5 g of butter (0.04 g).
    assert_eq!(facts.carbohydrate_g, Some(decimal("4.84")));
    assert_eq!(facts.sodium_mg, None, "the sodium of the butter is unknown, not zero");
    assert!(ragu.can_be_on_menu());

    lines.extend(both(curry, "2", Unit::G));
    let version = ragu.entry.version;
    kitchen
        .run(move |tx| async move {
            let content = dish("ragu", lines);
            let update = Update { id, version, key: None, content };
            update_dish(&cook(&tx), &tx, &StoredMenus, update).await
        })
        .await
        .unwrap();
    let snapshot = kitchen.snapshot().await;
    let unknown = &snapshot.dishes[&id].computed.composition.unknown;
    assert_eq!(unknown.iter().collect::<Vec<_>>(), [&["House curry powder"]]);
}

#[tokio::test]
async fn a_line_without_a_conversion_is_refused_at_its_place() {
    let kitchen = Kitchen::stocked().await;
    let beef = Part::Ingredient(kitchen.ingredient("beef_cheek").await);
    let mut lines = both(beef, "100", Unit::G);
    lines.extend(both(beef, "1", Unit::Can));
    let outcome = kitchen.dish("stew", lines).await;
    let Err(SaveRecipeError::Recipe(RecipeFault::Lines(faults))) = outcome else {
        panic!("it was not refused")
    };
    let fault = LineFault::NoConversion { from: Unit::Can, to: Unit::Kg };
    assert_eq!(faults, [(2, fault), (3, fault)]);
}

#[tokio::test]
async fn what_is_of_another_kitchen_does_not_exist() {
    let kitchen = Kitchen::stocked().await;
    let beef = Part::Ingredient(kitchen.ingredient("beef_cheek").await);
    let other = kitchen.db.tenant("northside").await;
    let outcome = kitchen
        .db
        .app
        .tenant(other)
        .run(move |tx| async move {
            let content = dish("stew", both(beef, "100", Unit::G));
            let key = IngredientKey::normalise("stew").unwrap();
            create_dish(&cook(&tx), &tx, Create { key, content }).await
        })
        .await;
    let Err(SaveRecipeError::Recipe(RecipeFault::Lines(faults))) = outcome else {
        panic!("it was not refused")
    };
    assert_eq!(faults[0], (0, LineFault::UnknownIngredient));
}

#[tokio::test]
async fn a_recipe_that_would_contain_itself_is_refused() {
    let kitchen = Kitchen::stocked().await;
    let garlic = Part::Ingredient(kitchen.ingredient("garlic").await);
    let a = kitchen.sub_recipe("a", 100, vec![batch(garlic, "100", Unit::G)]).await.unwrap();
    let of_a = vec![batch(Part::Recipe(a), "50", Unit::G)];
    let b = kitchen.sub_recipe("b", 100, of_a).await.unwrap();
    let outcome = kitchen.change_sub_recipe(a, vec![batch(Part::Recipe(b), "10", Unit::G)]).await;
    let Err(SaveRecipeError::Recipe(RecipeFault::Cycle(path))) = outcome else {
        panic!("it was not refused")
    };
    assert_eq!(path.first(), path.last());
}

#[tokio::test]
async fn two_people_cannot_close_a_cycle_together() {
    let kitchen = Kitchen::stocked().await;
    let garlic = Part::Ingredient(kitchen.ingredient("garlic").await);
    let plain = || vec![batch(garlic, "100", Unit::G)];
    let a = kitchen.sub_recipe("a", 100, plain()).await.unwrap();
    let b = kitchen.sub_recipe("b", 100, plain()).await.unwrap();
    let on = |id: RecipeId| vec![batch(Part::Recipe(id), "10", Unit::G)];
    let (first, second) =
        tokio::join!(kitchen.change_sub_recipe(a, on(b)), kitchen.change_sub_recipe(b, on(a)));
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert!(kitchen.snapshot().await.recipes.check().is_ok());
}

#[tokio::test]
async fn an_ingredient_in_use_stays_and_keeps_its_units() {
    let kitchen = Kitchen::stocked().await;
    let id = kitchen.ingredient("garlic").await;
    let clove = vec![batch(Part::Ingredient(id), "5", Unit::Clove)];
    let paste = kitchen.sub_recipe("paste", 100, clove).await.unwrap();
    let outcome = kitchen
        .run(move |tx| async move { deactivate_ingredient(&cook(&tx), &tx, id).await })
        .await;
    assert!(matches!(outcome, Err(SaveIngredientError::InUse { names }) if names == ["paste"]));

    let without = IngredientContent {
        name: "Garlic".to_owned(),
        category: String::new(),
        nutrition: Nutrition::UNKNOWN,
        purchase_unit: Unit::Kg,
        measures: Measures::default(),
    };
    let outcome = update_garlic(&kitchen, without.clone()).await;
    assert!(matches!(outcome, Err(SaveIngredientError::UnitInUse { from: Unit::Clove, .. })));

    // A heavier clove makes a heavier batch.
    let heavier = bk_kitchen_catalogue::import::csv::parse(
        b"name,category,allergens,energy_kj,protein_g,fat_g,saturated_fat_g,carbohydrate_g,sugars_g,sodium_mg,default_unit,conversions\nGarlic,,,,,,,,,,,clove=6g\n",
    );
    kitchen.import(heavier, bk_kitchen_catalogue::ImportMode::Apply).await.unwrap();
    assert_eq!(kitchen.snapshot().await.recipes.recipes[&paste].makes.amount(), decimal("30"));
}

async fn update_garlic(
    kitchen: &Kitchen,
    content: IngredientContent,
) -> Result<(), SaveIngredientError> {
    let id = kitchen.ingredient("garlic").await;
    let update = UpdateIngredient {
        id,
        version: 1,
        key: None,
        allergens: None,
        content,
        active: Some(true),
    };
    kitchen
        .run(move |tx| async move { update_ingredient(&cook(&tx), &tx, update).await })
        .await
        .map(drop)
}

#[tokio::test]
async fn keys_are_unique_and_stale_versions_refused() {
    let kitchen = Kitchen::stocked().await;
    let content = IngredientContent {
        name: "garlic".to_owned(),
        category: String::new(),
        nutrition: Nutrition::UNKNOWN,
        purchase_unit: Unit::Kg,
        measures: Measures::default(),
    };
    let twin = content.clone();
    let outcome = kitchen
        .run(move |tx| async move {
            let key = IngredientKey::normalise("garlic").unwrap();
            let create = CreateIngredient { key, content: twin, allergens: None };
            create_ingredient(&cook(&tx), &tx, create).await
        })
        .await;
    assert!(matches!(outcome, Err(SaveIngredientError::KeyTaken)));
    update_garlic(&kitchen, content.clone()).await.unwrap();
    let again = update_garlic(&kitchen, content).await;
    assert!(matches!(again, Err(SaveIngredientError::Stale)));
}

#[tokio::test]
async fn a_persons_word_on_allergens_reaches_every_dish_at_once() {
    let kitchen = Kitchen::stocked().await;
    let curry = Part::Ingredient(kitchen.ingredient("house_curry_powder").await);
    let mild = kitchen.sub_recipe("mild", 100, vec![batch(curry, "10", Unit::G)]).await.unwrap();
    let id = kitchen.dish("curry", both(Part::Recipe(mild), "5", Unit::G)).await.unwrap();
    assert!(!kitchen.snapshot().await.dishes[&id].computed.composition.unknown.is_empty());
    kitchen.confirm("house_curry_powder", &[Allergen::Sesame]).await.unwrap();
    let snapshot = kitchen.snapshot().await;
    let composition = &snapshot.dishes[&id].computed.composition;
    assert!(composition.unknown.is_empty());
    assert_eq!(composition.allergens.keys().collect::<Vec<_>>(), [&Allergen::Sesame]);
}

#[tokio::test]
async fn a_retired_dish_can_be_taken_up_again() {
    let kitchen = Kitchen::stocked().await;
    let beef = Part::Ingredient(kitchen.ingredient("beef_cheek").await);
    let id = kitchen.dish("stew", both(beef, "100", Unit::G)).await.unwrap();
    for _ in 0..2 {
        kitchen
            .run(move |tx| async move { retire_dish(&cook(&tx), &tx, &StoredMenus, id).await })
            .await
            .unwrap();
    }
    let snapshot = kitchen.snapshot().await;
    assert_eq!(snapshot.dishes[&id].dish.status, DishStatus::Retired);
    let version = snapshot.dishes[&id].entry.version;
    kitchen
        .run(move |tx| async move {
            let mut content = dish("stew", both(beef, "120", Unit::G));
            content.status = Some(DishStatus::Active);
            let update = Update { id, version, key: None, content };
            update_dish(&cook(&tx), &tx, &StoredMenus, update).await
        })
        .await
        .unwrap();
    assert!(kitchen.snapshot().await.dishes[&id].can_be_on_menu());
}
