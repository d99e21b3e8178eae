//! Creating and changing what has a recipe: sub-recipes, dishes and components.
//!
//! Each change holds the catalogue, checks every line against it and computes what depends on it, so
//! that no stored recipe contains itself or lacks a conversion.

use bk_kernel::{ComponentId, DishId, Permit, RecipeId};
use bk_kitchen_core::{Author, Tier, permissions::MenuWrite};
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use super::{
    book::{
        BookComponent, BookDish, BookSubRecipe, CatalogueBook, ComponentStatus, Computed, Entry,
    },
    component::{Component, ComponentKind},
    dish::{Dish, DishCategory, DishStatus, ShelfLife},
    lines::{DraftLine, RecipeFault, by_size, check_lines},
    load_book::{begin_change, load_book},
    published_menus::PublishedMenus,
    recipe::{ServingRecipe, SubRecipe},
    store,
    unit::{Conversions, Quantity, Unit},
};

/// Why a recipe stayed as it was.
#[derive(Debug, Error)]
pub enum SaveRecipeError {
    /// There is no such thing.
    #[error("no such recipe")]
    NotFound,
    /// It changed since it was read.
    #[error("it changed since it was read")]
    Stale,
    /// Another one has the key.
    #[error("the key is taken")]
    KeyTaken,
    /// The recipe cannot be cooked.
    #[error(transparent)]
    Recipe(#[from] RecipeFault),
    /// The status cannot become the wished one.
    #[error("it is {0}")]
    Status(&'static str),
    /// A published menu that is still to be cooked offers it.
    #[error("a published menu offers it")]
    OnMenu {
        /// The week of that menu.
        week: String,
    },
    /// A stand-in side is of tier BASE.
    #[error("a stand-in side is of tier BASE and active")]
    BaseTier,
    /// Another side is the stand-in of the slot.
    #[error("another side is the stand-in of this slot")]
    BaseTaken,
    /// Presets name the side.
    #[error("presets name the side")]
    InPreset {
        /// Some of them.
        names: Vec<String>,
    },
    /// The database refused.
    #[error("database")]
    Db(#[source] DbError),
}

impl From<DbError> for SaveRecipeError {
    fn from(error: DbError) -> Self {
        const KEYS: [&str; 3] =
            ["kitchen_sub_recipes_key", "kitchen_dishes_key", "kitchen_components_key"];
        if KEYS.iter().any(|key| error.violates(key)) {
            Self::KeyTaken
        } else if error.violates("kitchen_components_one_slot_base") {
            Self::BaseTaken
        } else {
            Self::Db(error)
        }
    }
}

/// What a sub-recipe is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubRecipeContent {
    /// What paths call it.
    pub name: String,
    /// Cooked weight per raw weight, in whole percent from 1 to 100.
    pub yield_percent: i32,
    /// One batch.
    pub lines: Vec<DraftLine>,
}

/// Creates a sub-recipe.
pub async fn create_sub_recipe(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    key: String,
    content: SubRecipeContent,
) -> Result<RecipeId, SaveRecipeError> {
    begin_change(tx).await?;
    let book = load_book(tx).await?;
    let id = RecipeId::new();
    let recipe = batch(&book, id, &content)?;
    let entry = Entry { key, version: 1, created_at: author.at };
    let entry = BookSubRecipe { entry, yield_percent: content.yield_percent };
    store::insert_sub_recipe(tx, id, &entry, &recipe, author.at).await?;
    tell(tx, author, ("sub_recipe.created", "sub_recipe"), id, recipe.lines.len()).await?;
    Ok(id)
}

/// Replaces everything but the key.
pub async fn update_sub_recipe(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    (id, version): (RecipeId, i64),
    content: SubRecipeContent,
) -> Result<(), SaveRecipeError> {
    begin_change(tx).await?;
    let book = load_book(tx).await?;
    let before = book.sub_recipes.get(&id).ok_or(SaveRecipeError::NotFound)?;
    current(before.entry.version, version)?;
    let recipe = batch(&book, id, &content)?;
    let entry = BookSubRecipe { yield_percent: content.yield_percent, ..before.clone() };
    store::update_sub_recipe(tx, id, &entry, &recipe, author.at).await?;
    tell(tx, author, ("sub_recipe.changed", "sub_recipe"), id, recipe.lines.len()).await?;
    Ok(())
}

/// Checks a batch, weighs it, and makes sure that everything that uses it can still be computed.
fn batch(
    book: &CatalogueBook,
    id: RecipeId,
    content: &SubRecipeContent,
) -> Result<SubRecipe, RecipeFault> {
    let mut recipe = SubRecipe {
        name: content.name.clone(),
        makes: Quantity::positive(rust_decimal::Decimal::ONE, Unit::G)
            .map_err(|_| RecipeFault::TooLarge)?,
        lines: check_lines(book, &content.lines, true)?,
        conversions: Conversions::NONE,
    };
    let mut recipes = book.recipes.clone();
    recipes.recipes.insert(id, recipe.clone());
    recipes.check().map_err(RecipeFault::from_error)?;
    let grams = CatalogueBook::cooked_grams(&recipes, &recipe, content.yield_percent)
        .and_then(|grams| {
            Quantity::positive(grams, Unit::G).map_err(|source| super::recipe::RecipeError::Unit {
                name: content.name.clone(),
                source,
            })
        })
        .map_err(RecipeFault::from_error)?;
    recipe.makes = grams;
    recipes.recipes.insert(id, recipe.clone());
    let servings = book.dishes.values().map(|dish| &dish.recipe);
    for serving in servings.chain(book.components.values().map(|side| &side.recipe)) {
        Computed::of(&recipes, serving).map_err(RecipeFault::from_error)?;
    }
    Ok(recipe)
}

/// What a dish is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DishContent {
    /// What customers read.
    pub name: String,
    /// What they read below it.
    pub description: String,
    /// What it is sold as.
    pub category: DishCategory,
    /// How long a meal keeps.
    pub shelf_life: ShelfLife,
    /// Whether presets choose its sides.
    pub configurable: bool,
    /// Whether it can be offered; none keeps it (a new dish is then `ACTIVE`).
    pub status: Option<DishStatus>,
    /// One serving of each size.
    pub lines: Vec<DraftLine>,
}

/// Creates a dish.
pub async fn create_dish(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    key: String,
    content: DishContent,
) -> Result<DishId, SaveRecipeError> {
    begin_change(tx).await?;
    let book = load_book(tx).await?;
    let entry = Entry { key, version: 1, created_at: author.at };
    let status = content.status.unwrap_or(DishStatus::Active);
    let dish = compose_dish(&book, DishId::new(), entry, status, content)?;
    store::insert_dish(tx, &dish, author.at).await?;
    tell(tx, author, ("dish.created", "dish"), dish.dish.id, count(&dish.recipe)).await?;
    Ok(dish.dish.id)
}

/// Replaces everything but the key. A dish that a published menu still offers stays cookable.
pub async fn update_dish(
    tx: &TenantTx,
    menus: &dyn PublishedMenus,
    _permit: Permit<MenuWrite>,
    author: &Author,
    (id, version): (DishId, i64),
    content: DishContent,
) -> Result<(), SaveRecipeError> {
    begin_change(tx).await?;
    let book = load_book(tx).await?;
    let before = book.dishes.get(&id).ok_or(SaveRecipeError::NotFound)?;
    current(before.entry.version, version)?;
    let was = before.dish.status;
    let status = content.status.unwrap_or(was);
    if status != was && !was.may_become(status) {
        return Err(SaveRecipeError::Status(was.as_str()));
    }
    let dish = compose_dish(&book, id, before.entry.clone(), status, content)?;
    if before.can_be_offered() && !dish.can_be_offered() {
        refuse_on_menu(tx, menus, id).await?;
    }
    store::update_dish(tx, &dish, author.at).await?;
    tell(tx, author, ("dish.changed", "dish"), id, count(&dish.recipe)).await?;
    Ok(())
}

/// Takes a dish off the list of what menus can offer. Doing it again changes nothing.
pub async fn retire_dish(
    tx: &TenantTx,
    menus: &dyn PublishedMenus,
    _permit: Permit<MenuWrite>,
    author: &Author,
    id: DishId,
) -> Result<(), SaveRecipeError> {
    begin_change(tx).await?;
    let book = load_book(tx).await?;
    let mut dish = book.dishes.get(&id).cloned().ok_or(SaveRecipeError::NotFound)?;
    if dish.dish.status == DishStatus::Retired {
        return Ok(());
    }
    refuse_on_menu(tx, menus, id).await?;
    dish.dish.status = DishStatus::Retired;
    store::update_dish(tx, &dish, author.at).await?;
    tell(tx, author, ("dish.retired", "dish"), id, count(&dish.recipe)).await?;
    Ok(())
}

fn compose_dish(
    book: &CatalogueBook,
    id: DishId,
    entry: Entry,
    status: DishStatus,
    content: DishContent,
) -> Result<BookDish, RecipeFault> {
    let (recipe, computed) = compose(book, &content.lines)?;
    Ok(BookDish {
        entry,
        dish: Dish {
            id,
            name: content.name,
            category: content.category,
            status,
            shelf_life: content.shelf_life,
            configurable: content.configurable,
        },
        description: content.description,
        recipe,
        computed,
    })
}

async fn refuse_on_menu(
    tx: &TenantTx,
    menus: &dyn PublishedMenus,
    id: DishId,
) -> Result<(), SaveRecipeError> {
    match menus.week_offering(tx, id).await? {
        Some(week) => Err(SaveRecipeError::OnMenu { week }),
        None => Ok(()),
    }
}

/// What a side is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentContent {
    /// What customers read.
    pub name: String,
    /// The slot it fills.
    pub kind: ComponentKind,
    /// The lowest account tier that may have it.
    pub tier: Tier,
    /// Whether it stands in for sides above an account's tier.
    pub slot_base: bool,
    /// Whether it can be offered; none keeps it (a new side is then `ACTIVE`).
    pub status: Option<ComponentStatus>,
    /// One serving of each size.
    pub lines: Vec<DraftLine>,
}

/// Creates a side.
pub async fn create_component(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    key: String,
    content: ComponentContent,
) -> Result<ComponentId, SaveRecipeError> {
    begin_change(tx).await?;
    let book = load_book(tx).await?;
    let entry = Entry { key, version: 1, created_at: author.at };
    let status = content.status.unwrap_or(ComponentStatus::Active);
    let side = compose_component(&book, ComponentId::new(), entry, status, content)?;
    store::insert_component(tx, &side, author.at).await?;
    let id = side.component.id;
    tell(tx, author, ("component.created", "component"), id, count(&side.recipe)).await?;
    Ok(id)
}

/// Replaces everything but the key. A side that active presets name stays, in its slot.
pub async fn update_component(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    (id, version): (ComponentId, i64),
    content: ComponentContent,
) -> Result<(), SaveRecipeError> {
    begin_change(tx).await?;
    let book = load_book(tx).await?;
    let before = book.components.get(&id).ok_or(SaveRecipeError::NotFound)?;
    current(before.entry.version, version)?;
    let status = content.status.unwrap_or(before.status);
    let side = compose_component(&book, id, before.entry.clone(), status, content)?;
    let leaves =
        side.status == ComponentStatus::Retired || side.component.kind != before.component.kind;
    if leaves {
        refuse_in_preset(&book, id)?;
    }
    store::update_component(tx, &side, author.at).await?;
    tell(tx, author, ("component.changed", "component"), id, count(&side.recipe)).await?;
    Ok(())
}

/// Takes a side off the list of what presets can offer. Doing it again changes nothing.
pub async fn retire_component(
    tx: &TenantTx,
    _permit: Permit<MenuWrite>,
    author: &Author,
    id: ComponentId,
) -> Result<(), SaveRecipeError> {
    begin_change(tx).await?;
    let book = load_book(tx).await?;
    let mut side = book.components.get(&id).cloned().ok_or(SaveRecipeError::NotFound)?;
    if side.status == ComponentStatus::Retired {
        return Ok(());
    }
    if side.slot_base {
        return Err(SaveRecipeError::BaseTier);
    }
    refuse_in_preset(&book, id)?;
    side.status = ComponentStatus::Retired;
    store::update_component(tx, &side, author.at).await?;
    tell(tx, author, ("component.retired", "component"), id, count(&side.recipe)).await?;
    Ok(())
}

fn compose_component(
    book: &CatalogueBook,
    id: ComponentId,
    entry: Entry,
    status: ComponentStatus,
    content: ComponentContent,
) -> Result<BookComponent, SaveRecipeError> {
    if content.slot_base && (content.tier != Tier::Base || status != ComponentStatus::Active) {
        return Err(SaveRecipeError::BaseTier);
    }
    let (recipe, computed) = compose(book, &content.lines)?;
    let component = Component { id, name: content.name, kind: content.kind, tier: content.tier };
    Ok(BookComponent { entry, component, slot_base: content.slot_base, status, recipe, computed })
}

fn refuse_in_preset(book: &CatalogueBook, id: ComponentId) -> Result<(), SaveRecipeError> {
    let names: Vec<String> = book
        .presets
        .values()
        .filter(|preset| preset.active)
        .filter(|preset| {
            let mut layouts = preset.preset.layouts().iter();
            layouts.any(|l| l.vegetables.contains(&id) || l.carbohydrates.contains(&id))
        })
        .map(|preset| preset.name.clone())
        .take(3)
        .collect();
    if names.is_empty() { Ok(()) } else { Err(SaveRecipeError::InPreset { names }) }
}

fn compose(
    book: &CatalogueBook,
    drafts: &[DraftLine],
) -> Result<(ServingRecipe, Computed), RecipeFault> {
    let recipe = by_size(drafts, check_lines(book, drafts, false)?);
    let computed = Computed::of(&book.recipes, &recipe).map_err(RecipeFault::from_error)?;
    Ok((recipe, computed))
}

fn count(recipe: &ServingRecipe) -> usize {
    recipe.sizes.values().map(Vec::len).sum()
}

fn current(stored: i64, read: i64) -> Result<(), SaveRecipeError> {
    if stored == read { Ok(()) } else { Err(SaveRecipeError::Stale) }
}

async fn tell(
    tx: &TenantTx,
    author: &Author,
    (action, subject): (&'static str, &'static str),
    id: impl ToString,
    lines: usize,
) -> Result<(), DbError> {
    let entry = author.entry(action, subject, id.to_string()).details(json!({ "lines": lines }));
    bk_audit::append(tx, entry).await
}
