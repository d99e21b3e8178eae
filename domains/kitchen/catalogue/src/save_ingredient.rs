//! Creating, changing and deactivating ingredients, and a person's word on their allergens.

use std::collections::BTreeSet;

use bk_kernel::{IngredientId, Permit, RecipeId};
use bk_kitchen_core::{Author, permissions::MenuWrite};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    allergen::Allergen,
    book::CatalogueBook,
    ingredient::{AllergenState, Ingredient, IngredientContent},
    ingredient_key::IngredientKey,
    lines::{sub_recipes_with, uses_of},
    load_book::{begin_change, load_book},
    store,
    unit::Unit,
};

/// Why an ingredient stayed as it was.
#[derive(Debug, Error)]
pub enum SaveIngredientError {
    /// There is no such ingredient.
    #[error("no such ingredient")]
    NotFound,
    /// It changed since it was read.
    #[error("the ingredient changed since it was read")]
    Stale,
    /// Another ingredient has the key.
    #[error("the key is taken")]
    KeyTaken,
    /// Recipes that are cooked use it.
    #[error("recipes use the ingredient")]
    InUse {
        /// Some of them.
        names: Vec<String>,
    },
    /// A recipe uses it in a unit that would no longer convert.
    #[error("{name} uses {from}, which would not convert to {to}")]
    UnitInUse {
        /// The recipe.
        name: String,
        /// Its unit.
        from: Unit,
        /// What it must become.
        to: Unit,
    },
    /// The database refused.
    #[error("database")]
    Db(#[source] DbError),
}

impl From<DbError> for SaveIngredientError {
    fn from(error: DbError) -> Self {
        if error.violates("kitchen_ingredients_key") { Self::KeyTaken } else { Self::Db(error) }
    }
}

/// Creates an ingredient. Allergens given here are a person's word.
pub async fn create_ingredient(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    key: IngredientKey,
    content: IngredientContent,
    allergens: Option<BTreeSet<Allergen>>,
) -> Result<Ingredient, SaveIngredientError> {
    begin_change(tx).await?;
    let ingredient = Ingredient {
        id: IngredientId::new(),
        key,
        content,
        allergens: allergens.map_or(AllergenState::Unknown, AllergenState::Confirmed),
        active: true,
        version: 1,
        created_at: author.at,
    };
    store::insert_ingredient(tx, &ingredient, author.at).await?;
    tell(tx, author, "ingredient.created", &ingredient).await?;
    Ok(ingredient)
}

/// Replaces everything but the key and the allergens.
pub async fn update_ingredient(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    (id, version): (IngredientId, i64),
    content: IngredientContent,
    active: bool,
) -> Result<Ingredient, SaveIngredientError> {
    begin_change(tx).await?;
    let before = find(tx, id).await?;
    if before.version != version {
        return Err(SaveIngredientError::Stale);
    }
    let book = load_book(tx).await?;
    let after = Ingredient { content, active, ..before.clone() };
    check_uses(&book, &after)?;
    write(tx, author, &after).await?;
    reweigh(tx, author, &book, std::slice::from_ref(&after)).await?;
    tell(tx, author, "ingredient.changed", &after).await?;
    Ok(Ingredient { version: version + 1, ..after })
}

/// A person says which allergens an ingredient contains, and that it contains no others. It holds at
/// once for every recipe.
pub async fn confirm_allergens(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    id: IngredientId,
    allergens: BTreeSet<Allergen>,
) -> Result<Ingredient, SaveIngredientError> {
    begin_change(tx).await?;
    let before = find(tx, id).await?;
    let allergens = AllergenState::Confirmed(allergens);
    if before.allergens == allergens {
        return Ok(before);
    }
    let was = before.allergens.name().as_str();
    let after = Ingredient { allergens, ..before };
    write(tx, author, &after).await?;
    let count = after.allergens.confirmed().map_or(0, BTreeSet::len);
    let entry = author
        .entry("ingredient.allergens_confirmed", "ingredient", id.to_string())
        .details(json!({ "key": after.key.as_str(), "was": was, "count": count }));
    bk_audit::append(tx, entry).await?;
    Ok(Ingredient { version: after.version + 1, ..after })
}

/// Takes an ingredient out of use. Refused while a recipe that is cooked uses it.
pub async fn deactivate_ingredient(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    id: IngredientId,
) -> Result<(), SaveIngredientError> {
    begin_change(tx).await?;
    let before = find(tx, id).await?;
    if !before.active {
        return Ok(());
    }
    let after = Ingredient { active: false, ..before };
    check_uses(&load_book(tx).await?, &after)?;
    write(tx, author, &after).await?;
    tell(tx, author, "ingredient.deactivated", &after).await?;
    Ok(())
}

async fn find(tx: &TenantTx, id: IngredientId) -> Result<Ingredient, SaveIngredientError> {
    store::ingredient_by_id(tx, id).await?.ok_or(SaveIngredientError::NotFound)
}

async fn write(
    tx: &TenantTx,
    author: &Author,
    ingredient: &Ingredient,
) -> Result<(), SaveIngredientError> {
    let written = store::update_ingredient(tx, ingredient, author.at).await?;
    if written { Ok(()) } else { Err(SaveIngredientError::Stale) }
}

async fn tell(
    tx: &TenantTx,
    author: &Author,
    action: &'static str,
    ingredient: &Ingredient,
) -> Result<(), DbError> {
    let entry = author
        .entry(action, "ingredient", ingredient.id.to_string())
        .details(json!({ "key": ingredient.key.as_str(), "active": ingredient.active }));
    bk_audit::append(tx, entry).await
}

/// Refuses what would leave a recipe with something it cannot be computed from.
pub(super) fn check_uses(
    book: &CatalogueBook,
    after: &Ingredient,
) -> Result<(), SaveIngredientError> {
    let uses = uses_of(book, after.id);
    if !after.active {
        let names: BTreeSet<&str> =
            uses.iter().filter(|place| place.live).map(|place| place.name).collect();
        if !names.is_empty() {
            let names = names.into_iter().take(3).map(str::to_owned).collect();
            return Err(SaveIngredientError::InUse { names });
        }
    }
    let conversions = after.content.measures.all();
    for place in uses {
        let weighed = place.weighed.then_some(Unit::G);
        for to in [Some(after.content.purchase_unit), weighed].into_iter().flatten() {
            if place.quantity.convert(to, &conversions).is_err() {
                let (name, from) = (place.name.to_owned(), place.quantity.unit());
                return Err(SaveIngredientError::UnitInUse { name, from, to });
            }
        }
    }
    Ok(())
}

/// Weighs the batches again that contain ingredients whose units may have changed.
pub(super) async fn reweigh(
    tx: &TenantTx,
    author: &Author,
    book: &CatalogueBook,
    changed: &[Ingredient],
) -> Result<(), DbError> {
    let mut recipes = book.recipes.clone();
    recipes.ingredients.extend(changed.iter().map(|after| (after.id, after.facts())));
    let batches: BTreeSet<RecipeId> =
        changed.iter().flat_map(|after| sub_recipes_with(book, after.id)).collect();
    for id in batches {
        let (Some(entry), Some(recipe)) = (book.sub_recipes.get(&id), recipes.recipes.get(&id))
        else {
            continue;
        };
        let grams = CatalogueBook::cooked_grams(&recipes, recipe, entry.yield_percent)
            .map_err(|_| DbError::other("a batch that was checked cannot be weighed"))?;
        if grams != recipe.makes.amount() {
            store::set_output(tx, id, grams, author.at).await?;
        }
    }
    Ok(())
}
