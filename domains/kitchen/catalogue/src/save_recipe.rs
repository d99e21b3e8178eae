//! What creating and changing sub-recipes, dishes and sides have in common.
//!
//! Each change holds the catalogue, checks every line against it and computes what depends on it, so
//! that no stored recipe contains itself or lacks a conversion.

use std::fmt::Display;

use bk_audit::AuditEntry;
use bk_kernel::{ComponentId, DishId, OperationContext, RecipeId};
use bk_kitchen_core::Tier;
use bk_persistence::{DbError, TenantTx};
use serde_json::json;
use thiserror::Error;

use crate::{
    IngredientKey, PublishedMenus,
    dish::{Dish, DishCategory, DishStatus, ShelfLife},
    lines::{DraftLine, RecipeFault, by_size, check_lines},
    recipe::{RecipeError, ServingRecipe, SubRecipe},
    side::{Side, SideKind},
    snapshot::{CatalogueDish, CatalogueSide, CatalogueSnapshot, Computed, Entry, SideStatus},
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
    /// The form repeats another key than the present one.
    #[error("the key never changes")]
    KeyFixed,
    /// The recipe cannot be cooked.
    #[error(transparent)]
    Recipe(#[from] RecipeFault),
    /// The status cannot become the requested one.
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
    /// The change could not be stored.
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

/// What a side is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideContent {
    /// What customers read.
    pub name: String,
    /// The slot it fills.
    pub kind: SideKind,
    /// The lowest account tier that may have it.
    pub tier: Tier,
    /// Whether it stands in for sides above an account's tier.
    pub slot_base: bool,
    /// Whether it can be offered; none keeps it (a new side is then `ACTIVE`).
    pub status: Option<SideStatus>,
    /// One serving of each size.
    pub lines: Vec<DraftLine>,
}

/// Checks a batch, weighs it, and makes sure that everything that uses it can still be computed.
pub(crate) fn weigh_batch(
    snapshot: &CatalogueSnapshot,
    id: RecipeId,
    content: &SubRecipeContent,
) -> Result<SubRecipe, RecipeFault> {
    let mut recipe = SubRecipe {
        name: content.name.clone(),
        makes: Quantity::positive(rust_decimal::Decimal::ONE, Unit::G)
            .map_err(|_| RecipeFault::TooLarge)?,
        lines: check_lines(snapshot, &content.lines, true)?,
        conversions: Conversions::NONE,
    };
    let mut recipes = snapshot.recipes.clone();
    recipes.recipes.insert(id, recipe.clone());
    recipes.check().map_err(RecipeFault::from_error)?;
    let grams = CatalogueSnapshot::cooked_grams(&recipes, &recipe, content.yield_percent)
        .and_then(|grams| {
            Quantity::positive(grams, Unit::G)
                .map_err(|source| RecipeError::Unit { name: content.name.clone(), source })
        })
        .map_err(RecipeFault::from_error)?;
    recipe.makes = grams;
    recipes.recipes.insert(id, recipe.clone());
    let servings = snapshot.dishes.values().map(|dish| &dish.recipe);
    for serving in servings.chain(snapshot.sides.values().map(|side| &side.recipe)) {
        Computed::of(&recipes, serving).map_err(RecipeFault::from_error)?;
    }
    Ok(recipe)
}

/// Puts a dish together and computes what its recipe comes to.
pub(crate) fn compose_dish(
    snapshot: &CatalogueSnapshot,
    id: DishId,
    entry: Entry,
    status: DishStatus,
    content: DishContent,
) -> Result<CatalogueDish, RecipeFault> {
    let (recipe, computed) = compose(snapshot, &content.lines)?;
    Ok(CatalogueDish {
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

/// Refuses to withdraw a dish that a published menu still offers.
pub(crate) async fn refuse_on_menu(
    tx: &TenantTx,
    menus: &dyn PublishedMenus,
    id: DishId,
) -> Result<(), SaveRecipeError> {
    match menus.week_offering(tx, id).await? {
        Some(week) => Err(SaveRecipeError::OnMenu { week }),
        None => Ok(()),
    }
}

/// Puts a side together and computes what its recipe comes to.
pub(crate) fn compose_side(
    snapshot: &CatalogueSnapshot,
    id: ComponentId,
    entry: Entry,
    status: SideStatus,
    content: SideContent,
) -> Result<CatalogueSide, SaveRecipeError> {
    if content.slot_base && (content.tier != Tier::Base || status != SideStatus::Active) {
        return Err(SaveRecipeError::BaseTier);
    }
    let (recipe, computed) = compose(snapshot, &content.lines)?;
    let side = Side { id, name: content.name, kind: content.kind, tier: content.tier };
    Ok(CatalogueSide { entry, side, slot_base: content.slot_base, status, recipe, computed })
}

/// Refuses to withdraw a side that an active preset names.
pub(crate) fn refuse_in_preset(
    snapshot: &CatalogueSnapshot,
    id: ComponentId,
) -> Result<(), SaveRecipeError> {
    let names: Vec<String> = snapshot
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
    snapshot: &CatalogueSnapshot,
    drafts: &[DraftLine],
) -> Result<(ServingRecipe, Computed), RecipeFault> {
    let recipe = by_size(drafts, check_lines(snapshot, drafts, false)?);
    let computed = Computed::of(&snapshot.recipes, &recipe).map_err(RecipeFault::from_error)?;
    Ok((recipe, computed))
}

/// Counts the lines of all sizes, for the audit log.
pub(crate) fn count_lines(recipe: &ServingRecipe) -> usize {
    recipe.sizes.values().map(Vec::len).sum()
}

impl Entry {
    /// Whether the entry is still as the caller read it. Fails with [`SaveRecipeError::Stale`] when
    /// its version is another one, and with [`SaveRecipeError::KeyFixed`] when the form repeats
    /// another key.
    pub(crate) fn check_unchanged(
        &self,
        version: i64,
        key: Option<&IngredientKey>,
    ) -> Result<(), SaveRecipeError> {
        if self.version != version {
            return Err(SaveRecipeError::Stale);
        }
        if key.is_some_and(|key| key.as_str() != self.key) {
            return Err(SaveRecipeError::KeyFixed);
        }
        Ok(())
    }
}

/// Records a change in the audit log, with the number of lines.
pub(crate) async fn record(
    ctx: &OperationContext,
    tx: &TenantTx,
    (action, subject): (&'static str, &'static str),
    id: impl Display,
    lines: usize,
) -> Result<(), DbError> {
    let entry = AuditEntry::of(ctx, action, subject, id).details(json!({ "lines": lines }));
    bk_audit::append(tx, entry).await
}
